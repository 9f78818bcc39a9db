import { describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.js';
import { BUFFERS } from './buffers.js';
import { everyTier } from './every-tier.js';
import * as inputs from './inputs.js';
import { BEYOND_TILE, STREAMED } from './inputs.js';
import { otherRealm } from './realm.js';
import { expectSame } from './ulp.js';

// CONTRACT section 3, determinism: a row's result does not depend on the rows beside it, its place in the batch,
// alignment, `out`, tiling, copying or `alloc`.

type Operand = Float32Array | Int32Array;

/** One way to call the library, over operands that can be placed anywhere. */
interface Op {
  name: string;
  /** Seeded. Elements per row of each, 0 where all rows share it. */
  operands: (rows: number, cols: number) => [values: Operand, width: number][];
  /** Elements per row of each output. */
  widths: (cols: number) => number[];
  /** Writes to `outs` where they are given, and returns the outputs. */
  run: (engine: Engine, operands: Operand[], cols: number, outs?: Float32Array[]) => Float32Array[];
  /** Output k may be exactly operand k, for these k. */
  inPlace: number[];
  maxCols?: number;
}

const drawn = new Map<string, Operand>();

/** The same seeded array for every op and tier, drawn once; callers get copies. */
function draw(name: string, rows: number, cols: number, width: number, make: () => Operand): [Operand, number] {
  const key = `${name} ${rows} ${cols}`;
  if (rows > 0 && !drawn.has(key)) drawn.set(key, make());
  return [(rows > 0 ? drawn.get(key)! : make()).slice(), width];
}

type Draw = (rows: number, cols: number) => [Operand, number];
const logitsOf: Draw = (rows, cols) => {
  return draw('logits', rows, cols, cols, () => inputs.normal(rows * cols, 3, 4, cols));
};
const vectorOf: Draw = (rows, cols) => {
  return draw('vector', rows, cols, cols, () => inputs.uniform(rows * cols, -2, 2, cols + 1));
};
const probsOf: Draw = (rows, cols) => {
  return draw('probs', rows, cols, cols, () => inputs.softLabels(rows, cols, cols + 2));
};
const logProbsOf: Draw = (rows, cols) => {
  return draw('logProbs', rows, cols, cols, () => inputs.uniform(rows * cols, -12, -0.01, cols + 3));
};
const labelsOf: Draw = (rows, cols) => [inputs.classIndices(rows, cols, cols + 4), 1];
const someIgnored: Draw = (rows, cols) => {
  return [inputs.classIndices(rows, cols, cols + 4).map((label, r) => (r % 5 === 3 ? -100 : label)), 1];
};
const weightsOf = (cols: number): [Operand, number] => [inputs.uniform(cols, 0.1, 3, cols + 5), 0];
const f32 = (operands: Operand[]) => operands as Float32Array[];

function crossEntropyOp(name: string, targets: Op['operands'], options: object): Op {
  return {
    name,
    operands: (rows, cols) => [logitsOf(rows, cols), ...targets(rows, cols)],
    widths: (cols) => [cols, 1, 1],
    run: (engine, [logits, t, classWeights], cols, outs) => {
      const rows = logits.length / cols;
      const [out, losses, lse] = outs ?? [cols, 1, 1].map((width) => new Float32Array(rows * width));
      const weights = classWeights ? { classWeights: classWeights as Float32Array } : {};
      const all = { ...options, ...weights, reduction: 'none', out, losses, lse } as const;
      const { loss } = engine.crossEntropyWithGrad(logits as Float32Array, t, cols, all);
      expectSame(loss, losses);
      return [out, losses, lse];
    },
    inPlace: [0],
  };
}

const OPS: Op[] = [
  {
    name: 'softmax',
    operands: (rows, cols) => [logitsOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => [engine.softmax(f32(operands)[0], cols, { out: outs?.[0] })],
    inPlace: [0],
  },
  {
    name: 'softmax, T = 0.7',
    operands: (rows, cols) => [logitsOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => [
      engine.softmax(f32(operands)[0], cols, { out: outs?.[0], temperature: 0.7 }),
    ],
    inPlace: [0],
  },
  {
    name: 'logSoftmax',
    operands: (rows, cols) => [logitsOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => [engine.logSoftmax(f32(operands)[0], cols, { out: outs?.[0] })],
    inPlace: [0],
  },
  {
    name: 'logSumExp',
    operands: (rows, cols) => [logitsOf(rows, cols)],
    widths: () => [1],
    run: (engine, operands, cols, outs) => [engine.logSumExp(f32(operands)[0], cols, { out: outs?.[0] })],
    inPlace: [],
  },
  {
    name: 'softmaxJvp',
    operands: (rows, cols) => [probsOf(rows, cols), vectorOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => {
      const [probs, tangent] = f32(operands);
      return [engine.softmaxJvp(probs, tangent, cols, { out: outs?.[0] })];
    },
    inPlace: [0],
  },
  {
    name: 'softmaxVjp',
    operands: (rows, cols) => [probsOf(rows, cols), vectorOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => {
      const [probs, cotangent] = f32(operands);
      return [engine.softmaxVjp(probs, cotangent, cols, { out: outs?.[0] })];
    },
    inPlace: [0],
  },
  {
    name: 'softmaxJacobian',
    operands: (rows, cols) => [probsOf(rows, cols)],
    widths: (cols) => [cols * cols],
    run: (engine, operands, cols, outs) => [engine.softmaxJacobian(f32(operands)[0], cols, { out: outs?.[0] })],
    inPlace: [],
    maxCols: 100,
  },
  {
    name: 'logSoftmaxJvp',
    operands: (rows, cols) => [logProbsOf(rows, cols), vectorOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => {
      const [logProbs, tangent] = f32(operands);
      return [engine.logSoftmaxJvp(logProbs, tangent, cols, { out: outs?.[0] })];
    },
    inPlace: [0],
  },
  {
    name: 'logSoftmaxVjp',
    operands: (rows, cols) => [logProbsOf(rows, cols), vectorOf(rows, cols)],
    widths: (cols) => [cols],
    run: (engine, operands, cols, outs) => {
      const [logProbs, cotangent] = f32(operands);
      return [engine.logSoftmaxVjp(logProbs, cotangent, cols, { out: outs?.[0] })];
    },
    inPlace: [0],
  },
  {
    name: 'softmaxWithJvp',
    operands: (rows, cols) => [logitsOf(rows, cols), vectorOf(rows, cols)],
    widths: (cols) => [cols, cols],
    run: (engine, operands, cols, outs) => {
      const [logits, tangent] = f32(operands);
      const options = { out: outs?.[0], jvpOut: outs?.[1], temperature: 1.3 };
      const { probs, jvp } = engine.softmaxWithJvp(logits, tangent, cols, options);
      return [probs, jvp];
    },
    inPlace: [0, 1],
  },
  crossEntropyOp('crossEntropy of class indices', (rows, cols) => [labelsOf(rows, cols)], {}),
  crossEntropyOp(
    'crossEntropy of class indices, all options',
    (rows, cols) => [someIgnored(rows, cols), weightsOf(cols)],
    {
      labelSmoothing: 0.1,
      zLoss: 0.01,
      scale: 3,
      temperature: 0.7,
    },
  ),
  crossEntropyOp('crossEntropy of soft targets', (rows, cols) => [probsOf(rows, cols)], {}),
  crossEntropyOp('crossEntropy of soft targets, weighted', (rows, cols) => [probsOf(rows, cols), weightsOf(cols)], {
    labelSmoothing: 0.1,
    zLoss: 0.01,
  }),
];

const COLUMNS = [1, 2, 3, 5, 10, 16, 33, 64, 65, 100, 257, 1000];
const ROWS = 11;

function opsFor(cols: number): [name: string, op: Op][] {
  return OPS.filter(({ maxCols = Infinity }) => cols <= maxCols).map((op) => [op.name, op]);
}

function operandsOf(op: Op, rows: number, cols: number): Operand[] {
  return op.operands(rows, cols).map(([values]) => values);
}

function expectAllSame(op: Op, got: Float32Array[], want: Float32Array[], cols: number): void {
  op.widths(cols).forEach((width, k) => expectSame(got[k], want[k], width));
}

/** Rows [first, last) of each operand, as views. */
function rowsOf(op: Op, operands: Operand[], cols: number, first: number, last: number): Operand[] {
  const widths = op.operands(0, cols).map(([, width]) => width);
  return operands.map((values, k) => {
    return widths[k] === 0 ? values : values.subarray(first * widths[k], last * widths[k]);
  });
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
    it.each(opsFor(cols))('%s changes no input and repeats itself', (_, op) => {
      const operands = operandsOf(op, ROWS, cols);
      const copies = operands.map((values) => values.slice());
      const first = op.run(engine, operands, cols);
      operands.forEach((values, k) => expectSame(values, copies[k], cols));
      expectAllSame(op, op.run(engine, operands, cols), first, cols);
    });

    it.each(opsFor(cols))('%s: in place as out of place, and returns the very array', (_, op) => {
      const want = op.run(engine, operandsOf(op, ROWS, cols), cols);
      const operands = operandsOf(op, ROWS, cols);
      const outs = op.widths(cols).map((width, k) => {
        return op.inPlace.includes(k) ? (operands[k] as Float32Array) : new Float32Array(ROWS * width).fill(NaN);
      });
      const got = op.run(engine, operands, cols, outs);
      got.forEach((output, k) => expect(output).toBe(outs[k]));
      expectAllSame(op, got, want, cols);
    });

    it.each(opsFor(cols))('%s: a batch as its rows one by one, and in any grouping', (_, op) => {
      const operands = operandsOf(op, ROWS, cols);
      const want = op.run(engine, operands, cols);
      for (const group of [1, 2, 3, 4, 5, 7]) {
        for (let first = 0; first < ROWS; first += group) {
          const last = Math.min(first + group, ROWS);
          const got = op.run(engine, rowsOf(op, operands, cols, first, last), cols);
          op.widths(cols).forEach((width, k) => {
            expectSame(got[k], want[k].subarray(first * width, last * width), width);
          });
        }
      }
    });

    it.each(opsFor(cols))('%s: whatever stands in the rows beside', (_, op) => {
      const rows = 2 * UNLIKE.length + 1;
      const operands = operandsOf(op, rows, cols);
      for (let r = 0; r < rows; r++) makeUnlike(operands[0].subarray(r * cols, (r + 1) * cols) as Float32Array, r);
      const want = op.run(engine, operands, cols);
      const expectRows = (first: number, last: number) => {
        const got = op.run(engine, rowsOf(op, operands, cols, first, last), cols);
        op.widths(cols).forEach((width, k) => expectSame(got[k], want[k].subarray(first * width, last * width), width));
      };
      for (let r = 0; r < rows; r++) expectRows(r, r + 1);
      // in another lane of another group of four
      for (const first of [1, 2, 3]) expectRows(first, rows);
    });

    it.each(opsFor(cols))('%s: wherever its arrays lie', (_, op) => {
      const operands = operandsOf(op, ROWS, cols);
      const want = op.run(engine, operands, cols);
      for (const place of Object.values(PLACES)) {
        const outs = op.widths(cols).map((width) => place(new Float32Array(ROWS * width).fill(NaN)) as Float32Array);
        const got = op.run(engine, operands.map(place), cols, outs);
        got.forEach((output, k) => expect(output).toBe(outs[k]));
        expectAllSame(op, got, want, cols);
        // no write beyond the view
        expectAllSame(op, op.run(engine, operands.map(place), cols), want, cols);
      }
    });

    it.each(opsFor(cols))('%s: whichever of its arrays are from alloc', (_, op) => {
      expectAllocSame(engine, op, ROWS, cols);
    });
  });

  it.each([1, 2, 10, 33, 64, 65, 1000])('writes nothing beside its outputs, %i columns', (cols) => {
    for (const [name, op] of opsFor(cols)) {
      for (const margin of [1, 3]) {
        const around = op.widths(cols).map((width) => new Float32Array(ROWS * width + 2 * margin).fill(7));
        const outs = around.map((values) => values.subarray(margin, values.length - margin));
        op.run(engine, operandsOf(op, ROWS, cols), cols, outs);
        for (const values of around) {
          const edge = [...values.subarray(0, margin), ...values.subarray(values.length - margin)];
          expect(edge, name).toEqual(Array(2 * margin).fill(7));
        }
      }
    }
  });

  describe.each([1, 3, 10, 64, 65, 1000, 9000, BEYOND_TILE])('more rows than a tile, %i columns', (cols) => {
    // more than three times 64 KiB, and an odd number of rows
    const rows = (Math.ceil((3 * 65_536) / (4 * cols)) + 2) | 1;

    it.each(opsFor(cols))('%s', (_, op) => {
      const operands = operandsOf(op, rows, cols);
      const want = op.run(engine, operands, cols);
      const group = Math.max(1, Math.floor(rows / 5) - 1);
      for (let first = 0; first < rows; first += group) {
        const last = Math.min(first + group, rows);
        const got = op.run(engine, rowsOf(op, operands, cols, first, last), cols);
        op.widths(cols).forEach((width, k) => {
          expectSame(got[k], want[k].subarray(first * width, last * width), width);
        });
      }
    });
  });

  describe.each([BEYOND_TILE, STREAMED])('long rows, %i columns', (cols) => {
    it.each(opsFor(cols))('%s: copied, streamed or in place of alloc', (_, op) => {
      expectAllocSame(engine, op, cols === STREAMED ? 1 : 3, cols);
    });

    it.each(opsFor(cols))('%s: in place, at odd byte offsets, among other rows', (_, op) => {
      const rows = cols === STREAMED ? 2 : 3;
      const operands = operandsOf(op, rows, cols);
      const want = op.run(engine, operands, cols);
      const second = op.run(engine, rowsOf(op, operands, cols, 1, 2), cols);
      op.widths(cols).forEach((width, k) => expectSame(second[k], want[k].subarray(width, 2 * width), width));
      const moved = operands.map(PLACES['byte offset 12']);
      const outs = op.widths(cols).map((width, k) => {
        return op.inPlace.includes(k) ? (moved[k] as Float32Array) : new Float32Array(rows * width);
      });
      expectAllSame(op, op.run(engine, moved, cols, outs), want, cols);
    });
  });
});

/** Every mixture of operands and outputs from alloc and ordinary ones; then in place, all of them from alloc. */
function expectAllocSame(engine: Engine, op: Op, rows: number, cols: number): void {
  const operands = operandsOf(op, rows, cols);
  const want = op.run(engine, operands, cols);
  const widths = op.widths(cols);
  const count = operands.length + widths.length;
  const all = (1 << count) - 1;
  const allOperands = (1 << operands.length) - 1;
  for (let mixture = 1; mixture <= all; mixture++) {
    // long rows: the first alone, all operands, all outputs, all
    if (cols > 1000 && ![1, allOperands, all - allOperands, all].includes(mixture)) continue;
    const held: Operand[] = [];
    const move = (values: Operand, k: number): Operand => {
      if (((mixture >> k) & 1) === 0) return values.slice();
      const moved = values instanceof Int32Array ? engine.allocInt32(values.length) : engine.alloc(values.length);
      moved.set(values);
      held.push(moved);
      return moved;
    };
    const moved = operands.map(move);
    const outs = widths.map((width, k) => move(new Float32Array(rows * width).fill(NaN), operands.length + k));
    expectAllSame(op, op.run(engine, moved, cols, f32(outs)), want, cols);
    moved.forEach((values, k) => expectSame(values, operands[k], cols));
    if (mixture === all && op.inPlace.length > 0) {
      const same = outs.map((out, k) => (op.inPlace.includes(k) ? moved[k] : out));
      expectAllSame(op, op.run(engine, moved, cols, f32(same)), want, cols);
    }
    held.forEach((array) => engine.free(array));
  }
}

everyTier('the same quantity has the same bits whichever function returns it', (engine) => {
  describe.each([...COLUMNS, BEYOND_TILE, STREAMED])('%i columns', (cols) => {
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
    for (const [name, op] of opsFor(cols)) {
      for (const rows of [1, 2, 3, 5]) {
        const operands = operandsOf(op, rows, cols).map((values) => {
          const moved = values instanceof Int32Array ? engine.allocInt32(values.length) : engine.alloc(values.length);
          moved.set(values);
          return moved;
        });
        const margin = 4 * cols;
        const around = op.widths(cols).map((width) => engine.alloc(rows * width + 2 * margin).fill(7));
        const outs = around.map((values) => values.subarray(margin, values.length - margin));
        op.run(engine, operands, cols, outs);
        for (const values of around) {
          const edge = [...values.subarray(0, margin), ...values.subarray(values.length - margin)];
          expect(edge, `${name}, ${rows} rows`).toEqual(Array(2 * margin).fill(7));
        }
        [...operands, ...around].forEach((array) => engine.free(array));
      }
    }
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
    const cols = STREAMED;
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
