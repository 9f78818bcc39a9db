import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { BUFFERS } from '../buffers.js';
import { type Call, callsOn, newOutput, type Operand, run, WHOLE_OPS } from '../calls.js';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { BEYOND_TILE, LONG_ROW } from '../inputs.js';
import { otherRealm } from '../realm.js';
import { expectSame } from '../ulp.js';

// CONTRACT section 3, determinism: a row's result does not depend on the rows beside it, its place in the batch,
// alignment, `out`, tiling, copying or `alloc`.

const COLUMNS = [1, 2, 3, 5, 10, 16, 33, 64, 65, 100, 257, 1000];
const ROWS = 11;

/** Every way of calling, for it.each. */
function callsFor(cols: number, rows = ROWS): [title: string, call: Call][] {
  return callsOn(rows, cols, WHOLE_OPS).map((call) => [call.title, call]);
}

const copyOf = (call: Call): Call => ({ ...call, arrays: call.arrays.map((array) => array.slice()) });
const rowsIn = ({ arrays, cols }: Call) => arrays[0].length / cols;

type Outputs = Record<string, Operand>;

function expectAllSame(call: Call, got: Outputs, want: Outputs): void {
  for (const { name, width } of call.op.outputs) expectSame(got[name], want[name], width === 'one' ? 1 : call.cols);
}

/** Rows [first, last) of each array, as views. */
function partOf(call: Call, first: number, last: number): Call {
  const rows = rowsIn(call);
  const arrays = call.arrays.map((values) => {
    const width = values.length / rows;
    return values.subarray(first * width, last * width);
  });
  return { ...call, arrays };
}

/** Rows [first, last) computed by themselves have the bits of `want`, the results of the whole. */
function expectPartSame(engine: Engine, call: Call, want: Outputs, first: number, last: number): void {
  const rows = rowsIn(call);
  const got = run(engine, partOf(call, first, last));
  for (const [name, whole] of Object.entries(want)) {
    const width = whole.length / rows;
    expectSame(got[name], whole.subarray(first * width, last * width), width);
  }
}

/** Outputs filled with NaN, where `make` puts them. */
function outputsFor(call: Call, make: (values: Operand) => Operand = (values) => values): Outputs {
  const { outputs } = call.op;
  return Object.fromEntries(
    outputs.map((output) => [output.name, make(newOutput(output, rowsIn(call), call.cols, NaN))]),
  );
}

/** The same with those in place that may lie over an input. */
function inPlace(call: Call, outs = outputsFor(call)): Outputs {
  const placed = { ...outs };
  for (const { name, over } of call.op.outputs) {
    const array = call.arrays[call.op.inputs.findIndex((input) => input.name === over)];
    if (array?.length === outs[name].length) placed[name] = array;
  }
  return placed;
}

function expectGiven(got: Outputs, given: Outputs): void {
  for (const [name, output] of Object.entries(given)) expect(got[name]).toBe(output);
}

/** Rows that take other ways through the kernels than the row beside them: far from 0, masked, not finite, tiny. */
const UNLIKE: ((row: Float32Array) => void)[] = [
  () => {},
  (row) => row.forEach((v, c) => (row[c] = v + 400)),
  (row) => row.fill(-Infinity),
  (row) => row.forEach((v, c) => (row[c] = v - 400)),
  (row) => (row[row.length - 1] = NaN),
  (row) => row.forEach((v, c) => (row[c] = v * 1e37)),
  (row) => (row[row.length >> 1] = Infinity),
  (row) => row.forEach((v, c) => (row[c] = c % 3 === 1 ? -Infinity : v)),
  (row) => row.forEach((v, c) => (row[c] = v * 1e-40)),
];

/** Row r of a batch in which a second round has other neighbours. */
function makeUnlike(row: Float32Array, r: number): void {
  const round = Math.floor(r / UNLIKE.length);
  UNLIKE[((2 + 2 * round) * r + round) % UNLIKE.length](row);
}

