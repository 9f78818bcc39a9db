/** The floats of [y, end). */
export function fill(y: usize, end: usize, value: f32): void {
  const v = f32x4.splat(value);
  for (; y + 64 <= end; y += 64) {
    v128.store(y, v);
    v128.store(y, v, 16);
    v128.store(y, v, 32);
    v128.store(y, v, 48);
  }
  for (; y < end; y += 4) f32.store(y, value);
}
