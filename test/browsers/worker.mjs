// A page whose worker finds out what the package does in it.
const worker = new globalThis.Worker(new URL('./worker-probe.mjs', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => (globalThis.report = data);
worker.onerror = ({ message }) =>
  (globalThis.report = JSON.stringify({ error: message ?? 'the worker did not start' }));
