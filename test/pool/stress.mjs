// Pools of 1 to 16 threads under faults: aborts, deaths of workers, transfers of a call's arrays, memory that grows, and an
// end in the middle. Every call is accounted for: it settles, right or with what was done to it. On every tier there is.

const PATIENCE_MS = 60_000;
const AT_ONCE = 12;
/** Large enough for the threads, as ordinary arrays and in the pool's memory. */
const SHAPES = [
  [140_000, 10],
  [1100, 1000],
  [20, 60_000],
];
const LOST = /expected \w+ to keep its buffer while the call uses it/;
/** What a browser's worker is made to throw may end it, or only what it computes. */
const DIED = /a worker died|a worker failed: ended|could not be replaced/;
const CLOSED = /expected the pool to be open/;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @typedef {object} Host what a runtime's workers are
 * @property {() => object[]} alive
 * @property {(worker: any) => unknown} kill
 *
 * @param {typeof import('../../dist/index.js') & typeof import('../../dist/pool/index.js')} library
 * @param {Host} host
 * @param {{ seconds: number, seed: number }} options
 * @returns {Promise<object>} counts, and `failures`
 */
export async function stress(library, host, { seconds, seed }) {
  const run = new Run(library, host, seed);
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end && run.failures.length === 0) {
    await run.onePool().catch((error) => run.failures.push(`${error}\n${error.stack}`));
  }
  const left = host.alive().length;
  if (left > 0) run.failures.push(`${left} workers were left`);
  return { ...run.counts, failures: run.failures };
}

class Run {
  failures = [];
  counts = { calls: 0, right: 0, aborted: 0, transferred: 0, died: 0, closed: 0, deaths: 0, pools: 0 };

  constructor(library, host, seed) {
    this.library = library;
    this.host = host;
    this.state = seed;
    this.tiers = tiersOf(library).map((engine) => ({ tier: engine.tier, inputs: inputsOf(engine) }));
  }

  /** In [0, 1): the same for the same seed, though not at the same moments. */
  chance() {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 32;
  }

  below(n) {
    return Math.floor(this.chance() * n);
  }

  /** One pool, from its beginning to its end. */
  async onePool() {
    this.counts.pools++;
    const byMessage = this.chance() < 0.3;
    const { tier, inputs } = this.tiers[this.below(this.tiers.length)];
    const threads = 1 + this.below(16);
    const ordinary = this.chance() < 0.8 ? 'workers' : 'fastest';
    const open = () => this.library.createPool({ threads, tier, ordinary });
    const pool = await (byMessage ? notIsolated(open) : open());
    const about = `${threads} threads, ${tier}${byMessage ? ' by message' : ''}`;
    const round = { pool, about, inputs, deaths: 0, closing: false, held: [] };
    const ends = this.chance() < 0.5;
    const calls = Array.from({ length: AT_ONCE }, () => this.manyCalls(round, ends));
    const kills = this.chance() < 0.6 ? this.killSome(round) : Promise.resolve();
    if (ends) {
      await sleep(this.below(400));
      round.closing = true;
      await pool.close();
    }
    await inTime(Promise.all([...calls, kills]), `calls of ${about}`);
    // Whatever became of its call, an array can be freed.
    for (const array of round.held) pool.free(array);
    round.closing = true;
    await inTime(pool.close(), 'close()');
  }

  async killSome(round) {
    for (let i = this.below(4); i >= 0 && !round.closing; i--) {
      await sleep(this.below(150));
      const alive = this.host.alive();
      if (alive.length === 0) continue;
      round.deaths++;
      this.counts.deaths++;
      await this.host.kill(alive[this.below(alive.length)]);
    }
  }

  async manyCalls(round, ends) {
    for (let i = ends ? 40 : 4; i > 0 && !round.closing; i--) await this.oneCall(round);
  }

