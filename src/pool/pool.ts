import { check, makeOutputs, survey, withArguments } from '../call.js';
import { checkInteger, checkName, failType, ownOptions, show, messageOf } from '../check.js';
import { openEngine } from '../engine.js';
import { Call, type Operation, type Runner } from '../operation.js';
import { OPERATIONS } from '../ops/operations.js';
import type { Tier } from '../types.js';
import { bytesOf, checkDecisions, moduleOf, moduleTier, openWasm, readerModuleOrNull } from '../wasm/load.js';
import { decisionsBytes, decisionsModule } from '../wasm/decisions.js';
import { CallerCrew } from './caller-crew.js';
import { type CallInfo, Calls, type Small } from './calls.js';
import type { Crew } from './crew.js';
import { MessageCrew } from './message-crew.js';
import type { Modules, ReadingModules } from './messages.js';
import { SharedCrew } from './shared-crew.js';
import { compileShared } from './shared-module.js';
import { availableThreads, isServer } from './thread.js';
import type { Pool, PoolOptions } from './types.js';

const MOST_THREADS = 1024;

/** bench/pool.mjs: where a call takes as long on two threads as on one. */
const SMALL: Record<Tier, Small> = {
  relaxed: { shared: 393216, copied: 1048576 },
  simd: { shared: 393216, copied: 1048576 },
  scalar: { shared: 8192, copied: 32768 },
};

/** createPool; the tests set what is small. */
export async function openPool(options: PoolOptions = {}, small?: Small): Promise<Pool> {
  const op = 'createPool';
  const given = ownOptions<PoolOptions>(op, options, ['threads', 'tier', 'ordinary', 'workerUrl']);
  const threads = checkThreads(op, given.threads);
  const { ordinary = isServer() ? 'fastest' : 'workers' } = given;
  checkName(op, 'ordinary', ordinary, ['workers', 'fastest']);
  const url = checkUrl(op, given.workerUrl);
  const { runner, reason } = openEngine(op, { openWasm, moduleTier, checkDecisions }, { tier: given.tier });
  runner.needDecisions?.(decisionsModule);
  const crew = await openCrew(runner, threads, url);
  return makePool(new Calls(runner, crew, small ?? SMALL[runner.tier], ordinary), runner, crew, reason);
}

function checkThreads(op: string, threads: number | undefined): number {
  if (threads === undefined) return Math.min(availableThreads(), MOST_THREADS);
  return checkInteger(op, 'threads', threads, 1, MOST_THREADS, `an integer in [1, ${MOST_THREADS}]`);
}

function checkUrl(op: string, url: PoolOptions['workerUrl']): string | undefined {
  if (url === undefined || typeof url === 'string') return url;
  if (typeof url !== 'object' || url === null || typeof url.href !== 'string') {
    failType(op, 'workerUrl', 'a string or a URL', show(url));
  }
  return url.href;
}

/** Threads that share memory; else threads that get rows by message; else the calling thread. */
async function openCrew(runner: Runner, threads: number, url: string | undefined): Promise<Crew> {
  const { tier } = runner;
  let why: string;
  try {
    checkSharing();
    const crew = new SharedCrew(threads, url, await sharedModules(tier), readingModules(tier));
    await crew.start();
    return crew;
  } catch (error) {
    why = messageOf(error);
  }
  try {
    const modules = tier === 'scalar' ? NO_MODULES : { module: moduleOf(tier), decisions: decisionsModule() };
    const crew = new MessageCrew(threads, url, modules, readingModules(tier), why);
    await crew.start();
    return crew;
  } catch (error) {
    return new CallerCrew(runner, `threads: ${messageOf(error)}`);
  }
}

const NO_MODULES: Modules = { module: null, decisions: null };

async function sharedModules(tier: Tier): Promise<Modules> {
  if (tier === 'scalar') return NO_MODULES;
  const [module, decisions] = await Promise.all([bytesOf(tier), decisionsBytes()].map(compileShared));
  return { module, decisions };
}

function readingModules(tier: Tier): ReadingModules | null {
  if (tier === 'scalar') return null;
  return { tier, kernels: moduleOf(tier), reader: readerModuleOrNull(), decisions: decisionsModule() };
}

/** A page that is not isolated may make shared memory, but cannot send it to its workers. */
function checkSharing(): void {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) throw new Error('this page is not cross-origin isolated');
  if (typeof SharedArrayBuffer === 'undefined') throw new Error('this runtime has no SharedArrayBuffer');
}

function makePool(calls: Calls, runner: Runner, crew: Crew, tierReason: string | null): Pool {
  const pool = {
    ...makeOperations(crew, calls),
    get threads() {
      return Math.max(crew.threads, 1);
    },
    get reason() {
      return crew.reason;
    },
    tier: runner.tier,
    tierReason,
    alloc(length: number) {
      calls.checkOpen('alloc');
      return crew.alloc(length);
    },
    allocInt32(length: number) {
      calls.checkOpen('allocInt32');
      return crew.allocInt32(length);
    },
    free(array: Float32Array | Int32Array) {
      if (ArrayBuffer.isView(array) && calls.uses(array)) {
        failType('free', 'array', 'in use by no call', 'one that a call in flight uses');
      }
      crew.free(array);
    },
    close: () => calls.close(),
  };
  const { asyncDispose } = Symbol as { asyncDispose?: symbol };
  if (asyncDispose !== undefined) Object.defineProperty(pool, asyncDispose, { value: () => calls.close() });
  return pool as unknown as Pool;
}

/** Every operation whose results are rows, as a function that returns a promise. */
function makeOperations(crew: Crew, calls: Calls): Record<string, unknown> {
  const inRows = OPERATIONS.filter(({ operands }) => operands.every(({ width }) => width !== 'square'));
  return Object.fromEntries(inRows.map((operation) => [operation.name, makeFunction(operation, crew, calls)]));
}

/** What `checkInfo` checks. */
const CALL_OPTIONS = ['signal', 'onProgress'];

/** The checks of the main entry's function, then the threads, then its result. */
function makeFunction(operation: Operation, crew: Crew, calls: Calls): unknown {
  return withArguments(operation, async (a, b, cols, options, k) => {
    const call = new Call(operation);
    check(crew, call, a, b, cols, options, CALL_OPTIONS, k);
    // From here on its arrays cannot be freed, whatever code of a signal's own does.
    return calls.hold(call, async () => {
      const isChecked = !calls.surveys(call);
      if (isChecked) survey(call);
      const info = checkInfo(call);
      makeOutputs(call);
      await calls.run(info, call, isChecked);
      return operation.result(call);
    });
  });
}

/** The options that calls of a pool have beside their operation's, checked after those. */
function checkInfo({ operation, values }: Call): CallInfo {
  const op = operation.name;
  const [signal, onProgress] = values.slice(operation.options.length) as [unknown, unknown];
  if (signal !== undefined && !isSignal(signal)) failType(op, 'signal', 'an AbortSignal', show(signal));
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    failType(op, 'onProgress', 'a function', show(onProgress));
  }
  return { op, signal, onProgress: onProgress as CallInfo['onProgress'] };
}

/** All that is asked of one. */
function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { throwIfAborted, addEventListener, removeEventListener } = value as Record<string, unknown>;
  return [throwIfAborted, addEventListener, removeEventListener].every((method) => typeof method === 'function');
}
