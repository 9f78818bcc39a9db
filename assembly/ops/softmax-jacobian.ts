import { Plain } from '../call';
import { map1 } from '../writers';

class Times {

  @inline write(a: v128, factor: v128, _1: v128, _2: v128, _3: v128): v128 {
    return f32x4.mul(factor, a);
  }
}

/**
 * Rows `first` up to `first` + rows of one row's Jacobian: y[i,j] = a_i (δ_ij − a_j).
 *
 * a  f32[cols], y  f32[rows, cols], not overlapping.
 */
@unmanaged
class SoftmaxJacobian extends Plain {
  a: usize;
  y: usize;
}

export function softmaxJacobian(call: SoftmaxJacobian): void {
  const cols = call.cols;
  const from = call.first;
  let y = call.y;
  for (let i = from; i < from + call.rows; i++, y += call.rowBytes) {
    const at = (<usize>i) << 2;
    const ai = f32.load(call.a + at);
    const minus = f32x4.splat(-ai);
    map1<Times>(call.a, y, cols, minus, minus, minus, minus);
    f32.store(y + at, ai * (1 - ai));
  }
}
