/// <reference types="vite/client" />
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/index.js';
import { hashOf } from './batch.mjs';
import text from './expected.json?raw';

// CONTRACT section 1: the simd tier gives the same bits on every engine and machine. One batch, one committed hash:
// here on the Node that runs this, in npm run check -- bits on every runtime.

interface Hashes {
  hash: string;
  parts: Record<string, string>;
}

const expected = JSON.parse(text) as Hashes;

/** The batch takes 1 s alone, more beside other suites. */
const SECONDS = 60;

type Operation = (...args: never[]) => unknown;

/** The engine, with something done to the results of its calls; `called` gathers the operations by name. */
function watched(engine: Engine, called: Set<string>, change: (op: string, result: unknown) => void): Engine {
  const operations = Object.entries(engine).filter(([, value]) => typeof value === 'function') as [string, Operation][];
  const wrapped = operations.map(([op, call]) => [
    op,
    (...args: never[]) => {
      const result = call(...args);
      called.add(op);
      change(op, result);
      return result;
    },
  ]);
  return { ...engine, ...Object.fromEntries(wrapped) } as Engine;
}

describe('equal bits', { timeout: SECONDS * 1000 }, () => {
  const engine = createEngine({ tier: 'simd' });

  it('runs on simd', () => expect(engine.tier).toBe('simd'));

  it('hash to the committed value', async () => {
    const { parts, hash } = await hashOf(engine);
    expect(parts).toEqual(expected.parts);
    expect(hash).toBe(expected.hash);
  });

  describe('the hash', () => {
    const called = new Set<string>();
    let flipped = 0;
    let hashes: Hashes;

    beforeAll(async () => {
      const changed = watched(engine, called, (op, result) => {
        // the last bit of one element, in one call of many
        if (op === 'softmax' && flipped++ === 100) new Uint32Array((result as Float32Array).buffer)[0] ^= 1;
        if (op === 'logSoftmax') giveNaNPayload(result as Float32Array);
      });
      hashes = await hashOf(changed);
    }, SECONDS * 1000);

    it('sees one bit, and says in which operation', () => {
      expect(flipped).toBeGreaterThan(100);
      expect(hashes.hash).not.toBe(expected.hash);
      expect(hashes.parts.softmax).not.toBe(expected.parts.softmax);
      expect({ ...hashes.parts, softmax: '' }).toEqual({ ...expected.parts, softmax: '' });
    });

    it('covers every operation of an engine', () => {
      const notOperations = ['alloc', 'allocInt32', 'free'];
      const operations = Object.entries(engine).filter(([, value]) => typeof value === 'function');
      expect([...called, ...notOperations].sort()).toEqual(operations.map(([op]) => op).sort());
    });
  });
});

/** Another sign and payload in each NaN: the machine's own affair. */
function giveNaNPayload(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) if (Number.isNaN(values[i])) bits[i] = 0xffc01234;
}
