import { afterAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { type Case, classesLast, columns, type ErrorCase, expectedOf, floats, SUITES } from './cases.js';
import { CONVENTIONS, ERRORS_NOT_RUN, type Listed, NOT_RUN, reasonOf } from './not-run.js';
import { everyTier } from '../every-tier.js';

// The cases of other people's test suites (test/conformance/README.md), each on every tier. Those that are not run are
// listed by id in test/conformance/not-run.ts.

const CASES = SUITES.flatMap(({ cases }) => cases);
const ERROR_CASES = SUITES.flatMap(({ errorCases }) => errorCases);

/** Cases of each file, and how many of them run. */
const COUNTS: Record<string, { cases: number; run: number }> = {
  'jax-js.json': { cases: 8, run: 7 },
  'jax.json': { cases: 13, run: 3 },
  'logexpfunctions.json': { cases: 18, run: 18 },
  'nnlib-flux.json': { cases: 21, run: 14 },
  'onnx-node.json': { cases: 84, run: 67 },
  'optax.json': { cases: 7, run: 7 },
  'scipy.json': { cases: 41, run: 39 },
  'stdlib.json': { cases: 11, run: 11 },
  'tensorflow-xla.json': { cases: 8, run: 6 },
  'tfjs.json': { cases: 30, run: 24 },
  'transformersjs.json': { cases: 2, run: 2 },
  'webnn-baseline.json': { cases: 14, run: 14 },
  'wpt-webnn.json': { cases: 52, run: 52 },
};

const LISTED: Record<string, number> = {
  'no nllLoss': 16,
  'no vjp of logSumExp': 1,
  'convention all-masked-zero': 2,
  'convention posinf-share': 7,
  'convention invalid-label-nan': 2,
  'no mask': 6,
  'no sampleWeights': 4,
  'no such reduction': 2,
  'empty class axis': 5,
};

/** What the library gives for a case: more than one result where several functions serve it. */
function results(engine: Engine, of: ErrorCase): ArrayLike<number>[] {
  const cols = columns(of);
  const { params } = of;
  const logits = classesLast(of, of.input);
  const { temperature } = params;
  switch (of.op) {
    case 'softmax':
      return [engine.softmax(logits, cols, { temperature })];
    case 'logSoftmax':
      return [engine.logSoftmax(logits, cols, { temperature })];
    case 'logSumExp':
      return [engine.logSumExp(logits, cols, { temperature })];
    case 'jvp':
      return derivatives(engine, of, classesLast(of, params.tangent!), logits, cols).jvp;
    case 'vjp':
      return derivatives(engine, of, classesLast(of, params.cotangent!), logits, cols).vjp;
    case 'crossEntropy':
    case 'crossEntropyGrad': {
      const targets = params.labels ? Int32Array.from(params.labels) : classesLast(of, params.targets!);
      const options = {
        reduction: params.reduction as 'mean' | 'sum' | 'none' | undefined,
        ignoreIndex: params.ignoreIndex,
        labelSmoothing: params.labelSmoothing,
        classWeights: params.weights && floats(params.weights),
        temperature,
      };
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, options);
      if (of.op === 'crossEntropyGrad') return [engine.crossEntropyGrad(logits, targets, cols, options), dlogits];
      return [engine.crossEntropy(logits, targets, cols, options), loss].map((l) => (typeof l === 'number' ? [l] : l));
    }
    default:
      throw new Error(`no function for ${of.op}`);
  }
}

/** By every function that serves: J of softmax is symmetric, so that its two derivatives are one. */
function derivatives(engine: Engine, of: ErrorCase, vector: Float32Array, logits: Float32Array, cols: number) {
  expect(of.params.from).toBe('logits');
  const kind = of.params.of as 'softmax' | 'logSoftmax';
  const first = engine[kind](logits, cols);
  const jvp = engine[`${kind}Jvp`](first, vector, cols);
  const vjp = engine[`${kind}Vjp`](first, vector, cols);
  if (kind === 'logSoftmax') return { jvp: [jvp], vjp: [vjp] };
  const all = [jvp, vjp, engine.softmaxWithJvp(logits, vector, cols).jvp];
  return { jvp: all, vjp: all };
}

/** NaN and infinities exactly; finite values within the case's tolerance, on data that is not float32 at least ours. */
function expectClose(of: Case, got: ArrayLike<number>, want = expectedOf(of)): void {
  const float32 = of.dtype === 'float32';
  const rtol = float32 ? of.rtol : Math.max(of.rtol, 1e-5);
  const atol = float32 ? of.atol : Math.max(of.atol, 1e-6);
  expect(got.length, 'length').toBe(want.length);
  want.forEach((w, i) => {
    if (w === null) return;
    const close = Number.isFinite(w) ? Math.abs(got[i] - w) <= atol + rtol * Math.abs(w) : Object.is(got[i], w);
    if (!close) expect.fail(`element ${i}: got ${got[i]}, want ${w}, rtol ${rtol}, atol ${atol}`);
  });
}

const toRun = CASES.filter((of) => reasonOf(NOT_RUN, of) === undefined);
const errorsToRun = ERROR_CASES.filter((of) => reasonOf(ERRORS_NOT_RUN, of) === undefined);

