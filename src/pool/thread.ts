import { messageOf } from '../check.js';
import type { FromWorker, ToWorker } from './messages.js';
import { source } from './worker-source.js';

/** A worker of whatever kind this runtime has. */
export interface Thread {
  post(message: ToWorker, transfer?: ArrayBuffer[]): void;
  /** Ends it; resolves once it has ended where the runtime tells. */
  end(): Promise<void>;
}

export interface ThreadEvents {
  message(message: FromWorker): void;
  /** The thread is gone, or of no use any more. Not called for `end`. */
  died(why: string): void;
}

type NodeThreads = typeof import('node:worker_threads');

/** Asked of the running process, so that no bundler sees an import: a browser has neither. */
function builtin(name: string): unknown {
  return globalThis.process?.getBuiltinModule?.(name);
}

/**
 * Starts a worker from the inlined source, or from `url`.
 *
 * @throws where the runtime has no workers or refuses this one at once; later refusals are `died`
 */
export function startThread(url: string | undefined, events: ThreadEvents): Thread {
  const threads = builtin('node:worker_threads') as NodeThreads | undefined;
  if (threads?.Worker !== undefined) return startNode(threads, url, events);
  if (typeof Worker === 'undefined') throw new Error('this runtime has no workers');
  return startWeb(url, events);
}

function startNode({ Worker }: NodeThreads, url: string | undefined, events: ThreadEvents): Thread {
  // No flags of the program's own: they may name loaders that the worker has no use for.
  const worker = new Worker(url === undefined ? source : new URL(url), { eval: url === undefined, execArgv: [] });
  let ended = false;
  let why: string | null = null;
  worker.on('message', events.message);
  worker.on('error', (error) => {
    why = messageOf(error);
  });
  worker.on('exit', (code) => {
    if (!ended) events.died(why ?? `it ended with exit code ${code}`);
    ended = true;
  });
  // A pool at rest does not keep the program alive; see KeepAlive.
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: async () => {
      ended = true;
      await worker.terminate();
    },
  };
}

function startWeb(url: string | undefined, events: ThreadEvents): Thread {
  const blob = url === undefined ? URL.createObjectURL(new Blob([source], { type: 'text/javascript' })) : null;
  let worker: Worker;
  try {
    worker = new Worker(blob ?? url!);
  } catch (error) {
    if (blob !== null) URL.revokeObjectURL(blob);
    throw error;
  }
  const release = () => {
    if (blob !== null) URL.revokeObjectURL(blob);
  };
  worker.onmessage = (event: MessageEvent<FromWorker>) => {
    // The first message: the script has been loaded.
    release();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => events.message(data);
    events.message(event.data);
  };
  // Of what a worker has thrown before it ended there may be more to come: it is nobody's any more.
  const end = () => {
    release();
    worker.onmessage = worker.onmessageerror = null;
    worker.onerror = (event) => event.preventDefault();
    worker.terminate();
  };
  const die = (why: string) => {
    end();
    events.died(why);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    die(
      event.message ||
        `the page or the runtime refused the worker's script${url === undefined ? ' (a blob: URL; see workerUrl)' : ''}`,
    );
  };
  worker.onmessageerror = () => die('a message could not be read');
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    end: () => {
      end();
      return Promise.resolve();
    },
  };
}

/** Keeps a Node program alive while calls are in flight; where programs live on by themselves it does nothing. */
export class KeepAlive {
  readonly #timer: NodeJS.Timeout | null;

  constructor() {
    const timers = builtin('node:timers') as typeof import('node:timers') | undefined;
    // The longest that timers wait.
    this.#timer = timers?.setInterval(() => undefined, 2 ** 31 - 1).unref() ?? null;
  }

  hold(): void {
    this.#timer?.ref();
  }

  release(): void {
    this.#timer?.unref();
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}

/** Whether this is Node, Bun or Deno, and not a page. */
export function isServer(): boolean {
  return builtin('node:worker_threads') !== undefined;
}

/** How many threads this machine runs at once. */
export function availableThreads(): number {
  const os = builtin('node:os') as typeof import('node:os') | undefined;
  return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}
