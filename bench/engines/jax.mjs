/**
 * jax-js on its wasm device, one thread, functions compiled by its `jit`. `resident`: arrays stay on the device, results
 * are waited for and disposed. `whole`: arrays from the caller's and results read back. It counts references: a function
 * uses up its arguments, and `.ref` keeps one.
 */

/** @param {any} jax */
function functionsOf({ nn, numpy, jvp, valueAndGrad, lax }) {
  const crossEntropy = (t) => (x) => {
    const rows = x.shape[0];
    return numpy.sum(nn.logSoftmax(x, -1).mul(t)).mul(-1 / rows);
  };
  return {
    softmax: (x) => [nn.softmax(x.logits, -1)],
    logSoftmax: (x) => [nn.logSoftmax(x.logits, -1)],
    logSumExp: (x) => [nn.logsumexp(x.logits, -1)],
    softmaxWithJvp: (x) => jvp((v) => nn.softmax(v, -1), [x.logits], [x.tangent]),
    crossEntropyWithGrad: (x) => {
      // Its own oneHot makes a square matrix of all classes first, which is too large from 32,000 on.
      const [rows, cols] = x.logits.shape;
      const hot = numpy.equal(x.targets.reshape([rows, 1]), numpy.arange(cols)).astype(numpy.float32);
      return valueAndGrad(crossEntropy(lax.stopGradient(hot)))(x.logits);
    },
    crossEntropyWithGradSoft: (x) => valueAndGrad(crossEntropy(x.targets))(x.logits),
  };
}

/** @param {import('./index.mjs').Host} host */
export async function open(host) {
  // It would take threads where there are workers, and others bring them to Node; every engine here has one thread.
  Object.defineProperty(globalThis, 'Worker', { get: () => undefined, set: () => {}, configurable: true });
  const jax = await host.load('@jax-js/jax');
  // A page offers it the graphics device, which is not asked here.
  await jax.init('wasm').catch(() => {});
  jax.defaultDevice('wasm');
  const functions = functionsOf(jax);
  const compiled = new Map();
  return [
    {
      id: 'jax',
      subjects: ({ op, rows, cols, inputs }) => {
        const name = op.id === 'softmaxTail' ? 'softmax' : op.id;
        if (functions[name] === undefined) return [];
        if (!compiled.has(name)) compiled.set(name, jax.jit(functions[name]));
        return subjectsOf(jax, compiled.get(name), rows, cols, inputs);
      },
    },
  ];
}

function subjectsOf({ numpy, blockUntilReady }, of, rows, cols, inputs) {
  const arrayOf = (array) => {
    if (array instanceof Int32Array) return numpy.array(array, { dtype: numpy.int32 });
    return numpy.array(array, { shape: [rows, cols] });
  };
  const arrays = () => Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, arrayOf(array)]));
  const resident = arrays();
  const kept = () => Object.fromEntries(Object.entries(resident).map(([name, array]) => [name, array.ref]));
  const read = (outputs) => Promise.all(outputs.map((y) => y.data()));
  return [
    {
      id: 'jax resident',
      isAsync: true,
      call: async () => {
        const outputs = await blockUntilReady(of(kept()));
        for (const y of outputs) y.dispose();
      },
      results: () => read(of(kept())),
      close: () => Object.values(resident).forEach((array) => array.dispose()),
    },
    { id: 'jax whole', isAsync: true, call: () => read(of(arrays())), results: () => read(of(arrays())) },
  ];
}