/** A copy of `values` that `make` found room for. */
type Place = (values: Operand) => Operand;

const offsetBy =
  (bytes: number): Place =>
  (values) => {
    const buffer = new ArrayBuffer(values.byteLength + bytes + 4);
    const Typed = values instanceof Int32Array ? Int32Array : Float32Array;
    const view = new Typed(buffer, bytes, values.length);
    view.set(values);
    return view;
  };

const inBuffer =
  (make: (bytes: number) => ArrayBufferLike): Place =>
  (values) => {
    const Typed = values instanceof Int32Array ? Int32Array : Float32Array;
    const view = new Typed(make(values.byteLength) as ArrayBuffer);
    view.set(values);
    return view.subarray(0, values.length);
  };

const realm = await otherRealm();
const inOtherRealm: Place = (values) =>
  values instanceof Int32Array ? realm.Int32Array.from(values) : realm.Float32Array.from(values);

const PLACES: Record<string, Place> = {
  'byte offset 4': offsetBy(4),
  'byte offset 8': offsetBy(8),
  'byte offset 12': offsetBy(12),
  'byte offset 20': offsetBy(20),
  ...Object.fromEntries(BUFFERS.map(({ name, make }) => [name, inBuffer(make)])),
  'another realm': inOtherRealm,
};

everyTier('same bits', (engine) => {
  describe.each(COLUMNS)('%i columns', (cols) => {
    it.each(callsFor(cols))('%s changes no input and repeats itself', (_, call) => {
      const copies = copyOf(call).arrays;
      const first = run(engine, call);
      call.arrays.forEach((values, k) => expectSame(values, copies[k], cols));
      expectAllSame(call, run(engine, call), first);
    });

    it.each(callsFor(cols))('%s: in place as out of place, and returns the very array', (_, call) => {
      const want = run(engine, copyOf(call));
      const outs = inPlace(call);
      const got = run(engine, call, outs);
      expectGiven(got, outs);
      expectAllSame(call, got, want);
    });

    it.each(callsFor(cols))('%s: a batch as its rows one by one, and in any grouping', (_, call) => {
      const want = run(engine, call);
      for (const group of [1, 2, 3, 4, 5, 7]) {
        for (let first = 0; first < ROWS; first += group) {
          expectPartSame(engine, call, want, first, Math.min(first + group, ROWS));
        }
      }
    });

    const rows = 2 * UNLIKE.length + 1;
    it.each(callsFor(cols, rows))('%s: whatever stands in the rows beside', (_, call) => {
      for (let r = 0; r < rows; r++) makeUnlike(call.arrays[0].subarray(r * cols, (r + 1) * cols) as Float32Array, r);
      const want = run(engine, call);
      for (let r = 0; r < rows; r++) expectPartSame(engine, call, want, r, r + 1);
      // in another lane of another group of four
      for (const first of [1, 2, 3]) expectPartSame(engine, call, want, first, rows);
    });

    it.each(callsFor(cols))('%s: wherever its arrays lie', (_, call) => {
      const want = run(engine, call);
      for (const place of Object.values(PLACES)) {
        const placed = () => ({ ...call, arrays: call.arrays.map(place) });
        const outs = outputsFor(call, place);
        const got = run(engine, placed(), outs);
        expectGiven(got, outs);
        expectAllSame(call, got, want);
        // no write beyond the view
        expectAllSame(call, run(engine, placed()), want);
      }
    });

    it.each(callsFor(cols))('%s: whichever of its arrays are from alloc', (_, call) => {
      expectAllocSame(engine, call);
    });
  });

  it.each([1, 2, 10, 33, 64, 65, 1000])('writes nothing beside its outputs, %i columns', (cols) => {
    for (const [title, call] of callsFor(cols)) {
      for (const margin of [1, 3]) {
        expectUntouchedMargins(engine, call, margin, title, (length) => new Float32Array(length));
      }
    }
  });

  describe.each([1, 3, 10, 64, 65, 1000, 9000, BEYOND_TILE])('more rows than a tile, %i columns', (cols) => {
    // more than three times 64 KiB, and an odd number of rows
    const rows = (Math.ceil((3 * 65_536) / (4 * cols)) + 2) | 1;

    it.each(callsFor(cols, 0))('%s', (_, none) => {
      const call = ofRows(none, rows);
      const want = run(engine, call);
      const group = Math.max(1, Math.floor(rows / 5) - 1);
      for (let first = 0; first < rows; first += group) {
        expectPartSame(engine, call, want, first, Math.min(first + group, rows));
      }
    });
  });

  describe.each([BEYOND_TILE, LONG_ROW])('long rows, %i columns', (cols) => {
    it.each(callsFor(cols, 0))('%s: copied, in a memory of its own or in place of alloc', (_, none) => {
      expectAllocSame(engine, ofRows(none, cols === LONG_ROW ? 1 : 3));
    });

    it.each(callsFor(cols, 0))('%s: in place, at odd byte offsets, among other rows', (_, none) => {
      const call = ofRows(none, cols === LONG_ROW ? 2 : 3);
      const want = run(engine, call);
      expectPartSame(engine, call, want, 1, 2);
      const moved = { ...call, arrays: call.arrays.map(PLACES['byte offset 12']) };
      expectAllSame(call, run(engine, moved, inPlace(moved)), want);
    });
  });
});

