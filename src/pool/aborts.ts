interface Waiting {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}

/** One listener a signal, however many calls wait for it: Node warns of more than ten. */
const WAITING = /* @__PURE__ */ new WeakMap<AbortSignal, Waiting>();

/** Calls `abort` when the signal is aborted; returns what ends the wait. */
export function onAbort(signal: AbortSignal, abort: () => void): () => void {
  const { calls, listener } = WAITING.get(signal) ?? listen(signal);
  calls.add(abort);
  return () => {
    calls.delete(abort);
    if (calls.size > 0) return;
    signal.removeEventListener('abort', listener);
    WAITING.delete(signal);
  };
}

function listen(signal: AbortSignal): Waiting {
  const calls = new Set<() => void>();
  const listener = () => {
    for (const abort of [...calls]) abort();
  };
  signal.addEventListener('abort', listener);
  const waiting = { calls, listener };
  WAITING.set(signal, waiting);
  return waiting;
}