everyTier('conformance', (engine) => {
  it.each(toRun.map((of) => [of.id, of] as const))('%s', (_, of) => {
    for (const got of results(engine, of)) expectClose(of, got);
  });

  it.each(errorsToRun.map((of) => [of.id, of] as const))('%s throws', (_, of) => {
    expect(() => results(engine, of)).toThrow(RangeError);
  });
});

describe('conformance: the lists', () => {
  const report: string[] = [];
  afterAll(() => console.log(report.join('\n')));

  it('names each case once', () => {
    const ids = [...CASES, ...ERROR_CASES].map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('knows every operation, convention and parameter of the data', () => {
    const seen = (values: (string | undefined)[]) => [...new Set(values)].filter((v) => v !== undefined).sort();
    expect(seen(CASES.map(({ op }) => op))).toEqual([
      'crossEntropy',
      'crossEntropyGrad',
      'logSoftmax',
      'logSumExp',
      'nllLoss',
      'softmax',
      'vjp',
    ]);
    expect(seen(CASES.map(({ convention }) => convention))).toEqual([...CONVENTIONS].sort());
    expect(seen(CASES.map(({ dtype }) => dtype))).toEqual(['float16', 'float32', 'float64']);
    // `orig` says how the suite wrote the call before its axes were merged
    expect(seen(CASES.flatMap(({ params }) => Object.keys(params)))).toEqual(
      [...PARAMETERS, 'mask', 'orig', 'sampleWeights'].sort(),
    );
  });

  it('runs every case that is not listed, and lists none that it could run', () => {
    expect(listedIds(CASES, NOT_RUN)).toEqual(idsOf(NOT_RUN));
    expect(listedIds(ERROR_CASES, ERRORS_NOT_RUN)).toEqual(idsOf(ERRORS_NOT_RUN));
  });

  it('counts them', () => {
    const counts: typeof COUNTS = {};
    for (const { file, cases } of SUITES) {
      const run = cases.filter((of) => toRun.includes(of)).length;
      counts[file] = { cases: cases.length, run };
      report.push(`${file}: ${run} of ${cases.length} cases run`);
    }
    expect(counts).toEqual(COUNTS);
    const listed: typeof LISTED = {};
    for (const [name, { reason, ids }] of Object.entries(NOT_RUN)) {
      listed[name] = ids.length;
      report.push(`not run, ${name}: ${ids.length} (${reason})`);
    }
    expect(listed).toEqual(LISTED);
    for (const [name, { reason, ids }] of Object.entries(ERRORS_NOT_RUN)) {
      report.push(`not run, ${name}: ${ids.length} calls that must fail (${reason})`);
    }
    expect([ERROR_CASES.length, errorsToRun.length]).toEqual([3, 1]);
    report.push(
      `in all ${toRun.length} of ${CASES.length} cases, ${errorsToRun.length} of ${ERROR_CASES.length} errors`,
    );
    expect([CASES.length, toRun.length]).toEqual([309, 264]);
  });
});

/** Parameters that `results` reads. */
const PARAMETERS = [
  'cotangent',
  'from',
  'ignoreIndex',
  'labelSmoothing',
  'labels',
  'of',
  'reduction',
  'targets',
  'weights',
];

/** reason: ids, as the conditions find them in the data. */
function listedIds<C extends ErrorCase>(cases: C[], table: Record<string, Listed<C>>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const of of cases) {
    const name = reasonOf(table, of);
    if (name !== undefined) (found[name] ??= []).push(of.id);
  }
  for (const ids of Object.values(found)) ids.sort();
  return found;
}

/** reason: ids, as the table has them. */
function idsOf<C>(table: Record<string, Listed<C>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(table).map(([name, { ids }]) => [name, [...ids].sort()]));
}

everyTier('conformance, listed: what the contract gives instead', (engine) => {
  const listed = (name: string): [string, Case][] =>
    CASES.filter((of) => reasonOf(NOT_RUN, of) === name).map((of) => [of.id, of]);

  it.each(listed('convention posinf-share'))('%s: NaN in the rows that hold +Infinity, no other', (_, of) => {
    const cols = columns(of);
    const logits = classesLast(of, of.input);
    const want = expectedOf(of).map((w, i) => {
      const start = i - (i % cols);
      return logits.subarray(start, start + cols).includes(Infinity) ? NaN : w;
    });
    expect(want.some(Number.isNaN)).toBe(true);
    for (const got of results(engine, of)) expectClose(of, got, want);
  });

  it.each(listed('convention invalid-label-nan'))('%s: RangeError', (_, of) => {
    expect(() => results(engine, of)).toThrow('expected targets[2] to be in [0, 4) or ignoreIndex -100, got 7');
  });

  it.each(listed('no mask'))('%s: the mask written as -Infinity', (_, of) => {
    const input = of.input.map((v, i) => (of.params.mask![i] ? v : '-Infinity'));
    for (const got of results(engine, { ...of, input })) expectClose(of, got);
  });

  it.each(listed('empty class axis'))('%s: RangeError', (_, of) => {
    expect(() => results(engine, of)).toThrow(`${of.op}: expected cols to be a positive integer, got 0`);
  });
});
