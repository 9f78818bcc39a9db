import { C1, C2, C3, C4, C5, C6, LN2_HI, LN2_LO, LOG2E, ONE, scaled } from './exp';
import { widenAdd } from './lanes';
import { madd, nmadd } from './tier';

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
 * 0.66, eight 0.40 and 0.62). A function of its own with its constants from memory: V8 spills less.
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
  k: usize,
  sum: v128,
  ahead: usize,
): v128 {
  const log2e = v128.load32_splat(k, LOG2E);
  const hi = v128.load32_splat(k, LN2_HI);
  const low = v128.load32_splat(k, LN2_LO);
  const c1 = v128.load32_splat(k, C1);
  const c2 = v128.load32_splat(k, C2);
  const c3 = v128.load32_splat(k, C3);
  const c4 = v128.load32_splat(k, C4);
  const c5 = v128.load32_splat(k, C5);
  const c6 = v128.load32_splat(k, C6);
  const one = v128.load32_splat(k, ONE);
  for (let next = x + ahead; x < end; x += 128, y += 128, next += 128) {
    i32.load(next);
    i32.load(next, 64);
    let x0 = f32x4.pmax(v128.load(x), lo);
    let x1 = f32x4.pmax(v128.load(x, 16), lo);
    let x2 = f32x4.pmax(v128.load(x, 32), lo);
    let x3 = f32x4.pmax(v128.load(x, 48), lo);
    let x4 = f32x4.pmax(v128.load(x, 64), lo);
    let x5 = f32x4.pmax(v128.load(x, 80), lo);
    let x6 = f32x4.pmax(v128.load(x, 96), lo);
    let x7 = f32x4.pmax(v128.load(x, 112), lo);
    const t0 = madd(x0, log2e, magic);
    const t1 = madd(x1, log2e, magic);
    const t2 = madd(x2, log2e, magic);
    const t3 = madd(x3, log2e, magic);
    const t4 = madd(x4, log2e, magic);
    const t5 = madd(x5, log2e, magic);
    const t6 = madd(x6, log2e, magic);
    const t7 = madd(x7, log2e, magic);
    const n0 = f32x4.sub(t0, magic);
    const n1 = f32x4.sub(t1, magic);
    const n2 = f32x4.sub(t2, magic);
    const n3 = f32x4.sub(t3, magic);
    const n4 = f32x4.sub(t4, magic);
    const n5 = f32x4.sub(t5, magic);
    const n6 = f32x4.sub(t6, magic);
    const n7 = f32x4.sub(t7, magic);
    x0 = nmadd(n0, hi, x0);
    x1 = nmadd(n1, hi, x1);
    x2 = nmadd(n2, hi, x2);
    x3 = nmadd(n3, hi, x3);
    x4 = nmadd(n4, hi, x4);
    x5 = nmadd(n5, hi, x5);
    x6 = nmadd(n6, hi, x6);
    x7 = nmadd(n7, hi, x7);
    x0 = nmadd(n0, low, x0);
    x1 = nmadd(n1, low, x1);
    x2 = nmadd(n2, low, x2);
    x3 = nmadd(n3, low, x3);
    x4 = nmadd(n4, low, x4);
    x5 = nmadd(n5, low, x5);
    x6 = nmadd(n6, low, x6);
    x7 = nmadd(n7, low, x7);
    let p0 = madd(c6, x0, c5);
    let p1 = madd(c6, x1, c5);
    let p2 = madd(c6, x2, c5);
    let p3 = madd(c6, x3, c5);
    let p4 = madd(c6, x4, c5);
    let p5 = madd(c6, x5, c5);
    let p6 = madd(c6, x6, c5);
    let p7 = madd(c6, x7, c5);
    p0 = madd(p0, x0, c4);
    p1 = madd(p1, x1, c4);
    p2 = madd(p2, x2, c4);
    p3 = madd(p3, x3, c4);
    p4 = madd(p4, x4, c4);
    p5 = madd(p5, x5, c4);
    p6 = madd(p6, x6, c4);
    p7 = madd(p7, x7, c4);
    p0 = madd(p0, x0, c3);
    p1 = madd(p1, x1, c3);
    p2 = madd(p2, x2, c3);
    p3 = madd(p3, x3, c3);
    p4 = madd(p4, x4, c3);
    p5 = madd(p5, x5, c3);
    p6 = madd(p6, x6, c3);
    p7 = madd(p7, x7, c3);
    p0 = madd(p0, x0, c2);
    p1 = madd(p1, x1, c2);
    p2 = madd(p2, x2, c2);
    p3 = madd(p3, x3, c2);
    p4 = madd(p4, x4, c2);
    p5 = madd(p5, x5, c2);
    p6 = madd(p6, x6, c2);
    p7 = madd(p7, x7, c2);
    p0 = madd(p0, x0, c1);
    p1 = madd(p1, x1, c1);
    p2 = madd(p2, x2, c1);
    p3 = madd(p3, x3, c1);
    p4 = madd(p4, x4, c1);
    p5 = madd(p5, x5, c1);
    p6 = madd(p6, x6, c1);
    p7 = madd(p7, x7, c1);
    const s0 = i32x4.shl(t0, 23);
    const s1 = i32x4.shl(t1, 23);
    const s2 = i32x4.shl(t2, 23);
    const s3 = i32x4.shl(t3, 23);
    const s4 = i32x4.shl(t4, 23);
    const s5 = i32x4.shl(t5, 23);
    const s6 = i32x4.shl(t6, 23);
    const s7 = i32x4.shl(t7, 23);
    p0 = scaled(p0, x0, one, s0);
    p1 = scaled(p1, x1, one, s1);
    p2 = scaled(p2, x2, one, s2);
    p3 = scaled(p3, x3, one, s3);
    p4 = scaled(p4, x4, one, s4);
    p5 = scaled(p5, x5, one, s5);
    p6 = scaled(p6, x6, one, s6);
    p7 = scaled(p7, x7, one, s7);
    v128.store(y, p0);
    v128.store(y, p1, 16);
    v128.store(y, p2, 32);
    v128.store(y, p3, 48);
    v128.store(y, p4, 64);
    v128.store(y, p5, 80);
    v128.store(y, p6, 96);
    v128.store(y, p7, 112);
    if (how == PAIRED) {
      sum = widenAdd(sum, f32x4.add(p0, p1));
      sum = widenAdd(sum, f32x4.add(p2, p3));
      sum = widenAdd(sum, f32x4.add(p4, p5));
      sum = widenAdd(sum, f32x4.add(p6, p7));
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
