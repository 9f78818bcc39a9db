import { modelOf } from './onnx-model.mjs';

/**
 * ONNX Runtime at one thread: onnxruntime-web (wasm) or onnxruntime-node (native). A session of one node, its input a view
 * of the caller's array, a fresh output from each run, as its documentation has it. It infers only: no gradients.
 */
const NODES = { softmax: 'Softmax', softmaxTail: 'Softmax', logSoftmax: 'LogSoftmax', logSumExp: 'ReduceLogSumExp' };

/** @param {import('./index.mjs').Host} host @param {'web' | 'node'} kind */
export async function open(host, kind) {
  const ort = await host.load(`onnxruntime-${kind}`);
  if (kind === 'web') {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = host.folder('onnxruntime-web');
  }
  const options = {
    executionProviders: [kind === 'web' ? 'wasm' : 'cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  };
  const sessions = new Map();
  const sessionOf = async (/** @type {any} */ node) => {
    if (!sessions.has(node)) sessions.set(node, await ort.InferenceSession.create(modelOf(node), options));
    return sessions.get(node);
  };
  const id = `ort-${kind}`;
  return [
    {
      id,
      subjects: async ({ op, rows, cols, inputs }) => {
        const node = NODES[op.id];
        if (node === undefined) return [];
        const session = await sessionOf(node);
        const call = () => session.run({ x: new ort.Tensor('float32', inputs.logits, [rows, cols]) });
        return [{ id, call, isAsync: true, results: async () => [(await call()).y.data] }];
      },
    },
  ];
}
