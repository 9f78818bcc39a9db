/**
 * TF.js on one backend and one thread. `resident`: its tensors stay where they are, results are made and disposed.
 * `whole`: tensors from the caller's arrays and results read back (dataSync), end to end.
 */

/** Outputs as tensors, from inputs as tensors; `t` is tf. */
const CALLS = {
  softmax: (t, x) => [t.softmax(x.logits)],
  logSoftmax: (t, x) => [t.logSoftmax(x.logits)],
  logSumExp: (t, x) => [t.logSumExp(x.logits, -1)],
  // What its gradient of softmax does.
  softmaxVjp: (t, x) => {
    const scaled = t.mul(x.cotangent, x.probs);
    return [t.sub(scaled, t.mul(t.sum(scaled, -1, true), x.probs))];
  },
  // It has no JVP, but softmax's VJP is the same: the Jacobian is symmetric.
  softmaxWithJvp: (t, x) => {
    const { value, grad } = t.valueAndGrad((v) => t.softmax(v))(x.logits, x.tangent);
    return [value, grad];
  },
  crossEntropyWithGrad: (t, x, cols) => {
    const hot = t.oneHot(x.targets, cols);
    const { value, grad } = t.valueAndGrad((v) => t.losses.softmaxCrossEntropy(hot, v))(x.logits);
    return [value, grad];
  },
  crossEntropyWithGradSoft: (t, x) => {
    const { value, grad } = t.valueAndGrad((v) => t.losses.softmaxCrossEntropy(x.targets, v))(x.logits);
    return [value, grad];
  },
  softmaxJacobian: (t, x, cols) => {
    const i = t.expandDims(x.probs, 2);
    return [t.mul(i, t.sub(t.eye(cols), t.expandDims(x.probs, 1)))];
  },
};
CALLS.softmaxTail = CALLS.softmax;

/** Larger results take the cpu backend seconds a call: it is left out there. */
const MOST_ON_CPU = 1 << 20;

/** @param {import('./index.mjs').Host} host @param {'cpu' | 'wasm'} backend */
export async function open(host, backend) {
  const tf = await host.load('@tensorflow/tfjs-core');
  await host.load('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  const wasm = await host.load(`@tensorflow/tfjs-backend-${backend}`);
  if (backend === 'wasm') {
    wasm.setWasmPaths(host.folder('@tensorflow/tfjs-backend-wasm'));
    wasm.setThreadsCount(1);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  }
  const before = async () => {
    if (!(await tf.setBackend(backend))) throw new Error(`TF.js has no backend ${backend} here`);
  };
  await before();
  return [{ id: `tfjs-${backend}`, subjects: (task) => subjectsOf(tf, `tfjs-${backend}`, before, task) }];
}

async function subjectsOf(tf, id, before, { op, rows, cols, inputs }) {
  if (id === 'tfjs-cpu' && op.outputs(rows, cols).some((length) => length > MOST_ON_CPU)) return [];
  const of = CALLS[op.id];
  await before();
  const tensorOf = (array) => {
    return array instanceof Int32Array ? tf.tensor1d(array, 'int32') : tf.tensor2d(array, [rows, cols]);
  };
  const tensors = () => Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, tensorOf(array)]));
  const resident = tensors();
  const read = (outputs) => outputs.map((y) => y.dataSync());
  return [
    {
      id: `${id} resident`,
      before,
      // A tidy that returns nothing disposes all that was made in it.
      call: () => tf.tidy(() => void of(tf, resident, cols)),
      results: () => tf.tidy(() => read(of(tf, resident, cols))),
      close: () => Object.values(resident).forEach((tensor) => tensor.dispose()),
    },
    {
      id: `${id} whole`,
      before,
      call: () => tf.tidy(() => void read(of(tf, tensors(), cols))),
      results: () => tf.tidy(() => read(of(tf, tensors(), cols))),
    },
  ];
}
