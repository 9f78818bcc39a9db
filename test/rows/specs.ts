import fc from 'fast-check';
import { callsOn, type Op, type Operand } from '../calls.js';
import { lay, type Laid, type Spec } from './case.js';
import type { HalfKind } from './half.js';

/** Calls of rows as they are, of every shape, for properties. */

/** Both sides of the boundary of narrow rows, of blocks, of stretches. */
const COLUMNS = [1, 2, 3, 5, 8, 21, 32, 33, 63, 64, 65, 96, 150, 511, 513, 1100];
const MOST_ELEMENTS = 12_000;

const specs = fc.record({
  cols: fc.constantFrom(...COLUMNS),
  outer: fc.integer({ min: 1, max: 12 }),
  inner: fc.constantFrom(1, 1, 1, 2, 3, 4, 7, 16, 33),
  half: fc.constantFrom<HalfKind | null>(null, null, 'float16', 'bfloat16'),
  starts: fc.constantFrom(0, 0, 1, 2, 99),
  ends: fc.constantFrom(0, 0, 1, 3, 99),
  mask: fc.constantFrom<Spec['mask']>('none', 'none', 'bytes', 'one row of bytes', 'bits'),
  maskRows: fc.constantFrom(0, 1, 2, 3),
  share: fc.constantFrom(0.03, 0.5, 0.97),
  emptyIsZero: fc.boolean(),
  wild: fc.constantFrom(0, 0, 0.01),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** One block of narrow rows side by side, which kernels take as it is: seldom among the others. */
const blocks = fc.record({
  cols: fc.constantFrom(1, 2, 3, 5, 8, 21, 33, 63),
  outer: fc.constant(1),
  inner: fc.constantFrom(2, 3, 4, 5, 7, 16, 33, 130),
  half: fc.constantFrom<HalfKind | null>(null, null, null, 'float16'),
  starts: fc.constant(0),
  ends: fc.constant(0),
  mask: fc.constantFrom<Spec['mask']>('none', 'none', 'none', 'bytes'),
  maskRows: fc.constant(0),
  share: fc.constantFrom(0.03, 0.5, 0.97),
  emptyIsZero: fc.constant(false),
  wild: fc.constantFrom(0, 0, 0.01),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** Rows whose limits and masks repeat: parts of a call must know which are theirs. */
const periodic = fc.record({
  cols: fc.constantFrom(2, 5, 33, 65, 150),
  outer: fc.constantFrom(6, 12, 18),
  inner: fc.constant(1),
  half: fc.constant<HalfKind | null>(null),
  starts: fc.constantFrom(0, 2, 3),
  ends: fc.constantFrom(0, 3),
  mask: fc.constantFrom<Spec['mask']>('bytes', 'bits'),
  maskRows: fc.constantFrom(2, 3),
  share: fc.constant(0.5),
  emptyIsZero: fc.boolean(),
  wild: fc.constant(0),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** Calls of an operation, one of its ways each. */
export function laidCalls(op: Op): fc.Arbitrary<{ laid: Laid; half: HalfKind | null }> {
  return fc
    .tuple(fc.oneof({ weight: 3, arbitrary: specs }, blocks, periodic), fc.nat())
    .map(([{ cols, wild, ...spec }, way]) => {
      const outer = Math.max(1, Math.min(spec.outer, Math.floor(MOST_ELEMENTS / cols / spec.inner)));
      const ways = callsOn(outer * spec.inner, cols, [op]);
      const call = ways[way % ways.length];
      makeWild(call.arrays[0], wild, spec.seed);
      return { laid: lay(call, { ...spec, outer }), half: spec.half };
    });
}

/** NaN and infinities here and there. */
function makeWild(logits: Operand, share: number, seed: number): void {
  const odd = [NaN, Infinity, -Infinity, 3e38, -3e38];
  for (let i = 0; share > 0 && i < logits.length; i++) {
    const u = ((i + seed) * 2654435761) % 4294967296;
    if (u / 4294967296 < share) logits[i] = odd[u % odd.length];
  }
}
