import { power, reduced, scaled } from './exp';
import { widenAdd } from './lanes';
import { Table } from './table';
import { madd } from './tier';

/** Elements of a block: eight vectors. */
// @ts-ignore: decorator
@inline export const BLOCK: u32 = 32;

/** How e is summed: not at all; two by one f32 addition, then as f64; or each as f64. */
// @ts-ignore: decorator
@inline export const NOT: i32 = 0;
// @ts-ignore: decorator
@inline export const PAIRED: i32 = 1;
// @ts-ignore: decorator
@inline export const EACH: i32 = 2;

/**
 * The hot loop of every operation: y = e of the whole blocks [x, end), exp4 of exp.ts without its shift; returns
 * sum (f64x2), with Σ e added to it as `how` says.
 *
 * Eight vectors go through each step together, written out (of which Binaryen makes eight reductions and then eight
 * polynomials: docs/performance.md): one after the other the processor holds too few of these
 * chains of 60 cycles at a time (Zen 5, ns per element, relaxed and simd: one by one 0.46 and 0.74, four in step 0.42 and
 * 0.66, eight 0.40 and 0.62). A function of its own, its nine arguments and the table's constants in locals: V8 spills less.
 *
 * Of x + ahead one word a cache line is loaded and dropped: what is computed next comes from memory while this pass, which
 * waits for none, computes. Beyond the caches that spares softmax and cross-entropy 7 to 15 %, within them
 * nothing.
 */
export function expSum(
  x: usize,
  y: usize,
  end: usize,
  how: i32,
  lo: v128,
  magic: v128,
  k: Table,
  sum: v128,
  ahead: usize,
): v128 {
  const log2e = k.log2e;
  const hi = k.ln2Hi;
  const low = k.ln2Lo;
  const c1 = k.c1;
  const c2 = k.c2;
  const c3 = k.c3;
  const c4 = k.c4;
  const c5 = k.c5;
  const c6 = k.c6;
  const one = k.one;
  for (let next = x + ahead; x < end; x += 128, y += 128, next += 128) {
    i32.load(next);
    i32.load(next, 64);
    const x0 = f32x4.pmax(v128.load(x), lo);
    const x1 = f32x4.pmax(v128.load(x, 16), lo);
    const x2 = f32x4.pmax(v128.load(x, 32), lo);
    const x3 = f32x4.pmax(v128.load(x, 48), lo);
    const x4 = f32x4.pmax(v128.load(x, 64), lo);
    const x5 = f32x4.pmax(v128.load(x, 80), lo);
    const x6 = f32x4.pmax(v128.load(x, 96), lo);
    const x7 = f32x4.pmax(v128.load(x, 112), lo);
    const t0 = madd(x0, log2e, magic);
    const t1 = madd(x1, log2e, magic);
    const t2 = madd(x2, log2e, magic);
    const t3 = madd(x3, log2e, magic);
    const t4 = madd(x4, log2e, magic);
    const t5 = madd(x5, log2e, magic);
    const t6 = madd(x6, log2e, magic);
    const t7 = madd(x7, log2e, magic);
    const r0 = reduced(x0, t0, magic, hi, low);
    const r1 = reduced(x1, t1, magic, hi, low);
    const r2 = reduced(x2, t2, magic, hi, low);
    const r3 = reduced(x3, t3, magic, hi, low);
    const r4 = reduced(x4, t4, magic, hi, low);
    const r5 = reduced(x5, t5, magic, hi, low);
    const r6 = reduced(x6, t6, magic, hi, low);
    const r7 = reduced(x7, t7, magic, hi, low);
    const p0 = power(r0, c1, c2, c3, c4, c5, c6);
    const p1 = power(r1, c1, c2, c3, c4, c5, c6);
    const p2 = power(r2, c1, c2, c3, c4, c5, c6);
    const p3 = power(r3, c1, c2, c3, c4, c5, c6);
    const p4 = power(r4, c1, c2, c3, c4, c5, c6);
    const p5 = power(r5, c1, c2, c3, c4, c5, c6);
    const p6 = power(r6, c1, c2, c3, c4, c5, c6);
    const p7 = power(r7, c1, c2, c3, c4, c5, c6);
    const e0 = scaled(p0, r0, one, i32x4.shl(t0, 23));
    const e1 = scaled(p1, r1, one, i32x4.shl(t1, 23));
    const e2 = scaled(p2, r2, one, i32x4.shl(t2, 23));
    const e3 = scaled(p3, r3, one, i32x4.shl(t3, 23));
    const e4 = scaled(p4, r4, one, i32x4.shl(t4, 23));
    const e5 = scaled(p5, r5, one, i32x4.shl(t5, 23));
    const e6 = scaled(p6, r6, one, i32x4.shl(t6, 23));
    const e7 = scaled(p7, r7, one, i32x4.shl(t7, 23));
    v128.store(y, e0);
    v128.store(y, e1, 16);
    v128.store(y, e2, 32);
    v128.store(y, e3, 48);
    v128.store(y, e4, 64);
    v128.store(y, e5, 80);
    v128.store(y, e6, 96);
    v128.store(y, e7, 112);
    if (how == PAIRED) {
      sum = widenAdd(sum, f32x4.add(e0, e1));
      sum = widenAdd(sum, f32x4.add(e2, e3));
      sum = widenAdd(sum, f32x4.add(e4, e5));
      sum = widenAdd(sum, f32x4.add(e6, e7));
    } else if (how == EACH) {
      // From memory a conversion is one operation, from a register two and a shuffle.
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 8)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 16)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 24)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 32)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 40)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 48)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 56)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 64)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 72)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 80)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 88)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 96)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 104)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 112)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(y, 120)));
    }
  }
  return sum;
}