/** The call on so many rows: long ones are drawn when their test runs, and not all at once. */
function ofRows({ op, title, cols }: Call, rows: number): Call {
  return callsOn(rows, cols, [op]).find((call) => call.title === title)!;
}

/** Outputs of `alloc` are written to within their margins alone. */
function expectUntouchedMargins(
  engine: Engine,
  call: Call,
  margin: number,
  what: string,
  make: (length: number) => Float32Array<ArrayBuffer>,
): Float32Array[] {
  const around = call.op.outputs.map((output) => {
    return [output.name, make(newOutput(output, rowsIn(call), call.cols).length + 2 * margin).fill(7)] as const;
  });
  const outs = around.map(([name, values]) => [name, values.subarray(margin, values.length - margin)]);
  run(engine, call, Object.fromEntries(outs) as Outputs);
  for (const [, values] of around) {
    const edge = [...values.subarray(0, margin), ...values.subarray(values.length - margin)];
    expect(edge, what).toEqual(Array(2 * margin).fill(7));
  }
  return around.map(([, values]) => values);
}

/** Every mixture of operands and outputs from alloc and ordinary ones; then in place, all of them from alloc. */
function expectAllocSame(engine: Engine, call: Call): void {
  const want = run(engine, call);
  const { arrays, op } = call;
  const count = arrays.length + op.outputs.length;
  const all = (1 << count) - 1;
  const allOperands = (1 << arrays.length) - 1;
  for (let mixture = 1; mixture <= all; mixture++) {
    // long rows: the first alone, all operands, all outputs, all
    if (call.cols > 1000 && ![1, allOperands, all - allOperands, all].includes(mixture)) continue;
    const held: Operand[] = [];
    const move = (values: Operand, k: number): Operand => {
      if (((mixture >> k) & 1) === 0) return values.slice();
      held.push(moveTo(engine, values));
      return held.at(-1)!;
    };
    const moved = { ...call, arrays: arrays.map(move) };
    let k = arrays.length;
    const outs = outputsFor(moved, (values) => move(values, k++));
    expectAllSame(call, run(engine, moved, outs), want);
    moved.arrays.forEach((values, i) => expectSame(values, arrays[i], call.cols));
    if (mixture === all) expectAllSame(call, run(engine, moved, inPlace(moved, outs)), want);
    held.forEach((array) => engine.free(array));
  }
}

