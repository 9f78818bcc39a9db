import { messageOf } from '../check.js';
import type { FromWorker, Start, ToWorker } from './messages.js';
import { KeepAlive, startThread, type Thread } from './thread.js';

/** How often in a row a worker that ends before it is ready is started anew. */
const RETRIES = 3;

/** A worker that says nothing for so long has been refused without a word. */
const START_MS = 30_000;

export interface WorkerEvents {
  /** A worker hears from now on. */
  ready?(index: number): void;
  message(index: number, message: FromWorker): void;
  /** A worker ended by itself; another takes its place soon. */
  died(index: number, why: string): void;
  /** The other is ready. */
  replaced(): void;
  /** It could not be replaced. */
  lost(): void;
}

/** A fixed number of worker threads, by index. Those that die are replaced. */
export class Workers {
  reason: string | null = null;
  readonly #url: string | undefined;
  readonly #startOf: (index: number) => Start;
  readonly #events: WorkerEvents;
  /** null for one that is not ready, or gone. */
  readonly #threads: (Thread | null)[];
  /** Ends the start of each that is not ready yet. */
  readonly #starts = new Set<(why: Error) => Promise<void>>();
  readonly #alive = new KeepAlive();
  #lost = 0;
  #ended = false;

  constructor(count: number, url: string | undefined, startOf: (index: number) => Start, events: WorkerEvents) {
    this.#url = url;
    this.#startOf = startOf;
    this.#events = events;
    this.#threads = new Array<Thread | null>(count).fill(null);
  }

  /** @throws Error when not one worker can be had */
  async start(): Promise<void> {
    this.#alive.hold();
    const outcomes = await Promise.allSettled(this.#threads.map((_, index) => this.#start(index)));
    this.#alive.release();
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    if (refused.length === 0) return;
    const why = messageOf(refused[0]!.reason);
    if (this.count === 0) {
      await this.end();
      throw new Error(why);
    }
    this.#lost = refused.length;
    this.reason = `threads: ${refused.length} of ${outcomes.length} workers could not be started: ${why}`;
  }

  /** How many are at work. */
  get count(): number {
    return this.#threads.reduce((sum, thread) => sum + (thread === null ? 0 : 1), 0);
  }

  /** Nobody is at work, and nobody will be. */
  get gone(): boolean {
    return this.#lost === this.#threads.length;
  }

  isAlive(index: number): boolean {
    return this.#threads[index] !== null;
  }

  post(index: number, message: ToWorker, transfer: ArrayBuffer[]): void {
    this.#threads[index]!.post(message, transfer);
  }

  /** To all that hear; those that become ready later hear of it then. */
  postAll(message: ToWorker): void {
    for (const thread of this.#threads) thread?.post(message);
  }

  /** While work is in flight the program goes on; else it may end. */
  keepAlive(busy: boolean): void {
    if (busy) this.#alive.hold();
    else this.#alive.release();
  }

  async end(): Promise<void> {
    this.#ended = true;
    const why = new Error('the pool was closed');
    const ends = [...this.#starts].map((refuse) => refuse(why));
    await Promise.all([...ends, ...this.#threads.map((thread) => thread?.end())]);
    this.#threads.fill(null);
    this.#alive.end();
  }

  /** Resolves when the worker is ready. */
  #start(index: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let ready = false;
      const refuse = async (why: unknown) => {
        settle();
        reject(why as Error);
        await thread?.end();
      };
      const timer = setTimeout(
        () => void refuse(new Error(`a worker was not ready in ${START_MS / 1000} s`)),
        START_MS,
      );
      const settle = () => {
        clearTimeout(timer);
        this.#starts.delete(refuse);
      };
      this.#starts.add(refuse);
      let thread: Thread | null = null;
      try {
        thread = startThread(this.#url, {
          message: (message) => {
            if (!('ready' in message)) return this.#events.message(index, message);
            ready = true;
            settle();
            this.#threads[index] = thread;
            this.#events.ready?.(index);
            resolve();
          },
          died: (why) => {
            if (ready) this.#onDeath(index, why);
            else void refuse(new Error(why));
          },
        });
        thread.post({ start: this.#startOf(index) });
      } catch (error) {
        void refuse(error);
      }
    });
  }

  #onDeath(index: number, why: string): void {
    if (this.#ended) return;
    this.#threads[index] = null;
    this.#events.died(index, why);
    void this.#replace(index);
  }

  async #replace(index: number): Promise<void> {
    let why = '';
    for (let i = 0; i < RETRIES && !this.#ended; i++) {
      try {
        await this.#start(index);
        return this.#events.replaced();
      } catch (error) {
        why = messageOf(error);
      }
    }
    if (this.#ended) return;
    this.reason = `threads: a worker that died could not be replaced: ${why}`;
    this.#lost++;
    this.#events.lost();
  }
}
