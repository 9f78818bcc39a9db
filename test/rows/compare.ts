import { expect } from 'vitest';
import type { Operand } from '../calls.js';
import { run } from '../calls.js';
import type { Engine } from '../../src/index.js';
import type { Laid } from './case.js';
import { fromFloat, type HalfKind, isNaNHalf } from './half.js';

type Outputs = Record<string, Operand>;

/** What the written out rows give, with rows that are to be zero so. */
export function expectedOf(engine: Engine, { written, rows, cols, isEmpty }: Laid): Outputs {
  const want = run(engine, { ...written, arrays: written.arrays.map((array) => array.slice() as Operand) });
  for (const { name, width } of written.op.outputs) {
    if (width !== 'cols') continue;
    const empty = written.op.name === 'logSoftmax' ? -Infinity : 0;
    for (let r = 0; r < rows; r++) if (isEmpty(r)) want[name].fill(empty, r * cols, (r + 1) * cols);
  }
  return want;
}

/** Every output has the bits of the written out rows, of which half floats are rounded once. */
export function expectWrittenOut(laid: Laid, got: Outputs, want: Outputs, half: HalfKind | null): void {
  const wrong: string[] = [];
  for (const { name, width } of laid.written.op.outputs) {
    const isMatrix = width === 'cols';
    for (let r = 0; r < laid.rows; r++) {
      for (let c = 0; c < (isMatrix ? laid.cols : 1); c++) {
        const value = got[name][isMatrix ? laid.at(r, c) : r];
        const wanted = want[name][isMatrix ? r * laid.cols + c : r];
        const isDead = isMatrix && !laid.takesPart(r, c);
        const isSame =
          got[name].BYTES_PER_ELEMENT === 2 ? sameHalf(half!, value, wanted, isDead) : same(value, wanted, isDead);
        if (!isSame) wrong.push(`${name}[${r}, ${c}]: ${value} is not ${wanted}`);
      }
    }
  }
  expect(wrong.slice(0, 3)).toEqual([]);
}

/** The sign of a zero that takes no part is nobody's. */
const same = (got: number, want: number, isDead: boolean) => Object.is(got, want) || (isDead && got === want);

function sameHalf(kind: HalfKind, got: number, want: number, isDead: boolean): boolean {
  if (Number.isNaN(want)) return isNaNHalf(kind, got);
  const bits = fromFloat(kind, want);
  return got === bits || (isDead && (got & 0x7fff) === 0 && (bits & 0x7fff) === 0);
}
