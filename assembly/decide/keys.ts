/** Float64 in their order as int64: thresholds that can be halved, with a next one above. Of -0 the key is that of 0. */

/** The key of -Infinity: the next one is the least that is anything. */
// @ts-ignore: decorator
@inline export const NOTHING: i64 = 0x800fffffffffffff;

export function keyOf(v: f64): i64 {
  const bits = reinterpret<i64>(v + 0);
  return bits ^ ((bits >> 63) & i64.MAX_VALUE);
}

export function valueOf(key: i64): f64 {
  return reinterpret<f64>(key ^ ((key >> 63) & i64.MAX_VALUE));
}

/** The least float32 whose key is not below; NaN where there is none, which nothing reaches. */
export function reaching(key: i64): f32 {
  const v = valueOf(key);
  const rounded = <f32>v;
  if (<f64>rounded >= v) return rounded;
  if (!(v < Infinity)) return NaN;
  const bits = reinterpret<i32>(rounded);
  // Below 0 the next one above has the lower bits; -0 does not come up, as 0 ≥ v would be.
  return reinterpret<f32>(bits + (rounded < 0 ? -1 : 1));
}
