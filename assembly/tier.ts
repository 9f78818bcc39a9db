/**
 * The one difference between the two builds: a·b + c is a relaxed FMA in `relaxed`, a product and a sum in `simd`.
 * A relaxed FMA may be fused or not, at the engine's choice: bounds hold for both, bits are promised for `simd` only.
 */

/** 1 simd, 2 relaxed: an immutable exported global, so that a caller can tell which module it was given. */
export const tier: i32 = ASC_FEATURE_RELAXED_SIMD ? 2 : 1;

/** Grows by one with every change of an export's name, arguments or memory layout. */
export const abi: i32 = 7;

/** a·b + c in each lane. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b in each lane. */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}