  /** A call, what is done to it, and whether it ended as it may. */
  async oneCall(round) {
    const { pool } = round;
    const input = round.inputs[this.below(round.inputs.length)];
    const where = ['pool', 'pool', 'ordinary', 'ordinary', 'shared'][this.below(5)];
    const isResident = where === 'pool';
    const array = (from) => (isResident ? inPool(round, from) : from.slice());
    let arrays;
    try {
      arrays =
        where === 'shared'
          ? [input.shared.logits, input.shared.labels, input.shared.outs.pop() ?? inShared(input.logits)]
          : [array(input.logits), array(input.labels), array(new Float32Array(input.logits.length))];
      if (this.chance() < 0.1) round.held.push(pool.alloc(8_000_000));
    } catch (error) {
      return this.expectError(round, error, {});
    }
    const [logits, labels, out] = arrays;
    const controller = new AbortController();
    const { signal } = controller;
    const done = { aborted: false, transferred: false };
    let settled = 0;
    this.counts.calls++;
    const isSoftmax = this.chance() < 0.5;
    const options = { out, signal, ...(this.chance() < 0.3 ? { onProgress: () => undefined } : {}) };
    const call = isSoftmax
      ? pool.softmax(logits, input.cols, options)
      : pool.crossEntropyWithGrad(logits, labels, input.cols, options);
    const outcome = call.then(
      (result) => (settled++, this.expectRight(round, input, result, isSoftmax)),
      (error) => (settled++, this.expectError(round, error, done)),
    );
    await this.disturb(done, controller, where === 'ordinary' ? [logits, out][this.below(2)] : null);
    await outcome;
    if (where === 'shared') input.shared.outs.push(out);
    if (settled !== 1) this.failures.push(`a call settled ${settled} times`);
    if (isResident && !round.closing) {
      for (const one of arrays) {
        round.held.splice(round.held.indexOf(one), 1);
        pool.free(one);
      }
    }
  }

  async disturb(done, controller, array) {
    const what = this.chance();
    if (what < 0.4) return;
    await sleep(this.below(30));
    if (what < 0.7) {
      done.aborted = true;
      controller.abort();
    } else if (array !== null) {
      done.transferred = true;
      globalThis.structuredClone(array.buffer, { transfer: [array.buffer] });
    }
  }

  expectRight(round, input, result, isSoftmax) {
    const got = isSoftmax ? result : result.dlogits;
    // Transferred after the last row was copied, before anybody could look.
    if (got.length === 0) return;
    const isRight = same(got, isSoftmax ? input.probs : input.dlogits) && (isSoftmax || result.loss === input.loss);
    if (isRight) this.counts.right++;
    else {
      const what = `${input.logits.length / input.cols} × ${input.cols}, ${round.about}`;
      this.failures.push(`a wrong result of ${what}`);
    }
  }

  expectError({ deaths, closing }, error, { aborted, transferred }) {
    const text = String(error);
    const { counts } = this;
    if (aborted && error?.name === 'AbortError') counts.aborted++;
    else if (transferred && LOST.test(text)) counts.transferred++;
    else if (deaths > 0 && DIED.test(text)) counts.died++;
    else if (closing && CLOSED.test(text)) counts.closed++;
    else this.failures.push(`a call rejected with ${text}\n${error?.stack}`);
  }
}

/** An engine of each tier that this runtime has. */
function tiersOf({ createEngine }) {
  return ['relaxed', 'simd', 'scalar'].flatMap((tier) => {
    try {
      return [createEngine({ tier })];
    } catch {
      return [];
    }
  });
}

function inputsOf(engine) {
  return SHAPES.map(([rows, cols]) => {
    const logits = Float32Array.from({ length: rows * cols }, (_, i) => 9 * Math.sin(i * 7));
    const labels = Int32Array.from({ length: rows }, (_, r) => (r * 31) % cols);
    const { loss, dlogits } = engine.crossEntropyWithGrad(logits, labels, cols);
    // Kept, as threads only take over what comes again; each result of a call has its own.
    const shared = { logits: inShared(logits), labels: inShared(labels), outs: [] };
    return { cols, logits, labels, shared, loss, dlogits, probs: engine.softmax(logits, cols) };
  });
}

/** What `open` makes of a page that is not isolated. */
async function notIsolated(open) {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'crossOriginIsolated');
  Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false, configurable: true });
  try {
    return await open();
  } finally {
    delete globalThis.crossOriginIsolated;
    if (before !== undefined) Object.defineProperty(globalThis, 'crossOriginIsolated', before);
  }
}

async function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not settled in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  await Promise.race([promise, late]).finally(() => globalThis.clearTimeout(timer));
}

/** A copy on a SharedArrayBuffer of the program's own, where there is that. */
function inShared(from) {
  if (typeof SharedArrayBuffer === 'undefined') return from.slice();
  const copy = new from.constructor(new SharedArrayBuffer(from.byteLength));
  copy.set(from);
  return copy;
}

function inPool({ pool, held }, from) {
  const array = from instanceof Int32Array ? pool.allocInt32(from.length) : pool.alloc(from.length);
  held.push(array);
  array.set(from);
  return array;
}

function same(a, b) {
  if (a.length !== b.length) return false;
  const [x, y] = [a, b].map((array) => new Int32Array(array.buffer, array.byteOffset, array.length));
  return x.every((bits, i) => bits === y[i]);
}
