import { high2, high64, low2, low64 } from '../lanes';

/**
 * The transposed matrix: y[j, i] = x[i, j]. x is of m lines, `xStep` bytes apart, of n floats each, y of n lines, `yStep`
 * bytes apart, of m floats each: rows that lie side by side to rows one after the other, and back.
 *
 * It goes along the lines that are further apart: along the others each step would be to another page.
 */
export function turn(x: usize, xStep: usize, m: u32, n: u32, y: usize, yStep: usize): void {
  const bytes = (<usize>(n & ~3)) << 2;
  const lines = m & ~3;
  if (xStep < yStep) {
    for (let j: usize = 0, q = y; j < bytes; j += 16, q += yStep << 2) {
      let p = x + j;
      for (let t = q, end = q + ((<usize>lines) << 2); t < end; t += 16, p += xStep << 2) turn4(p, xStep, t, yStep);
    }
  } else {
    for (let i: u32 = 0, p = x; i < lines; i += 4, p += xStep << 2) {
      let q = y + ((<usize>i) << 2);
      for (let t = p, end = p + bytes; t < end; t += 16, q += yStep << 2) turn4(t, xStep, q, yStep);
    }
  }
  turnEach(x + bytes, xStep, lines, n & 3, y + (bytes >> 2) * yStep, yStep);
  turnEach(x + <usize>lines * xStep, xStep, m & 3, n, y + ((<usize>lines) << 2), yStep);
}

/** What makes no whole blocks of four by four. */
function turnEach(x: usize, xStep: usize, m: u32, n: u32, y: usize, yStep: usize): void {
  for (; m; m--, x += xStep, y += 4) {
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
