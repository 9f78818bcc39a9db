/** PyTorch on the CPU at one thread, in a process of its own (torch-child.py) that times itself, in turn with the others. */

/** @param {import('./index.mjs').Host} host */
export async function open(host) {
  if (host.startTorch === undefined) throw new Error('a page has no Python');
  const torch = await host.startTorch();
  return [{ id: 'torch', subjects: (task) => [subjectOf(torch, task)], close: torch.close }];
}

function subjectOf(torch, { op, rows, cols, inputs }) {
  const specs = Object.entries(inputs).map(([name, array]) => ({
    file: torch.write(name, array),
    type: array instanceof Int32Array ? 'int32' : 'float32',
    shape: [rows, cols],
  }));
  const outputs = op.outputs(rows, cols).map((_, k) => torch.file(`output-${k}`));
  return {
    id: 'torch',
    results: async () => {
      await torch.ask({ do: 'open', op: op.id, inputs: specs, outputs });
      return outputs.map(torch.read);
    },
    turn: async ({ turnMs, sampleMs }) => (await torch.ask({ do: 'turn', turnMs, sampleMs })).samples,
  };
}
