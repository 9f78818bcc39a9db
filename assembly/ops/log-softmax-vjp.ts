import { Plain } from '../call';
import { eachRow } from '../drive';
import { exp4Full } from '../exp';
import { demote, promoteHigh } from '../lanes';
import { rowTotal } from '../rows';
import { Table } from '../table';
import { map2 } from '../writers';

/** g − exp(l)·total; in f64, rounded once. */
class LogVjp {

  @inline write(l: v128, g: v128, k: Table, total: v128, _1: v128, _2: v128): v128 {
    const a = exp4Full(l, k);
    const low = f64x2.sub(f64x2.promote_low_f32x4(g), f64x2.mul(f64x2.promote_low_f32x4(a), total));
    return demote(low, f64x2.sub(promoteHigh(g), f64x2.mul(promoteHigh(a), total)));
  }
}

/**
 * y = g − exp(l) Σg. Plain arithmetic at the edges: 0·∞ = NaN spreads over its row.
 *
 * l, g, y  f32[rows, cols], row-major, byte pointers; y == l is allowed. The table's T is 1.
 */
@unmanaged
class LogSoftmaxVjp extends Plain {
  l: usize;
  g: usize;
  y: usize;


  @inline row(offset: usize): void {
    const g = this.g + offset;
    const total = f64x2.splat(rowTotal(g, this.cols));
    map2<LogVjp>(this.l + offset, g, this.y + offset, this.cols, this.table, total, total, total);
  }
}

export function logSoftmaxVjp(call: LogSoftmaxVjp): void {
  eachRow(call);
}
