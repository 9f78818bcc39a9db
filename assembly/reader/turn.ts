import { high2, high64, low2, low64 } from '../lanes';

/**
 * The transposed matrix: y[j, i] = x[i, j]. x is of m lines, `xStep` bytes apart, of n floats each, y of n lines, `yStep`
 * bytes apart, of m floats each: rows that lie side by side to rows one after the other, and back.
 */
export function turn(x: usize, xStep: usize, m: u32, n: u32, y: usize, yStep: usize): void {
  let i: u32 = 0;
  for (; i + 4 <= m; i += 4, x += xStep << 2, y += 16) {
    let q = y;
    let p = x;
    for (const end = x + ((<usize>(n & ~3)) << 2); p < end; p += 16, q += yStep << 2) turn4(p, xStep, q, yStep);
    for (const end = x + ((<usize>n) << 2); p < end; p += 4, q += yStep) {
      let v = v128.load32_zero(p);
      v = v128.load32_lane(p + xStep, v, 1);
      v = v128.load32_lane(p + 2 * xStep, v, 2);
      v128.store(q, v128.load32_lane(p + 3 * xStep, v, 3));
    }
  }
  for (; i < m; i++, x += xStep, y += 4) {
    for (let p = x, q = y, end = x + ((<usize>n) << 2); p < end; p += 4, q += yStep) f32.store(q, f32.load(p));
  }
}

// @ts-ignore: decorator
@inline
function turn4(p: usize, step: usize, q: usize, to: usize): void {
  const a = v128.load(p);
  const b = v128.load(p + step);
  const d = v128.load(p + 2 * step);
  const e = v128.load(p + 3 * step);
  const ab = low2(a, b);
  const de = low2(d, e);
  const ab2 = high2(a, b);
  const de2 = high2(d, e);
  v128.store(q, low64(ab, de));
  v128.store(q + to, high64(ab, de));
  v128.store(q + 2 * to, low64(ab2, de2));
  v128.store(q + 3 * to, high64(ab2, de2));
}
