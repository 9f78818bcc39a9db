// A page that sends the documents' worker two rows, and reports what comes back.
const worker = new globalThis.Worker('/documents/worker.js', { type: 'module' });
worker.onmessage = ({ data }) => (globalThis.report = JSON.stringify({ probs: [...data] }));
worker.onerror = ({ message }) =>
  (globalThis.report = JSON.stringify({ error: message ?? 'the worker did not start' }));
const logits = Float32Array.of(0, 0, 7, 7);
worker.postMessage({ logits, cols: 2 }, [logits.buffer]);
