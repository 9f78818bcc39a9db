import { Plain } from '../call';
import { map1 } from '../writers';

class Times {

  @inline write(a: v128, factor: v128, _1: v128, _2: v128, _3: v128): v128 {
    return f32x4.mul(factor, a);
  }
}

/**
 * Rows of the Jacobians of consecutive rows, from row `first` of the first one on: y[i,j] = a_i (δ_ij − a_j).
 *
 * a  f32[…, cols], y  f32[rows, cols], not overlapping but where cols = 1.
 */
@unmanaged
class SoftmaxJacobian extends Plain {
  a: usize;
  y: usize;
}

export function softmaxJacobian(call: SoftmaxJacobian): void {
  const rowBytes = call.rowBytes;
  let a = call.a;
  let at = (<usize>call.first) << 2;
  let y = call.y;
  for (const end = y + <usize>call.rows * rowBytes; y != end; y += rowBytes) {
    const ai = f32.load(a + at);
    const minus = f32x4.splat(-ai);
    map1<Times>(a, y, call.cols, minus, minus, minus, minus);
    f32.store(y + at, ai * (1 - ai));
    at += 4;
    if (at != rowBytes) continue;
    at = 0;
    a += rowBytes;
  }
}
