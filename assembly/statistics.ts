import { expVectors } from './exp';
import { expSmall2, log1p2 } from './f64';
import { demote } from './lanes';
import { promoteAt, State } from './state';
import { MAGIC, Table } from './table';

/** What follows from a group's statistics once a row: in all four lanes, or in so many pairs of them. */

/** From the max: the row's shift, power of two, and lower clamp. */
export function ready(k: Table, s: State): void {
  const m = s.max;
  const large = f32x4.gt(f32x4.abs(m), k.limit);
  s.edge = m;
  s.shift = v128.and(m, large);
  const n = f32x4.nearest(f32x4.mul(v128.andnot(m, large), k.log2e));
  s.magic = f32x4.sub(f32x4.splat(MAGIC), n);
  s.low = f32x4.mul(f32x4.sub(n, f32x4.splat(127)), k.ln2);
}

/** e of the max from the max and what follows from it; in float64 in so many pairs of lanes. */
export function maxExp(k: Table, s: State, pairs: u32): void {
  const at = changetype<usize>(s);
  expVectors(at + offsetof<State>('max'), at + offsetof<State>('top'), 16, s.shift, s.low, s.magic, k);
  for (let i: u32 = 0; i < pairs; i++) {
    // NaN where the max is ±Infinity: that row is NaN.
    const z = f64x2.sub(promoteAt(s, i, offsetof<State>('max')), promoteAt(s, i, offsetof<State>('shift')));
    const n = f64x2.sub(k.magic, promoteAt(s, i, offsetof<State>('magic')));
    const e = expSmall2(f64x2.sub(f64x2.mul(z, k.invT), f64x2.mul(n, k.ln2Double)), k);
    v128.store(s.pair(i), e, offsetof<State>('top01'));
  }
}

/**
 * From the rest, `count` and e of the max: the sum and its logarithm, in so many pairs of lanes (1 for a single row).
 *
 * log(Σ e / e_max) is log1p(rest / e_max): exact digits also when the max is all but certain.
 */
export function finish(k: Table, s: State, pairs: u32): void {
  for (let i: u32 = 0; i < pairs; i++) {
    const d = s.pair(i);
    const top = promoteAt(s, i, offsetof<State>('top'));
    const left = f64x2.mul(promoteAt(s, i, offsetof<State>('count')), top);
    const rest = f64x2.add(v128.load(d, offsetof<State>('rest01')), left);
    v128.store(d, rest, offsetof<State>('rest01'));
    v128.store(d, f64x2.add(rest, top), offsetof<State>('sum01'));
    const log = log1p2(f64x2.div(rest, v128.load(d, offsetof<State>('top01'))), k);
    v128.store(d, log, offsetof<State>('log01'));
  }
}

/** log(Σ e / e_max) of the four lanes as f32. */
// @ts-ignore: decorator
@inline
export function log4(s: State): v128 {
  return demote(s.log01, s.log23);
}

/** logSumExp(row / T) of lane i. */
export function lseOf(k: Table, s: State, i: u32): f64 {
  const m = f32.load(s.lane(i), offsetof<State>('max'));
  if (abs(m) == Infinity) return <f64>f32.load(s.lane(i), offsetof<State>('edge'));
  return <f64>m * f64x2.extract_lane(k.invT, 0) + f64.load(s.lane64(i), offsetof<State>('log01'));
}
