import { keepsAdjusted, keptAt, rewind } from './blocks';
import { constants } from './exp';
import { Staged, stageRow } from './sample';
import { BLOCK, Scratch } from './scratch';
import { CHOSEN, NONE } from './stages';

/**
 * y[r, c] = v[r, c] / T where the stages keep it, else -Infinity; 0 at the argmax for T = 0; NaN for a row without a result.
 *
 * x, y  f32[rows, cols]; records  [rows] or none; byte pointers; y == x is allowed. The parameters are those of `sample`.
 */
@unmanaged
class FilterLogits extends Staged {
  x: usize;
  y: usize;
  records: usize;
}

export function filterLogits(call: FilterLogits): void {
  const s = changetype<Scratch>(call.scratch);
  constants(s);
  for (let r: u32 = 0; r < call.rows; r++) {
    const offset = <usize>r * call.rowBytes;
    const y = call.y + offset;
    const record = call.records ? call.records + <usize>r * call.recordBytes : 0;
    const kept = stageRow(s, call, call.x + offset, record);
    if (kept == NONE) fill(y, call.cols, NaN);
    else if (kept == CHOSEN) writeCandidates(s, y, call.temperature);
    else writeRow(s, y, call.temperature);
  }
}

function fill(y: usize, n: u32, v: f32): void {
  const end = y + ((<usize>n) << 2);
  const all = f32x4.splat(v);
  for (; y + 16 <= end; y += 16) v128.store(y, all);
  for (; y < end; y += 4) store<f32>(y, v);
}

function writeCandidates(s: Scratch, y: usize, temperature: f64): void {
  fill(y, s.cols, -Infinity);
  for (let i: u32 = 0; i < s.count; i++) {
    const v = temperature == 0 ? 0 : s.score(i) / temperature;
    store<f32>(y + ((<usize>s.candidate(i)) << 2), <f32>v);
  }
}

function writeRow(s: Scratch, y: usize, temperature: f64): void {
  const t = f64x2.splat(temperature);
  rewind(s);
  for (let i: u32 = 0; i < s.blocks; i++) {
    const p = keptAt(s, i);
    const to = y + ((<usize>(i * BLOCK)) << 2);
    const n = min(s.cols - i * BLOCK, BLOCK);
    let j: u32 = 0;
    for (; j + 4 <= n; j += 4) {
      const at = (<usize>j) << 2;
      const low = f64x2.promote_low_f32x4(v128.load64_zero(p + at));
      const high = f64x2.promote_low_f32x4(v128.load64_zero(p + at, 8));
      const a = v128.demote_zero<f64>(f64x2.div(low, t));
      const b = v128.demote_zero<f64>(f64x2.div(high, t));
      v128.store(to + at, v128.shuffle<i32>(a, b, 0, 1, 4, 5));
    }
    for (; j < n; j++) {
      const at = (<usize>j) << 2;
      store<f32>(to + at, <f32>(<f64>load<f32>(p + at) / temperature));
    }
  }
  for (let i: u32 = 0; i < s.adjusted; i++) {
    if (keepsAdjusted(s, i)) store<f32>(y + ((<usize>s.id(i)) << 2), <f32>(s.value(i) / temperature));
  }
}
