import { describe, expect, it } from 'vitest';
import { backend, softmax } from '../../src/index.js';
import { BUFFERS } from '../buffers.js';
import { lacks, tiers } from '../tiers.js';

// What the suites are told of a runtime is what it has: nothing less, and nothing that goes untested.

const FASTEST_FIRST = ['relaxed', 'simd', 'scalar'] as const;

describe('this runtime', () => {
  const names = tiers.map(({ name }) => name);

  it('takes the fastest of its tiers by itself, and says why it is no faster one', () => {
    const fastest = FASTEST_FIRST.find((name) => names.includes(name));
    const { tier, reason } = backend();
    expect(tier).toBe(fastest);
    const why = { relaxed: null, simd: /^relaxed: [^;]+$/, scalar: /^relaxed: [^;]+; simd: [^;]+$/ }[tier];
    if (why === null) expect(reason).toBe(null);
    else expect(reason).toMatch(why);
    expect([...softmax(Float32Array.of(0, 0), 2)]).toEqual([0.5, 0.5]);
  });

  it.each(tiers)('makes an engine of the $name tier', ({ name, engine }) => expect(engine().tier).toBe(name));

  it('has the kinds of buffers that it is said to have, and no others', () => {
    const shared = typeof SharedArrayBuffer !== 'undefined';
    const resizable = 'resizable' in ArrayBuffer.prototype;
    expect([!shared && 'SharedArrayBuffer', !resizable && 'resizable ArrayBuffer'].filter(Boolean)).toEqual(lacks);
    for (const { make, name } of BUFFERS) expect(make(16).byteLength, name).toBe(16);
  });
});
