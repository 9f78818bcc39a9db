import { Plain } from '../call';
import { eachBatch } from '../drive';
import { hsum, loadPart, promoteHigh } from '../lanes';
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


  @inline stretch(x: usize, e: usize, n: u32, i: u32): void {
    addDistances(x, e, n, i, this.state);
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
  eachBatch(call, true, 0);
}

/** e (m − x) of two elements. */
// @ts-ignore: decorator
@inline
function term(e: v128, m: v128, x: v128): v128 {
  return v128.and(f64x2.mul(e, f64x2.sub(m, x)), f64x2.ne(e, f64x2.splat(0)));
}

/** Adds those of n elements of lane i's row, e at e. */
function addDistances(x: usize, e: usize, n: u32, i: u32, s: State): void {
  const m = f64x2.splat(<f64>f32.load(s.lane(i), offsetof<State>('max')));
  let sum = f64x2.splat(0);
  for (const end = e + ((<usize>n) << 2); e < end; e += 16, x += 16) {
    const part = (<u32>(end - e)) >> 2;
    const u = part < 4 ? loadPart(e, part) : v128.load(e);
    const v = part < 4 ? loadPart(x, part) : v128.load(x);
    const low = term(f64x2.promote_low_f32x4(u), m, f64x2.promote_low_f32x4(v));
    sum = f64x2.add(sum, f64x2.add(low, term(promoteHigh(u), m, promoteHigh(v))));
  }
  const d = s.lane64(i);
  const all = f64.load(d, offsetof<State>('distance01')) + f64x2.extract_lane(hsum(sum), 0);
  f64.store(d, all, offsetof<State>('distance01'));
}

/** Their sums of a narrow group, in column order, or of a narrow row alone in the same order. */
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
