import { Plain } from '../call';
import { eachRow } from '../drive';
import { rowExpDot } from '../rows';
import { lowPart, map1 } from '../writers';

/** u − total, the total as hi and lo. */
class Minus {

  @inline write(u: v128, hi: v128, lo: v128, _1: v128, _2: v128): v128 {
    return f32x4.sub(f32x4.sub(u, hi), lo);
  }
}

/**
 * y = u − ⟨exp(l),u⟩. Plain arithmetic at the edges: 0·∞ = NaN spreads over its row.
 *
 * l, u, y  f32[rows, cols], row-major, byte pointers; y == l is allowed. The table's T is 1.
 */
@unmanaged
class LogSoftmaxJvp extends Plain {
  l: usize;
  u: usize;
  y: usize;


  @inline row(offset: usize): void {
    const u = this.u + offset;
    const total = rowExpDot(this.l + offset, u, this.cols, this.table);
    const hi = f32x4.splat(<f32>total);
    map1<Minus>(u, this.y + offset, this.cols, hi, lowPart(total), hi, hi);
  }
}

export function logSoftmaxJvp(call: LogSoftmaxJvp): void {
  eachRow(call);
}
