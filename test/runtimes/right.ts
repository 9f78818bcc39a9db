import { expect } from 'vitest';
import * as reference from '../reference.js';
import type { Exact } from '../reference.js';
import { expectUlp } from '../ulp.js';
import { COLUMNS, jacobianCols, labelsOf, logitsOf, ROWS, softOf, tangentOf, TEMPERATURE } from './probe.mjs';

export interface Attempt {
  options: object;
  tier?: string;
  reason?: string | null;
  error?: string;
  message?: string;
}

export type Results = { cols: number } & Record<string, number[]>;

/** The JSON of probe.mjs; `error` when the page or process failed before it came to that. */
export interface Found {
  error?: string;
  backend: { tier: string; reason: string | null };
  shared: boolean;
  results: Results[];
  engines: Attempt[];
  again: number[];
}

/** Every operation within the bounds of CONTRACT section 3. */
export function expectRight({ error, results, again }: Found): void {
  expect(error).toBe(undefined);
  expect(results.map(({ cols }) => cols)).toEqual(COLUMNS);
  for (const of of results) expectRightResults(of);
  expect(again).toEqual(results[0]!.softmax);
}

export function expectRightResults({ cols, ...results }: Results): void {
  const x = logitsOf(cols);
  const u = tangentOf(cols);
  // Derivatives are of the probabilities that they were given.
  const probs = results.softmax!;
  const logProbs = results.logSoftmax!;
  const fused = reference.softmaxWithJvp(x, u, cols, TEMPERATURE);
  const square = jacobianCols(cols);
  const jvp = reference.softmaxJvp(probs, u, cols);
  const bounds: [string, Exact, number][] = [
    ['softmax', reference.softmax(x, cols), 4],
    ['softmaxT', reference.softmax(x, cols, TEMPERATURE), 4],
    ['logSoftmax', reference.logSoftmax(x, cols), 4],
    ['logSumExp', reference.logSumExp(x, cols, TEMPERATURE), 4],
    ['softmaxJvp', jvp, 6],
    ['softmaxVjp', jvp, 6],
    ['softmaxJacobian', reference.softmaxJacobian(probs.slice(0, square), square), 6],
    ['logSoftmaxJvp', reference.logSoftmaxJvp(logProbs, u, cols), 6],
    ['logSoftmaxVjp', reference.logSoftmaxVjp(logProbs, u, cols), 6],
    ['withJvpProbs', fused.probs, 4],
    ['withJvpJvp', fused.jvp, 6],
  ];
  for (const [kind, targets, lossBound] of [
    ['labels', labelsOf(cols), 4],
    ['soft', softOf(cols), 6],
  ] as const) {
    const rows = reference.crossEntropy(x, targets, cols, { reduction: 'none' });
    const mean = reference.crossEntropy(x, targets, cols);
    bounds.push(
      [`${kind}Losses`, rows.losses, lossBound],
      [`${kind}Dlogits`, rows.dlogits, 6],
      [`${kind}Loss`, mean.loss, 6],
      [`${kind}MeanDlogits`, mean.dlogits, 6],
    );
  }
  expect(bounds.map(([name]) => name).sort()).toEqual(Object.keys(results).sort());
  for (const [name, exact, bound] of bounds) {
    const width = exact.values.length >= ROWS * cols ? cols : 1;
    expectUlp(results[name]!, exact, bound, width, `${name}, ${cols} columns,`);
  }
}

/** What the suites say of one run; scripts/matrix.mjs gathers it from their reports. */
export interface Environment {
  where: string;
  runtime: string;
  tier: string;
  reason: string | null;
}

declare module 'vitest' {
  interface TaskMeta {
    environment?: Environment;
  }
}

/**
 * Right answers on `tier`, and what is said of it: no reason on relaxed; on the others the runtime's message for each
 * tier that it refused, which `says` must match; the same from createEngine, which throws where that tier is asked for.
 */
export function expectFound(found: Found, tier: string, says: RegExp): void {
  expectRight(found);
  const { reason } = found.backend;
  expect(found.backend.tier, reason ?? '').toBe(tier);
  if (tier === 'relaxed') expect(reason).toBe(null);
  else {
    const parts = /^relaxed: (.+?)(?:; simd: (.+))?$/s.exec(reason!)!.slice(1, tier === 'scalar' ? 3 : 2);
    for (const part of parts) expect(part).toMatch(says);
  }
  const [auto, relaxed, simd, arena] = found.engines;
  const wasm = [relaxed!, simd!];
  if (reason?.includes('expected arenaBytes to be memory')) {
    for (const { error, message } of [simd!, arena!]) {
      expect([error, message]).toEqual([
        'RangeError',
        expect.stringMatching(/^createEngine: expected arenaBytes to be/),
      ]);
    }
    return;
  }
  expect([auto, arena]).toMatchObject([
    { tier, reason },
    { tier, reason },
  ]);
  for (const [i, name] of ['relaxed', 'simd'].entries()) {
    const has = name === tier || tier === 'relaxed';
    if (has) expect(wasm[i]).toMatchObject({ tier: name, reason: null });
    else {
      const rule = `createEngine: expected tier to be one that this runtime compiles, got '${name}' (`;
      expect(wasm[i]).toMatchObject({
        error: 'Error',
        argument: 'tier',
        message: expect.stringContaining(rule) as string,
      });
      expect(wasm[i]!.message).toMatch(says);
    }
  }
}
