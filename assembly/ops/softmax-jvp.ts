import { Plain } from '../call';
import { eachRow } from '../drive';
import { rowDot } from '../rows';
import { Table } from '../table';
import { lowPart, map2 } from '../writers';

/** a (u − total) / T, the total as hi and lo. */
class Jvp {

  @inline write(a: v128, u: v128, _: Table, hi: v128, lo: v128, invT: v128): v128 {
    return f32x4.mul(f32x4.mul(a, f32x4.sub(f32x4.sub(u, hi), lo)), invT);
  }
}

/**
 * y = a (u − ⟨a,u⟩) / T, the VJP too: J = diag(a) − a aᵀ is symmetric. Plain arithmetic at the edges: 0·∞ = NaN spreads over
 * its row.
 *
 * a, u, y  f32[rows, cols], row-major, byte pointers; y == a is allowed. T is the table's, 1 for probabilities alone.
 */
@unmanaged
class SoftmaxJvp extends Plain {
  a: usize;
  u: usize;
  y: usize;


  @inline row(offset: usize): void {
    jvpRow(this.a + offset, this.u + offset, this.y + offset, this.cols, this.table);
  }
}

export function softmaxJvp(call: SoftmaxJvp): void {
  eachRow(call);
}

/** One row of it; y may be a or u. */
export function jvpRow(a: usize, u: usize, y: usize, cols: u32, k: Table): void {
  const total = rowDot(a, u, cols);
  const invT = f32x4.splat(<f32>f64x2.extract_lane(k.invT, 0));
  map2<Jvp>(a, u, y, cols, k, f32x4.splat(<f32>total), lowPart(total), invT);
}
