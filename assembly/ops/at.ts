import { Plain } from '../call';
import { eachBatch } from '../drive';
import { expVectors } from '../exp';
import { State } from '../state';
import { map1, scaleRow } from '../writers';
import { LogProb } from './log-softmax';

/**
 * What softmax or logSoftmax of each row has for a few of its logits: y[r, i] becomes that of the logit that it holds, with
 * the bits of the whole row's.
 *
 * x  f32[rows, cols], y  f32[rows, k], byte pointers. The first parameter is k, the second what becomes of y: 0 nothing,
 * 1 softmax, 2 logSoftmax.
 */
@unmanaged
class At extends Plain {
  x: usize;
  y: usize;


  @inline get k(): u32 {
    return <u32>f64x2.extract_lane(this.p01, 0);
  }


  @inline get kind(): u32 {
    return <u32>f64x2.extract_lane(this.p01, 1);
  }


  @inline done(): void {
    const s = this.state;
    for (let i: u32 = 0; i < s.lanes; i++) {
      const q = s.group(i >> 2);
      const y = this.y + ((q.row(i & 3) * this.k) << 2);
      if (this.kind == 1) probsAt(y, i & 3, q, this);
      else logProbsAt(y, i & 3, q, this);
    }
  }
}

export function at(call: At): void {
  if (call.kind) eachBatch(call, call.kind == 2, 0);
}

function probsAt(y: usize, i: u32, q: State, call: At): void {
  const k = call.table;
  const shift = v128.load32_splat(q.lane(i), offsetof<State>('shift'));
  const lo = v128.load32_splat(q.lane(i), offsetof<State>('low'));
  const magic = v128.load32_splat(q.lane(i), offsetof<State>('magic'));
  const part = changetype<usize>(q) + offsetof<State>('part');
  const end = y + ((<usize>call.k) << 2);
  // One at a time: there are few, and nothing lies beyond them that may be read.
  for (let at = y; at < end; at += 4) {
    q.part = v128.load32_splat(at);
    expVectors(part, part, 16, shift, lo, magic, k);
    v128.store32_lane(at, q.part, 0);
  }
  scaleRow(y, call.k, 1 / f64.load(q.lane64(i), offsetof<State>('rest01')));
}

function logProbsAt(y: usize, i: u32, q: State, call: At): void {
  const half = call.table.half;
  const max = f32x4.mul(v128.load32_splat(q.lane(i), offsetof<State>('max')), half);
  const log = f32x4.splat(<f32>f64.load(q.lane64(i), offsetof<State>('log01')));
  map1<LogProb>(y, y, call.k, half, max, call.table.slope, log);
}
