import { describe, expect, it } from 'vitest';
import { Call } from '../../src/operation.js';
import { crossEntropyOp } from '../../src/ops/cross-entropy.js';
import { LOSSES } from '../../src/ops/cross-entropy-call.js';
import { Control, layout } from '../../src/pool/control.js';
import { addInTurn } from '../../src/pool/in-turn.js';

// Sums in the order of rows: whenever chunks are computed, and whoever comes while another adds.

const ROWS_OF_CHUNK = 2;
/** Every order of them but one has another float64 sum. */
const VALUES = [2 ** 60, 1, -(2 ** 60), 1, 2 ** 70, 3, -(2 ** 70), 5];
const CHUNKS = VALUES.length / ROWS_OF_CHUNK;
const WANTED = VALUES.reduce((sum, value) => sum + value, 0);
const AT = layout(1).arrays;
const MARKS = AT + 4 * VALUES.length;
const buffer = new SharedArrayBuffer(MARKS + 4 * CHUNKS);
const viewOf = () => buffer;

/** Chunks of `arriving` are computed one after the other, each while the one before it is being added. */
class Interrupted extends Control {
  arriving: number[] = [];

  override setTotal(slot: number, total: number): void {
    super.setTotal(slot, total);
    const chunk = this.arriving.shift();
    if (chunk !== undefined) addInTurn(this, slot, chunk, viewOf);
  }
}

function published(): Interrupted {
  const losses = new Float32Array(buffer, AT, VALUES.length);
  losses.set(VALUES);
  new Int32Array(buffer, MARKS, CHUNKS).fill(0);
  const call = new Call(crossEntropyOp);
  call.rows = VALUES.length;
  call.cols = 1;
  call.summed = LOSSES;
  call.operands[LOSSES] = losses;
  const control = new Interrupted(buffer, 1);
  const task = { call, kind: 'sum' as const, block: null, progress: null, done: () => undefined };
  const buffers = call.operands.map(() => 0);
  control.publish(0, task, { chunks: CHUNKS, chunkRows: ROWS_OF_CHUNK, marks: MARKS, buffers });
  return control;
}

function permutations(of: number[]): number[][] {
  if (of.length < 2) return [of];
  return of.flatMap((first) => permutations(of.filter((other) => other !== first)).map((rest) => [first, ...rest]));
}

describe('a sum in turn', () => {
  const orders = permutations(Array.from({ length: CHUNKS }, (_, i) => i));

  it('depends on the order', () => {
    expect([...VALUES].reverse().reduce((sum, value) => sum + value, 0)).not.toBe(WANTED);
  });

  it('is that of the rows in their order, in whatever order chunks are computed', () => {
    for (const order of orders) {
      const control = published();
      for (const chunk of order) addInTurn(control, 0, chunk, viewOf);
      expect(control.total(0), String(order)).toBe(WANTED);
    }
  });

  it('loses no chunk that is computed while another worker adds', () => {
    for (const order of orders) {
      for (let waiting = 1; waiting <= CHUNKS; waiting++) {
        const control = published();
        control.arriving = order.slice(waiting);
        for (const chunk of order.slice(0, waiting)) addInTurn(control, 0, chunk, viewOf);
        // Where nobody was at it, they come by themselves.
        while (control.arriving.length > 0) addInTurn(control, 0, control.arriving.shift()!, viewOf);
        expect(control.total(0), `${order.join()}, ${waiting}`).toBe(WANTED);
      }
    }
  });
});
