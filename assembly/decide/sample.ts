import { Plain } from '../call';
import { constants } from './exp';
import { drawCandidate, drawRow, logAmong, logOfRow, Walk } from './draw';
import { NOTHING } from './keys';
import { Crossing } from './masses';
import { open, Scratch } from './scratch';
import { CHOSEN, ROW, stage } from './stages';

/** The parameters of the stages. */
@unmanaged
export class Staged extends Plain {
  /** Whether logits are wanted in the place of log-probabilities. */
  @inline get raw(): bool {
    return f64x2.extract_lane(this.p01, 1) != 0;
  }


  @inline get temperature(): f64 {
    return f64x2.extract_lane(this.p23, 0);
  }


  @inline get topK(): u32 {
    return <u32>f64x2.extract_lane(this.p23, 1);
  }


  @inline get topP(): f64 {
    return f64x2.extract_lane(this.p45, 0);
  }


  @inline get logMinP(): f64 {
    return f64x2.extract_lane(this.p45, 1);
  }


  @inline get recordBytes(): usize {
    return <usize>f64x2.extract_lane(this.p67, 0);
  }
}

/** The stages of row r, after its record, unless that is 0, says what bias and penalties touch. */
export function stageRow(s: Scratch, call: Staged, x: usize, record: usize): i32 {
  open(s, x, call.cols);
  if (record) {
    s.adjusted = load<u32>(record, 8);
    s.ids = record + 16;
    s.values = s.ids + ((<usize>(s.adjusted + (s.adjusted & 1))) << 2);
  }
  return stage(s, call.temperature, call.topK, call.topP, call.logMinP);
}

/**
 * A token of each row, drawn from what the stages leave: -1 where there is a NaN, +Infinity, or nothing.
 *
 * x  f32[rows, cols]; logProbs  f32[rows] or none; tokens  i32[rows]; records  [rows] of src/decide/records.ts; byte pointers.
 * logProbs are those of the distribution drawn from, or the token's logit, which the first module's `at` makes one of.
 */
@unmanaged
class Sample extends Staged {
  x: usize;
  logProbs: usize;
  tokens: usize;
  records: usize;
}

export function sample(call: Sample): void {
  const s = changetype<Scratch>(call.scratch);
  constants(s);
  for (let r: u32 = 0; r < call.rows; r++) {
    const record = call.records + <usize>r * call.recordBytes;
    const kept = stageRow(s, call, call.x + <usize>r * call.rowBytes, record);
    const u = load<f64>(record);
    let token = -1;
    let logProb: f64 = NaN;
    if (kept == CHOSEN) {
      const i = call.temperature == 0 ? 0 : drawCandidate(s, u);
      token = s.candidate(i);
      if (call.logProbs) logProb = call.temperature == 0 ? 0 : (s.score(i) - s.max) / call.temperature - logAmong(s);
    } else if (kept == ROW) {
      const w = changetype<Walk>(s.walk);
      drawRow(s, w, u, call.topP < 1 ? changetype<Crossing>(s.crossing).summed : NOTHING);
      token = w.column;
      if (call.logProbs && !call.raw) logProb = (w.value - s.max) / call.temperature - logOfRow(s);
    }
    store<i32>(call.tokens + ((<usize>r) << 2), token);
    if (!call.logProbs) continue;
    const at = call.logProbs + ((<usize>r) << 2);
    store<f32>(at, !call.raw ? <f32>logProb : token < 0 ? NaN : load<f32>(s.x + ((<usize>token) << 2)));
  }
}
