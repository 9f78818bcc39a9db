import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { type Operand, run } from '../calls.js';
import { everyTier } from '../every-tier.js';
import { LAID_OPS, type Laid } from './case.js';
import { expectedOf, expectWrittenOut } from './compare.js';
import type { HalfKind } from './half.js';
import { laidCalls } from './specs.js';

// CONTRACT section 6: rows as they are have the bits of the same rows written out.

/** Where arrays lie and what is written over: what is chosen never changes a bit. */
const PLACES = ['ordinary', 'in place', 'resident', 'resident, in place', 'a half out'] as const;

everyTier('rows as they are', (engine) => {
  describe.each(LAID_OPS.map((op) => [op.name, op] as const))('%s', (_, op) => {
    it('has the bits of the rows written out, wherever arrays lie', () => {
      fc.assert(
        fc.property(laidCalls(op), fc.constantFrom(...PLACES), ({ laid, half }, place) => {
          expectBits(engine, laid, place, half);
        }),
        { numRuns: 60, seed: 7 },
      );
    });
  });
});

function expectBits(engine: Engine, laid: Laid, place: (typeof PLACES)[number], half: HalfKind | null): void {
  const want = expectedOf(engine, laid);
  const { call } = laid;
  const held: Float32Array[] = [];
  const isResident = place.startsWith('resident');
  const put = (array: Operand): Operand => {
    if (!isResident || array.byteLength === 0) return array.slice() as Operand;
    const block = engine.alloc(Math.ceil(array.byteLength / 4));
    held.push(block);
    const Class = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Operand;
    const view = new Class(block.buffer, block.byteOffset, array.length);
    view.set(array);
    return view;
  };
  try {
    const arrays = call.arrays.map(put);
    const options = Object.fromEntries(
      Object.entries(call.options).map(([name, value]) => [
        name,
        ArrayBuffer.isView(value) ? put(value as Operand) : value,
      ]),
    );
    const before = arrays.map((array) => array.slice());
    const outs: Record<string, Operand> = {};
    const [first] = call.op.outputs;
    const isLaidOver = first.over !== undefined && first.width === 'cols';
    if (place.endsWith('in place') && isLaidOver) outs[first.name] = arrays[0];
    const isHalf = call.options.dtype !== undefined && call.op.inputs[0].holds === 'logits';
    if (place === 'a half out' && isHalf && isLaidOver) outs[first.name] = new Uint16Array(arrays[0].length) as never;
    const got = run(engine, { ...call, arrays, options }, outs);
    expectWrittenOut(laid, got, want, half);
    for (const [name, out] of Object.entries(outs)) expect(got[name]).toBe(out);
    arrays.forEach((array, i) => {
      if (!Object.values(outs).includes(array)) expect(array).toEqual(before[i]);
    });
  } finally {
    for (const block of held) engine.free(block);
  }
}
