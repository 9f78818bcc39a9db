import { Plain } from '../call';
import { eachBatch } from '../drive';
import { promoteHigh } from '../lanes';
import { term } from '../rows';
import { NARROW, State } from '../state';

/**
 * Row entropy in nats: y[r] = −Σ a log a = log(Σ / e_max) + Σ e (m − x) / (T Σ). No term is negative, so nothing cancels; an
 * e of 0 makes its term 0, also where x is -Infinity.
 *
 * x  f32[rows, cols], y  f32[rows]; y == x is allowed where cols = 1: a batch is read before it is written.
 */
@unmanaged
class Entropy extends Plain {
  x: usize;
  y: usize;


  @inline read(): void {
    const s = this.state;
    s.distance01 = f64x2.splat(0);
    s.distance23 = s.distance01;
  }


  @inline done(): void {
    const s = this.state;
    const end = s.end;
    const invT = f64x2.extract_lane(this.table.invT, 0);
    if (this.cols <= NARROW) for (let q = s; q != end; q = q.next) columnsDistance(this.cols, q == s.alone, q);
    for (let i: u32 = 0; i < s.lanes; i++) {
      const q = s.group(i >> 2);
      const d = q.lane64(i & 3);
      const mean = (f64.load(d, offsetof<State>('distance01')) * invT) / f64.load(d, offsetof<State>('sum01'));
      f32.store(this.y + (q.row(i & 3) << 2), <f32>(f64.load(d, offsetof<State>('log01')) + mean));
    }
  }
}

export function entropy(call: Entropy): void {
  eachBatch(call, true, 0, true);
}

/** Σ e (m − x) of a narrow group, in column order, or of a narrow row alone in the same order. */
function columnsDistance(cols: u32, alone: bool, q: State): void {
  const m01 = f64x2.promote_low_f32x4(q.max);
  const m23 = promoteHigh(q.max);
  const step: usize = alone ? 4 : 16;
  let sum01 = f64x2.splat(0);
  let sum23 = sum01;
  let e = q.e;
  for (const end = e + <usize>cols * step, x = q.x - e; e < end; e += step) {
    const u = v128.load(e);
    const v = v128.load(e + x);
    sum01 = f64x2.add(sum01, term(f64x2.promote_low_f32x4(u), m01, f64x2.promote_low_f32x4(v)));
    sum23 = f64x2.add(sum23, term(promoteHigh(u), m23, promoteHigh(v)));
  }
  q.distance01 = sum01;
  q.distance23 = sum23;
}
