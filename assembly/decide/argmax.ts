import { Plain } from '../call';
import { maxima } from './blocks';
import { open, Scratch } from './scratch';

/**
 * Row argmax: y[r] is the first column with the largest x[r, c], -1 where there is a NaN. -0 and 0 are equal.
 *
 * x  f32[rows, cols], y  i32[rows], byte pointers.
 */
@unmanaged
class Argmax extends Plain {
  x: usize;
  y: usize;
}

export function argmax(call: Argmax): void {
  const s = changetype<Scratch>(call.scratch);
  const rowBytes = call.rowBytes;
  for (let r: u32 = 0; r < call.rows; r++) {
    open(s, call.x + <usize>r * rowBytes, call.cols);
    store<i32>(call.y + ((<usize>r) << 2), maxima(s) ? firstOf(s) : -1);
  }
}

/** The first column of the row's largest value: in the first group that has it. */
function firstOf(s: Scratch): i32 {
  const top = <f32>s.max;
  let g: u32 = 0;
  for (; ; g++) if (v128.any_true(f32x4.eq(v128.load(s.bins + ((<usize>g) << 4)), f32x4.splat(top)))) break;
  let column = g * s.groupBlocks * 64;
  while (load<f32>(s.x + ((<usize>column) << 2)) != top) column++;
  return column;
}