function moveTo(engine: Engine, values: Operand): Operand {
  const moved = values instanceof Int32Array ? engine.allocInt32(values.length) : engine.alloc(values.length);
  moved.set(values);
  return moved as Operand;
}

everyTier('the same quantity has the same bits whichever function returns it', (engine) => {
  describe.each([...COLUMNS, BEYOND_TILE, LONG_ROW])('%i columns', (cols) => {
    const rows = cols > 1000 ? 1 : 7;
    const logits = inputs.normal(rows * cols, 3, 4, cols);
    const tangent = inputs.normal(rows * cols, 0, 1, cols + 1);

    it.each([1, 0.7, 2 ** -16])('softmaxWithJvp.probs is softmax, T = %f', (temperature) => {
      const { probs } = engine.softmaxWithJvp(logits, tangent, cols, { temperature });
      expectSame(probs, engine.softmax(logits, cols, { temperature }), cols);
    });

    const labels = inputs.classIndices(rows, cols, 3);
    const all = { zLoss: 0.01, scale: 2, temperature: 0.7, classWeights: inputs.uniform(cols, 0.5, 1, 3) };
    const calls = [
      ['class indices', labels, {}],
      ['class indices, ignored rows', labels.map((label, r) => (r % 3 === 2 ? -100 : label)), {}],
      ['class indices, all options', labels, { ...all, labelSmoothing: 0.2 }],
      ['class indices, no smoothing', labels, all],
      ['soft targets', inputs.softLabels(rows, cols, cols), {}],
      ['soft targets, all options', inputs.softLabels(rows, cols, cols), { ...all, labelSmoothing: 0.2 }],
    ] as const;

    it.each(calls)('cross-entropy of %s', (_, targets, options) => {
      const results = [];
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        const side = () => ({ losses: new Float32Array(rows), lse: new Float32Array(rows) });
        const [a, b, c] = [side(), side(), side()];
        const loss = engine.crossEntropy(logits, targets, cols, { ...options, reduction, ...a });
        const dlogits = engine.crossEntropyGrad(logits, targets, cols, { ...options, reduction, ...b });
        const fused = engine.crossEntropyWithGrad(logits, targets, cols, { ...options, reduction, ...c });
        if (loss instanceof Float32Array) expectSame(fused.loss as Float32Array, loss);
        else expect(fused.loss).toBe(loss);
        expectSame(fused.dlogits, dlogits, cols);
        const plain = engine.crossEntropy(logits, targets, cols, { ...options, reduction });
        if (plain instanceof Float32Array) expectSame(plain, loss as Float32Array);
        else expect(plain).toBe(loss);
        expectSame(
          engine.crossEntropyWithGrad(logits, targets, cols, { ...options, reduction }).dlogits,
          dlogits,
          cols,
        );
        for (const { losses, lse } of [b, c]) {
          expectSame(losses, a.losses);
          expectSame(lse, a.lse);
        }
        results.push({ loss, dlogits, ...a });
      }
      const [mean, total, none] = results;
      expectSame(none.loss as Float32Array, none.losses);
      for (const { losses, lse } of [mean, total]) {
        expectSame(losses, none.losses);
        expectSame(lse, none.lse);
      }
      expectSame(total.dlogits, none.dlogits, cols);
      const { temperature = 1 } = options as { temperature?: number };
      const lse = engine.logSumExp(logits, cols, { temperature });
      const isKept = (r: number) => !(targets instanceof Int32Array) || targets[r] !== -100;
      expectSame(
        none.lse,
        lse.map((v, r) => (isKept(r) ? v : 0)),
      );
    });

    it("'mean' is 'sum' with scale over the divisor", () => {
      const { dlogits } = engine.crossEntropyWithGrad(logits, labels, cols, { scale: 3 });
      const scaled = engine.crossEntropyGrad(logits, labels, cols, { reduction: 'sum', scale: 3 / rows });
      expectSame(dlogits, scaled, cols);
    });
  });
});

