import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Computing from '../../src/cli/compute.js';
import { run } from '../../src/cli/run.js';
import { createEngine, type CrossEntropyOptions, type Tier } from '../../src/index.js';
import { npyOf, temporaryFolder } from './npy-bytes.js';

/** What the command line calls of the library, and for how many rows. */
const calls: [name: string, rows: number][] = [];

vi.mock('../../src/cli/compute.js', async (original) => {
  const { openCompute } = await original<typeof Computing>();
  return {
    openCompute: async (...args: Parameters<typeof openCompute>) => {
      const compute = await openCompute(...args);
      const functions = { ...compute.functions };
      for (const name of ['crossEntropy', 'crossEntropyGrad', 'crossEntropyWithGrad'] as const) {
        const call = (compute.functions as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
        Object.assign(functions, {
          [name]: (logits: Float32Array, targets: unknown, cols: number, options: unknown) => {
            calls.push([name, logits.length / cols]);
            return call(logits, targets, cols, options);
          },
        });
      }
      return { ...compute, functions };
    },
  };
});

describe('cross-entropy goes over each row once', () => {
  // Two blocks of 2 MiB and a part of one.
  const [rows, cols, blockRows] = [150_000, 8, 65_536];
  const logits = Float32Array.from({ length: rows * cols }, (_, i) => 5 * Math.sin(i));
  const labels = Int32Array.from({ length: rows }, (_, r) => (r % 5 === 0 ? -100 : r % cols));
  const probs = Float32Array.from({ length: rows * cols }, (_, i) => (i % 3) / 8);
  const weights = Float32Array.from({ length: cols }, (_, j) => j / 4);
  const { folder, put } = temporaryFolder();
  const file = (name: string) => join(folder, name);
  let printed: string[];

  beforeEach(() => {
    put('logits.f32', new Uint8Array(logits.buffer));
    put('labels.npy', npyOf('<i4', `(${rows},)`, Array.from(labels)));
    put('probs.npy', npyOf('<f4', `(${rows}, ${cols})`, Array.from(probs)));
    put('weights.npy', npyOf('<f4', `(${cols},)`, Array.from(weights)));
    calls.length = 0;
    printed = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  });

  afterEach(() => void vi.restoreAllMocks());

  it.each([
    ['labels.npy', [], { reduction: 'mean' }],
    ['labels.npy', ['--reduction', 'sum', '--scale', '3'], { reduction: 'sum', scale: 3 }],
    ['labels.npy', ['--scale', '0.3', '--class-weights', 'weights.npy'], { scale: 0.3, classWeights: weights }],
    ['labels.npy', ['--threads', '2', '--temperature', '2'], { temperature: 2 }],
    ['labels.npy', ['--tier', 'scalar', '--z-loss', '0.1'], { zLoss: 0.1, tier: 'scalar' }],
    ['probs.npy', ['--scale', '3'], { scale: 3 }],
  ] as const)('%s %j', async (targets, flags, { tier, ...options }: CrossEntropyOptions & { tier?: Tier }) => {
    const named = flags.map((flag) => (flag.endsWith('.npy') ? file(flag) : flag));
    const args = [file('logits.f32'), '--cols', String(cols), '--targets', file(targets), '-q', ...named];
    await run(['cross-entropy', ...args, '-o', file('losses.f32'), '--grad', file('grad.f32')]);
    expect(calls).toEqual([blockRows, blockRows, rows - 2 * blockRows].map((part) => ['crossEntropyWithGrad', part]));

    const losses = new Float32Array(rows);
    const engine = createEngine({ tier: tier ?? 'auto' });
    const want = engine.crossEntropyWithGrad(logits, targets === 'labels.npy' ? labels : probs, cols, {
      ...options,
      losses,
    });
    expect(printed).toEqual([`${String(want.loss)}\n`]);
    expect(readFileSync(file('losses.f32')).equals(new Uint8Array(losses.buffer))).toBe(true);
    expect(readFileSync(file('grad.f32')).equals(new Uint8Array(want.dlogits.buffer))).toBe(true);

    calls.length = 0;
    await run(['cross-entropy', ...args]);
    expect(calls.map(([name]) => name)).toEqual(['crossEntropy', 'crossEntropy', 'crossEntropy']);
    expect(printed[1]).toBe(printed[0]);
  });
});
