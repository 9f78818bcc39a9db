import type { Report, Request } from './messages.js';

let interrupt: (() => void) | null = null;

/**
 * Runs a benchmark in a worker of its own, so that the page stays quick. There is one at a time, as two would slow each
 * other down: another one ends it with a report that it failed.
 *
 * @param receive hears of everything; the last report is `done` or `failed`
 * @returns ends it at once, without a report
 */
export function runBenchmark(request: Request, receive: (report: Report) => void): () => void {
  interrupt?.();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const stop = () => {
    worker.terminate();
    if (interrupt === fail) interrupt = null;
  };
  const end = (report: Report) => {
    stop();
    receive(report);
  };
  const fail = () => end({ kind: 'failed', message: 'Stopped, because another measurement began.' });
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => {
    if (data.kind === 'done' || data.kind === 'failed') end(data);
    else receive(data);
  });
  worker.addEventListener('error', ({ message }) => end({ kind: 'failed', message: `The worker failed: ${message}` }));
  worker.postMessage(request);
  interrupt = fail;
  return stop;
}

/** Whether one runs. */
export function isRunning(): boolean {
  return interrupt !== null;
}