everyTier('same bits from alloc', (engine) => {
  it.each([1, 2, 10, 33, 64, 65])('writes nothing beside its outputs from alloc, %i columns', (cols) => {
    // Each call first with the most rows: lanes of the next that are not padded hold rows behind its end.
    const counts = [7, 2, 1, 3, 5];
    const lists = counts.map((rows) => callsFor(cols, rows));
    lists[0]!.forEach((_, i) => {
      lists.forEach((list, k) => {
        const [title, call] = list[i]!;
        const moved = { ...call, arrays: call.arrays.map((values) => moveTo(engine, values)) };
        const what = `${title}, ${counts[k]} rows`;
        const around = expectUntouchedMargins(engine, moved, 4 * cols, what, (n) => engine.alloc(n) as never);
        [...moved.arrays, ...around].forEach((array) => engine.free(array));
      });
    });
  });

  it('logits from alloc with more rows than a tile of losses', () => {
    const rows = 20_011;
    const logits = inputs.normal(rows * 2, 0, 4, 1);
    const labels = inputs.classIndices(rows, 2, 2);
    const classWeights = Float32Array.of(0.3, 2);
    const run = (x: Float32Array, out?: Float32Array) => {
      const [losses, lse] = [new Float32Array(rows), new Float32Array(rows)];
      const { loss } = engine.crossEntropyWithGrad(x, labels, 2, { classWeights, losses, lse, out });
      return { loss, losses, lse };
    };
    const want = run(logits);
    const [x, out] = [engine.alloc(rows * 2), engine.alloc(rows * 2)];
    x.set(logits);
    const got = run(x, out);
    expect(got.loss).toBe(want.loss);
    expectSame(got.losses, want.losses);
    expectSame(got.lse, want.lse);
    engine.free(x);
    engine.free(out);
  });

  it('a sum that stands around the end of a tile', () => {
    // Almost all of Σ in the 8 elements before 16,384: grouped otherwise, they add up to other bits, in some of the rows.
    const cols = LONG_ROW;
    const rows = 3;
    const [x, out] = [engine.alloc(rows * cols), engine.alloc(rows * cols)];
    for (let seed = 1; seed < 16; seed += rows) {
      const logits = new Float32Array(rows * cols).fill(-60);
      for (let r = 0; r < rows; r++) logits.set(inputs.normal(8, 0, 1, seed + r), r * cols + 16_384 - 8);
      x.set(logits);
      expectSame(engine.softmax(logits, cols), engine.softmax(x, cols, { out }), cols);
      expectSame(engine.logSoftmax(logits, cols), engine.logSoftmax(x, cols, { out }), cols);
    }
    engine.free(x);
    engine.free(out);
  });
});

everyTier('a smoothing that rounds to nothing', (engine) => {
  // ε / cols is 0 in float64: whether every class has a target is decided by that, once for a call.
  const [rows, cols] = [3, 300_000];
  const logits = inputs.normal(rows * cols, 0, 4, 1);
  const labels = inputs.classIndices(rows, cols, 2);

  it.each([5e-324, 1e-320])(
    'labelSmoothing %d: long rows have the same bits from alloc and row by row',
    (labelSmoothing) => {
      const options = { labelSmoothing, reduction: 'none' } as const;
      const want = engine.crossEntropyGrad(logits, labels, cols, options);
      const x = moveTo(engine, logits) as Float32Array;
      const out = engine.alloc(rows * cols);
      expectSame(engine.crossEntropyGrad(x, labels, cols, { ...options, out }), want, cols);
      [x, out].forEach((array) => engine.free(array));
      for (let r = 0; r < rows; r++) {
        const span = [r * cols, (r + 1) * cols] as const;
        const one = engine.crossEntropyGrad(logits.subarray(...span), labels.subarray(r, r + 1), cols, options);
        expectSame(one, want.subarray(...span), cols);
      }
    },
  );
});
