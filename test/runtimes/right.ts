import { expect } from 'vitest';
import { boundOf, type Call, exactOf } from '../calls.js';
import { expectUlp } from '../ulp.js';
import { callsAt, COLUMNS } from './probe.mjs';

export interface Attempt {
  options: object;
  tier?: string;
  reason?: string | null;
  error?: string;
  message?: string;
}

/** By call, then by output. */
export type Results = { cols: number } & Record<string, Record<string, number[]>>;

/** The JSON of probe.mjs; `error` when the page or process failed before it came to that. */
export interface Found {
  error?: string;
  backend: { tier: string; reason: string | null };
  shared: boolean;
  results: Results[];
  engines: Attempt[];
  again: Record<string, number[]>;
}

/** Every operation within the bounds of CONTRACT section 3. */
export function expectRight({ error, results, again }: Found): void {
  expect(error).toBe(undefined);
  expect(results.map(({ cols }) => cols)).toEqual(COLUMNS);
  for (const of of results) expectRightResults(of);
  expect(again).toEqual(results[0]!.softmax);
}

export function expectRightResults({ cols, ...results }: Results): void {
  const calls = callsAt(cols) as Call[];
  expect(Object.keys(results).sort()).toEqual(calls.map(({ title }) => title).sort());
  for (const call of calls) {
    // That of crossEntropy is returned, whatever its name.
    const expected = call.op.outputs.filter(({ side, result }) => !side || result === 'loss').map(({ name }) => name);
    const got = results[call.title];
    if (call.op.name !== 'crossEntropyGrad') expect(Object.keys(got).sort()).toEqual(expected.sort());
    const exact = exactOf(call);
    for (const output of call.op.outputs.filter(({ name }) => name in got)) {
      const list = Array.from(got[output.name], Number); // NaN may have come by its name
      const width = (list.length * call.cols) / call.arrays[0].length;
      expectUlp(list, exact[output.name], boundOf(output, call, true), width, `${call.title}, ${cols} columns,`);
    }
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
  // A lack of memory says how much was asked for.
  expect([auto, arena]).toMatchObject([
    { tier, reason },
    { tier, reason: reason && reason.replaceAll('got 0 (', 'got 64 (') },
  ]);
  if (reason?.includes('expected arenaBytes to be memory')) {
    // Who asks for a tier is told that it has no memory.
    expect([simd!.error, simd!.message]).toEqual([
      'RangeError',
      expect.stringMatching(/^createEngine: expected arenaBytes to be/),
    ]);
    return;
  }
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
