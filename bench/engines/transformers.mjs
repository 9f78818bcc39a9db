/**
 * transformers.js: its own softmax and log_softmax of one array, row by row. Its file of numeric functions is loaded alone,
 * so that no model and no runtime comes with it.
 */
export async function open(host) {
  const { softmax, log_softmax } = await host.load('@huggingface/transformers/src/utils/maths.js');
  const calls = { softmax, softmaxTail: softmax, logSoftmax: log_softmax };
  return [
    {
      id: 'transformers',
      subjects: ({ op, rows, cols, inputs }) => {
        const of = calls[op.id];
        if (of === undefined) return [];
        const all = Array.from({ length: rows }, (_, r) => inputs.logits.subarray(r * cols, (r + 1) * cols));
        const call = () => {
          for (const row of all) of(row);
        };
        const results = () => {
          const y = new Float32Array(rows * cols);
          all.forEach((row, r) => y.set(of(row), r * cols));
          return [y];
        };
        return [{ id: 'transformers', call, results }];
      },
    },
  ];
}
