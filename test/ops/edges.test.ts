import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { type Call, callsOn, exactOf, type Operand, run } from '../calls.js';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { BEYOND_TILE, LONG_ROW } from '../inputs.js';
import { OPS } from '../ops.mjs';
import * as reference from '../reference.js';
import { expectSame, expectUlp } from '../ulp.js';

// Every row of the table of CONTRACT section 2, on narrow and wide rows, with and without tails, staged and long.
const COLUMNS = [2, 3, 4, 7, 10, 33, 64, 65, 100, 257, 1000, BEYOND_TILE, LONG_ROW];
const SHORT = COLUMNS.filter((cols) => cols <= 1000);
const NAN = Float32Array.of(NaN)[0];

/** What a row holds: NaN wins over +Infinity, a +Infinity over all else; masked is nothing but -Infinity. */
type Holds = 'nan' | 'infinity' | 'masked';

interface Result {
  /** [rows, width] */
  values: Operand;
  width: number;
  /** What stands there for a row that holds that; null where nothing is said. */
  special: (holds: Holds) => number | null;
}

/** The operations that read logits, no row of theirs left out; soft targets are all positive, so each column takes part. */
const READ_LOGITS = OPS.filter(({ inputs: [first] }) => first.holds === 'logits').map((op) => ({
  ...op,
  ways: op.ways
    .filter(({ options = {} }) => !('ignoreIndex' in options))
    .map((way) => (way.targets === 'ignoring' ? { ...way, targets: 'labels' as const } : way)),
}));

/** Every output of everything that reads logits, by name. */
function readLogits(engine: Engine, logits: Operand, cols: number, temperature = 1): Record<string, Result> {
  const rows = logits.length / cols;
  const results: Record<string, Result> = {};
  const ops = cols > 1000 ? READ_LOGITS.filter(({ partOf }) => partOf === undefined) : READ_LOGITS;
  for (const call of callsOn(rows, cols, ops)) {
    const arrays = [logits, ...call.arrays.slice(1)];
    const outputs = run(engine, { ...call, arrays, options: { ...call.options, temperature } });
    for (const { name, width, special = {} } of call.op.outputs) {
      const at = (holds: Holds) => (special[holds] === undefined ? NaN : special[holds]);
      results[`${call.title}: ${name}`] = { values: outputs[name], width: width === 'one' ? 1 : cols, special: at };
    }
  }
  return results;
}

/** First, second, middle and last two columns: a lane, a tail and what lies between. */
function places(cols: number): number[] {
  if (cols > 1000) return [cols >> 1];
  return [...new Set([0, 1, cols >> 1, cols - 2, cols - 1])];
}

/** Ordinary rows 0, 2, 4 …, and between them a special one for each place. */
function among(cols: number, makeSpecial: (row: Float32Array, place: number) => void) {
  const rows = 2 * places(cols).length + 1;
  const ordinary = inputs.normal(rows * cols, 0, 3, cols);
  const logits = ordinary.slice();
  places(cols).forEach((place, i) => makeSpecial(logits.subarray((2 * i + 1) * cols, (2 * i + 2) * cols), place));
  return { logits, ordinary, rows };
}

function rowsOf(values: Operand, width: number, parity: 0 | 1): Float64Array {
  const picked = new Float64Array(values.length);
  let length = 0;
  for (let start = parity * width; start < values.length; start += 2 * width, length += width) {
    picked.set(values.subarray(start, start + width), length);
  }
  return picked.subarray(0, length);
}

/** Special rows are what they are to be, mostly NaN; the ordinary ones have the bits they have elsewhere. */
function expectSpecialRows(
  engine: Engine,
  cols: number,
  holds: Holds,
  makeSpecial: (row: Float32Array, place: number) => void,
  temperatures = cols > 1000 ? [1] : [1, 0.7],
): void {
  const { logits, ordinary } = among(cols, makeSpecial);
  for (const temperature of temperatures) {
    const got = readLogits(engine, logits, cols, temperature);
    const alone = readOrdinary(engine, ordinary, cols, temperature);
    for (const [name, { values, width, special: wanted }] of Object.entries(got)) {
      const special = rowsOf(values, width, 1);
      const want = wanted(holds);
      const wrong = special.findIndex((v) => want !== null && !Object.is(v, want));
      expect(wrong, `${name}, element ${wrong} of the special rows is ${special[wrong]}, not ${want}`).toBe(-1);
      expectSame(rowsOf(values, width, 0), rowsOf(alone[name].values, width, 0), width);
    }
  }
}

let remembered: { key: string; outputs: Record<string, Result> } | undefined;

/** readLogits of the ordinary rows, which the tests of one column count share. */
function readOrdinary(engine: Engine, ordinary: Operand, cols: number, temperature: number) {
  const key = `${engine.tier} ${cols} ${temperature}`;
  if (remembered?.key !== key) remembered = { key, outputs: readLogits(engine, ordinary, cols, temperature) };
  return remembered.outputs;
}

function withBits(row: Float32Array, place: number, bits: number): void {
  new Uint32Array(row.buffer, row.byteOffset, row.length)[place] = bits;
}

everyTier('edges: NaN and infinities', (engine) => {
  describe.each(COLUMNS)('%i columns', (cols) => {
    it('NaN anywhere makes its row NaN, whatever its bits', () => {
      expectSpecialRows(engine, cols, 'nan', (row, place) => (row[place] = NAN));
      if (cols > 1000) return;
      for (const bits of [0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff]) {
        expectSpecialRows(engine, cols, 'nan', (row, place) => withBits(row, place, bits));
      }
    });

    it('NaN wins over +Infinity, before and after it', () => {
      expectSpecialRows(engine, cols, 'nan', (row, place) => {
        row[place] = NAN;
        row[(place + 1) % cols] = Infinity;
      });
      expectSpecialRows(engine, cols, 'nan', (row, place) => {
        row.fill(Infinity);
        row[place] = NAN;
      });
    });

    it('NaN wins over -Infinity', () => {
      expectSpecialRows(engine, cols, 'nan', (row, place) => {
        row.fill(-Infinity);
        row[place] = NAN;
      });
      expectSpecialRows(engine, cols, 'nan', (row, place) => {
        row[place] = NAN;
        row[(place + 1) % cols] = -Infinity;
      });
    });

    it('a +Infinity makes its row NaN and logSumExp +Infinity', () => {
      expectSpecialRows(engine, cols, 'infinity', (row, place) => (row[place] = Infinity));
      expectSpecialRows(engine, cols, 'infinity', (row) => row.fill(Infinity));
      expectSpecialRows(engine, cols, 'infinity', (row, place) => {
        row.fill(-Infinity);
        row[place] = Infinity;
      });
    });

    it('a row of -Infinity is NaN and its logSumExp -Infinity', () => {
      expectSpecialRows(engine, cols, 'masked', (row) => row.fill(-Infinity));
    });
  });

  it('the same in rows of one column', () => {
    for (const temperature of [1, 0.7]) {
      const got = readLogits(engine, Float32Array.of(1, NaN, Infinity, -Infinity, -1), 1, temperature);
      for (const [name, { values, special }] of Object.entries(got)) {
        (['nan', 'infinity', 'masked'] as const).forEach((holds, i) => {
          if (special(holds) !== null) expect(values[1 + i], `${name}, ${holds}`).toBe(special(holds));
        });
        expect(Number.isFinite(values[0]) && Number.isFinite(values[4]), name).toBe(true);
      }
    }
  });
});

/** Which columns are masked, by name. */
const MASKS: Record<string, (c: number, cols: number) => boolean> = {
  'the first': (c) => c === 0,
  'the last': (c, cols) => c === cols - 1,
  'the first half': (c, cols) => c < cols >> 1,
  'every other': (c) => c % 2 === 0,
  'the second half': (c, cols) => c >= (cols + 1) >> 1,
  'all but the first': (c) => c !== 0,
  'all but the last': (c, cols) => c !== cols - 1,
};

everyTier('edges: masks', (engine) => {
  describe.each(COLUMNS)('%i columns', (cols) => {
    const masks = Object.keys(MASKS).filter((_, i) => cols < LONG_ROW || i % 2 === 0);
    it.each(masks)('%s masked: 0 and -Infinity there, the rest as if absent', (mask) => {
      const isMasked = (c: number) => MASKS[mask](c, cols);
      const rows = inputs.rowsFor(cols);
      for (const mu of cols > 1000 ? [300] : [0, -500, 500]) {
        const logits = inputs.normal(rows * cols, mu, 3, cols);
        const kept = logits.filter((_, i) => !isMasked(i % cols));
        for (let i = 0; i < logits.length; i++) if (isMasked(i % cols)) logits[i] = -Infinity;
        const keptCols = kept.length / rows;
        const keptOf = (values: Float32Array) => values.filter((_, i) => !isMasked(i % cols));
        const maskedOf = (values: Float32Array) => values.filter((_, i) => isMasked(i % cols));

        const probs = engine.softmax(logits, cols);
        expectUlp(keptOf(probs), reference.softmax(kept, keptCols), 4, keptCols);
        expect(
          maskedOf(probs).every((p) => Object.is(p, 0)),
          'softmax +0',
        ).toBe(true);

        const logProbs = engine.logSoftmax(logits, cols);
        expectUlp(keptOf(logProbs), reference.logSoftmax(kept, keptCols), 4, keptCols);
        expect(
          maskedOf(logProbs).every((l) => l === -Infinity),
          'logSoftmax -Infinity',
        ).toBe(true);

        expectUlp(engine.logSumExp(logits, cols), reference.logSumExp(kept, keptCols), 4);

        const tangent = inputs.uniform(rows * cols, -1, 1, cols);
        const { jvp } = engine.softmaxWithJvp(logits, tangent, cols);
        expectUlp(keptOf(jvp), reference.softmaxWithJvp(kept, keptOf(tangent), keptCols).jvp, 6, keptCols);
        expect(
          maskedOf(jvp).every((v) => v === 0),
          'JVP 0',
        ).toBe(true);

        const keptLabels = inputs.classIndices(rows, keptCols, cols);
        const columns = Array.from({ length: cols }, (_, c) => c).filter((c) => !isMasked(c));
        const labels = keptLabels.map((label) => columns[label]);
        const { loss, dlogits } = engine.crossEntropyWithGrad(logits, labels, cols, { reduction: 'none' });
        const want = reference.crossEntropy(kept, keptLabels, keptCols, { reduction: 'none' });
        expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, 4);
        expectUlp(keptOf(dlogits), want.dlogits, 6, keptCols);
        expect(
          maskedOf(dlogits).every((v) => v === 0),
          'dlogits 0',
        ).toBe(true);
      }
    });
  });
});

everyTier('edges: wide spreads', (engine) => {
  const M = Math.fround(3.4e38);
  const H = Math.fround(1.7e38);

  it.each(SHORT)('logSoftmax overflows only where the result does, %i columns', (cols) => {
    const logits = new Float32Array(3 * cols).fill(-M);
    logits[0] = M;
    logits.fill(-H, cols, 2 * cols);
    logits[2 * cols - 1] = H;
    logits.fill(M, 2 * cols);
    for (const temperature of [1, 4, 2 ** 16, 0.5]) {
      const logProbs = engine.logSoftmax(logits, cols, { temperature });
      expectUlp(logProbs, reference.logSoftmax(logits, cols, temperature), 4, cols);
      expectUlp(engine.softmax(logits, cols, { temperature }), reference.softmax(logits, cols, temperature), 6, cols);
    }
  });

  it('(x − max) / T is not x / T − max / T', () => {
    // −6.8e38 overflows, a quarter of it does not
    expect(engine.logSoftmax(Float32Array.of(M, -M), 2)[1]).toBe(-Infinity);
    const [, low] = engine.logSoftmax(Float32Array.of(M, -M), 2, { temperature: 4 });
    expectUlp([low], { values: Float64Array.of(-M / 2), flushed: Float64Array.of(-M / 2) }, 4);
  });

  it.each(SHORT)('never x − lse: offsets of ±1e8 keep 4 ULP, %i columns', (cols) => {
    for (const mu of [1e8, -1e8]) {
      const logits = inputs.normal(5 * cols, mu, 20, cols);
      expectUlp(engine.logSoftmax(logits, cols), reference.logSoftmax(logits, cols), 4, cols);
      const labels = inputs.classIndices(5, cols, cols);
      const { values, flushed } = reference.crossEntropy(logits, labels, cols).losses;
      expectUlp(engine.crossEntropy(logits, labels, cols, { reduction: 'none' }), { values, flushed }, 4);
    }
  });

  it.each(SHORT)('losses overflow only where the result does, %i columns', (cols) => {
    const logits = new Float32Array(2 * cols).fill(-M);
    logits[0] = M;
    logits.fill(-H, cols);
    logits[2 * cols - 1] = H;
    const labels = Int32Array.of(cols - 1, 0);
    const soft = new Float32Array(2 * cols);
    for (const i of [0, cols - 1, cols, 2 * cols - 1]) soft[i] = 0.25;
    const options = [
      {},
      { scale: 1e-3 },
      { temperature: 4 },
      { temperature: 0.25 },
      { zLoss: 1e-60 },
      { labelSmoothing: 0.5 },
      { classWeights: new Float32Array(cols).fill(0.125) },
    ];
    for (const targets of [labels, soft]) {
      for (const o of options) {
        const all = { ...o, reduction: 'none' } as const;
        const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, all);
        const want = reference.crossEntropy(logits, targets, cols, all);
        const isPlain = targets === labels && !('labelSmoothing' in o);
        const what = `${isPlain ? 'class indices' : 'soft targets'} with ${Object.entries(o).join()}`;
        expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, isPlain ? 4 : 6, 1, what);
        expectUlp(dlogits, want.dlogits, 6, cols, what);
      }
    }
  });
});

everyTier('edges: results below 2^-126', (engine) => {
  // e^−87.336 = 2^-126: the gaps lie on both sides of it and of 2^-149 = e^−103.28
  const GAPS = [80, 86, 87, 87.3, 87.35, 87.5, 88, 90, 95, 100, 103, 104, 110, 127, 150, 1000, 3e38];

  it.each(SHORT)('may count as +0, larger ones may not, %i columns', (cols) => {
    for (const max of [0, 300, -300, 1000]) {
      const logits = new Float32Array(GAPS.length * cols);
      GAPS.forEach((gap, r) => {
        logits.fill(max - gap, r * cols, (r + 1) * cols);
        logits[r * cols + (r % cols)] = max;
      });
      const probs = engine.softmax(logits, cols);
      expectUlp(probs, reference.softmax(logits, cols), 6, cols);
      expect(
        probs.some((p) => Object.is(p, -0)),
        'a -0',
      ).toBe(false);
    }
  });

  it.each(SHORT)(
    'a tail made only of such terms may give loss 0, logSoftmax 0, label gradient 0, %i columns',
    (cols) => {
      const logits = new Float32Array(GAPS.length * cols);
      const labels = Int32Array.from(GAPS, (_, r) => r % cols);
      GAPS.forEach((gap, r) => {
        logits.fill(-gap, r * cols, (r + 1) * cols);
        logits[r * cols + labels[r]] = 0;
      });
      expectUlp(engine.logSoftmax(logits, cols), reference.logSoftmax(logits, cols), 4, cols);
      expectUlp(engine.logSumExp(logits, cols), reference.logSumExp(logits, cols), 4);
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, labels, cols, { reduction: 'none' });
      const want = reference.crossEntropy(logits, labels, cols, { reduction: 'none' });
      expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, 4);
      expect(
        loss.some((l) => Object.is(l, -0)),
        'a loss of -0',
      ).toBe(false);
      expectUlp(dlogits, want.dlogits, 6, cols);
    },
  );
});

everyTier('edges: no rows', (engine) => {
  const none = new Float32Array(0);

  it.each(callsOn(0, 3).map((call) => [call.title, call] as const))('%s gives empty outputs', (_, call) => {
    for (const output of Object.values(run(engine, call))) expect(output).toHaveLength(0);
  });

  it.each([new Int32Array(0), new Float32Array(0)])("'mean' loss is NaN, 'sum' 0, 'none' empty", (targets) => {
    expect(engine.crossEntropy(none, targets, 3)).toBe(NaN);
    expect(engine.crossEntropy(none, targets, 3, { reduction: 'sum' })).toBe(0);
    expect(engine.crossEntropy(none, targets, 3, { reduction: 'none' })).toHaveLength(0);
    expect(engine.crossEntropyGrad(none, targets, 3)).toHaveLength(0);
    const { loss, dlogits } = engine.crossEntropyWithGrad(none, targets, 3);
    expect(loss).toBe(NaN);
    expect(dlogits).toHaveLength(0);
  });
});

everyTier('edges: class indices', (engine) => {
  it.each([2, 10, 64, 65, 1000])(
    'one outside [0, cols) is a RangeError before anything is written, %i columns',
    (cols) => {
      for (const [index, ignoreIndex] of [
        [cols, -100],
        [-1, -100],
        [-100, -1],
        [2 ** 31 - 1, -100],
        [-(2 ** 31), 0],
      ]) {
        const logits = inputs.normal(5 * cols, 0, 1, 3);
        const targets = Int32Array.of(1, ignoreIndex, 0, index, cols + 7);
        const [out, losses, lse] = [5 * cols, 5, 5].map((length) => new Float32Array(length).fill(7));
        const rule = `expected targets\\[3\\] to be in \\[0, ${cols}\\) or ignoreIndex ${ignoreIndex}, got ${index}`;
        const options = { out, losses, lse, ignoreIndex };
        for (const name of ['crossEntropy', 'crossEntropyGrad', 'crossEntropyWithGrad'] as const) {
          const run = engine[name] as (...of: unknown[]) => unknown;
          const call = () => run(logits, targets, cols, options);
          expect(call).toThrow(RangeError);
          expect(call).toThrow(new RegExp(`^${name}: ${rule}$`));
        }
        for (const output of [out, losses, lse]) expect(output.every((v) => v === 7)).toBe(true);
      }
    },
  );

  it.each([1, 2, 10, 64, 65, 257, 1000, BEYOND_TILE])('a row with ignoreIndex is never read, %i columns', (cols) => {
    for (const ignoreIndex of cols > 1000 ? [0] : [-100, 0, cols - 1]) {
      for (const value of cols > 1000 ? [NaN] : [NaN, Infinity, -Infinity, 5]) {
        const logits = inputs.normal(4 * cols, 0, 2, cols);
        const ordinary = logits.slice();
        logits.fill(value, cols, 2 * cols);
        logits.fill(value, 3 * cols);
        const other = ignoreIndex === 0 ? cols - 1 : 0;
        const targets = Int32Array.of(other, ignoreIndex, other, ignoreIndex);
        if (cols === 1 && ignoreIndex === 0) targets[0] = targets[2] = 0;
        const kept = cols === 1 && ignoreIndex === 0 ? 0 : 2;
        const options = { ignoreIndex, zLoss: 0.1, temperature: 0.7, labelSmoothing: 0.1 };
        const lse = new Float32Array(4).fill(7);
        const out = new Float32Array(4 * cols).fill(7);
        const each = { ...options, reduction: 'none', lse, out } as const;
        const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, each);
        const alone = engine.crossEntropyWithGrad(ordinary, targets, cols, { ...options, reduction: 'none' });
        for (const r of [1, 3]) {
          expect([loss[r], lse[r]], 'loss and lse').toEqual([0, 0]);
          const row = dlogits.subarray(r * cols, (r + 1) * cols);
          expect(
            row.every((v) => Object.is(v, 0)),
            'dlogits +0',
          ).toBe(true);
        }
        expectSame(loss, alone.loss);
        expectSame(dlogits, alone.dlogits, cols);
        const mean = engine.crossEntropyWithGrad(logits, targets, cols, options);
        expect(mean.loss).toBe(kept === 0 ? NaN : (loss[0] + loss[2]) / kept);
        const want = reference.crossEntropy(ordinary, targets, cols, options).dlogits;
        if (kept > 0) expectUlp(mean.dlogits, want, 6, cols);
      }
    }
  });

  it('an ignored row in place: its NaN logits become zeros', () => {
    for (const cols of [2, 10, 65, 1000]) {
      const logits = inputs.normal(3 * cols, 0, 1, 1);
      logits.fill(NaN, cols, 2 * cols);
      const dlogits = engine.crossEntropyGrad(logits, Int32Array.of(0, -100, 1), cols, { out: logits });
      expect(dlogits).toBe(logits);
      expect(dlogits.subarray(cols, 2 * cols).every((v) => Object.is(v, 0))).toBe(true);
    }
  });

  it('ignoreIndex is not read with probability targets', () => {
    const logits = inputs.normal(30, 0, 2, 1);
    const targets = inputs.oneHot(Int32Array.of(0, 1, 2), 10);
    const plain = engine.crossEntropyWithGrad(logits, targets, 10);
    const ignoring = engine.crossEntropyWithGrad(logits, targets, 10, { ignoreIndex: 1 });
    expect(ignoring.loss).toBe(plain.loss);
    expectSame(ignoring.dlogits, plain.dlogits, 10);
  });
});

everyTier('edges: nothing to average', (engine) => {
  const zeros = (values: Float32Array) => values.every((v) => v === 0);

  it.each([1, 2, 10, 64, 65, 1000])(
    "every row ignored: 'mean' NaN, 'sum' 0, 'none' zeros, dlogits 0, %i columns",
    (cols) => {
      for (const logits of [inputs.normal(5 * cols, 0, 3, 1), new Float32Array(5 * cols).fill(NaN)]) {
        const targets = new Int32Array(5).fill(-100);
        for (const extra of [
          {},
          { zLoss: 0.5 },
          { classWeights: new Float32Array(cols).fill(2), labelSmoothing: 0.2 },
        ]) {
          const lse = new Float32Array(5).fill(7);
          const run = (reduction: 'mean' | 'sum') =>
            engine.crossEntropyWithGrad(logits, targets, cols, { ...extra, reduction, lse });
          expect(run('mean').loss).toBe(NaN);
          expect(run('sum').loss).toBe(0);
          for (const divisor of [4, -4]) {
            const part = engine.crossEntropyWithGrad(logits, targets, cols, { ...extra, divisor });
            expect(part.loss).toBe(0);
            expect(zeros(part.dlogits)).toBe(true);
            expect(engine.crossEntropy(logits, targets, cols, { ...extra, divisor })).toBe(0);
            expect(zeros(engine.crossEntropyGrad(logits, targets, cols, { ...extra, divisor }))).toBe(true);
          }
          expect([...lse]).toEqual([0, 0, 0, 0, 0]);
          const each = engine.crossEntropyWithGrad(logits, targets, cols, { ...extra, reduction: 'none' });
          expect([...each.loss]).toEqual([0, 0, 0, 0, 0]);
          for (const dlogits of [run('mean').dlogits, run('sum').dlogits, each.dlogits])
            expect(zeros(dlogits)).toBe(true);
        }
      }
    },
  );

  it.each([2, 10, 64, 65, 1000])(
    "picked weights sum to 0: 'mean' NaN, 'sum' 0, 'none' zeros, dlogits 0, %i columns",
    (cols) => {
      const logits = inputs.normal(4 * cols, 0, 3, 1);
      const targets = Int32Array.of(1, 1, -100, 1);
      const classWeights = new Float32Array(cols).fill(2);
      classWeights[1] = 0;
      const mean = engine.crossEntropyWithGrad(logits, targets, cols, { classWeights });
      expect(mean.loss).toBe(NaN);
      const total = engine.crossEntropyWithGrad(logits, targets, cols, { classWeights, reduction: 'sum' });
      expect(total.loss).toBe(0);
      const each = engine.crossEntropyWithGrad(logits, targets, cols, { classWeights, reduction: 'none' });
      expect([...each.loss]).toEqual([0, 0, 0, 0]);
      const withZ = engine.crossEntropyWithGrad(logits, targets, cols, { classWeights, zLoss: 0.5 });
      expect(withZ.loss).toBe(NaN);
      const part = engine.crossEntropyWithGrad(logits, targets, cols, { classWeights, divisor: -4 });
      expect(part.loss).toBe(0);
      for (const { dlogits } of [mean, total, each, withZ, part]) expect(zeros(dlogits)).toBe(true);
    },
  );

  it('picked weights that sum to 0 in a part count as they do in the whole', () => {
    const [cols, divisor, zLoss] = [5, 4, 0.5];
    const logits = inputs.normal(4 * cols, 0, 3, 1);
    const classWeights = Float32Array.of(-2, 4, 0, 1, 1);
    const signs = Int32Array.of(0, 1, 0, 2);
    const whole = engine.crossEntropyWithGrad(logits, signs, cols, { classWeights, zLoss, divisor });
    const first = engine.crossEntropyWithGrad(logits.subarray(0, 3 * cols), signs.subarray(0, 3), cols, {
      ...{ classWeights, zLoss, divisor },
    });
    const last = engine.crossEntropyWithGrad(logits.subarray(3 * cols), signs.subarray(3), cols, {
      ...{ classWeights, zLoss, divisor },
    });
    expect([...first.dlogits, ...last.dlogits]).toEqual([...whole.dlogits]);
    expect(last.loss).toBeGreaterThan(0);
  });
});

everyTier('edges: no rows', (engine) => {
  it("'mean' NaN, with a divisor 0; 'sum' 0", () => {
    for (const targets of [new Int32Array(0), new Float32Array(0)]) {
      expect(engine.crossEntropy(new Float32Array(0), targets, 3)).toBe(NaN);
      expect(engine.crossEntropy(new Float32Array(0), targets, 3, { divisor: -4 })).toBe(0);
      expect(engine.crossEntropy(new Float32Array(0), targets, 3, { reduction: 'sum' })).toBe(0);
    }
  });
});

everyTier("edges: the divisor of 'mean'", (engine) => {
  const cols = 3;
  // equal logits: each loss is log 3 times the weight
  const logits = new Float32Array(4 * cols);
  const log3 = Math.log(3);
  const classWeights = Float32Array.of(1, 2, 5);
  const expectLoss = (loss: number, want: number) =>
    expectUlp([loss], { values: Float64Array.of(want), flushed: Float64Array.of(want) }, 6);

  it('kept rows', () => {
    expectLoss(engine.crossEntropy(logits, Int32Array.of(0, -100, 1, -100), cols), log3);
    const dlogits = engine.crossEntropyGrad(logits, Int32Array.of(0, -100, 1, -100), cols);
    expectUlp([dlogits[1]], { values: Float64Array.of(1 / 6), flushed: Float64Array.of(1 / 6) }, 6);
  });

  it('the sum of the picked weights, with classWeights and class indices', () => {
    const targets = Int32Array.of(0, 2, -100, 1);
    expectLoss(engine.crossEntropy(logits, targets, cols, { classWeights }), log3);
    const losses = new Float32Array(4);
    engine.crossEntropy(logits, targets, cols, { classWeights, losses });
    expectUlp(losses, { values: Float64Array.of(log3, 5 * log3, 0, 2 * log3), flushed: new Float64Array(4) }, 4);
    // a zLoss is not weighted, yet divided by the same 8
    expectLoss(engine.crossEntropy(logits, targets, cols, { classWeights, zLoss: 1 }), log3 + (3 * log3 ** 2) / 8);
  });

  it('always rows, with probability targets', () => {
    const targets = inputs.oneHot(Int32Array.of(0, 2, 2, 1), cols);
    targets.fill(0, 9);
    expectLoss(engine.crossEntropy(logits, targets, cols), (3 * log3) / 4);
    expectLoss(engine.crossEntropy(logits, targets, cols, { classWeights }), (11 * log3) / 4);
    const [, other] = engine.crossEntropyGrad(logits, targets, cols);
    expectUlp([other], { values: Float64Array.of(1 / 12), flushed: Float64Array.of(1 / 12) }, 6);
  });
});

everyTier('edges: smoothing, targets and weights', (engine) => {
  it.each(SHORT)('smoothing ε means targets (1 − ε)·t + ε / cols, each term weighted, %i columns', (cols) => {
    // 0.25 and powers of two in the targets, so that the smoothed ones are exact float32
    const logits = inputs.normal(4 * cols, 0, 3, cols);
    const labels = inputs.classIndices(4, cols, cols);
    const classWeights = inputs.uniform(cols, 0.5, 2, cols);
    const smoothed = Float64Array.from(inputs.oneHot(labels, cols), (t) => 0.75 * t + 0.25 / cols);
    const options = { classWeights, reduction: 'none' } as const;
    const want = reference.crossEntropy(logits, smoothed, cols, options);
    for (const targets of [labels, inputs.oneHot(labels, cols)]) {
      const all = { ...options, labelSmoothing: 0.25 };
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, all);
      expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, 6);
      expectUlp(dlogits, want.dlogits, 6, cols);
    }
  });

  it.each([...SHORT, BEYOND_TILE])(
    'smoothing with a -Infinity logit: loss +Infinity, dlogits finite, %i columns',
    (cols) => {
      for (const place of places(cols)) {
        for (const labelSmoothing of [0.1, 1]) {
          const logits = inputs.normal(3 * cols, 0, 3, cols);
          const ordinary = logits.slice();
          logits[cols + place] = -Infinity;
          const labels = new Int32Array(3).fill((place + 1) % cols);
          const options = { labelSmoothing, reduction: 'none' } as const;
          for (const targets of [labels, inputs.oneHot(labels, cols)]) {
            const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, options);
            expect(loss[1]).toBe(Infinity);
            expectUlp(dlogits, reference.crossEntropy(logits, targets, cols, options).dlogits, 6, cols);
            const alone = engine.crossEntropy(ordinary, targets, cols, options);
            expect([loss[0], loss[2]]).toEqual([alone[0], alone[2]]);
          }
        }
      }
    },
  );

  it('targets that do not sum to 1: loss −Σ t log a, dlogits a·Σt − t', () => {
    // two equal logits: a = 1/2 and log a = −log 2
    const targets = Float32Array.of(2, 1);
    const { loss, dlogits } = engine.crossEntropyWithGrad(new Float32Array(2), targets, 2);
    const values = Float64Array.of(3 * Math.log(2));
    expectUlp([loss], { values, flushed: values }, 6);
    const want = Float64Array.of(-0.5, 0.5);
    expectUlp(dlogits, { values: want, flushed: want, magnitudes: Float64Array.of(3.5, 2.5) }, 6);
    expect([...engine.crossEntropyGrad(new Float32Array(2), new Float32Array(2), 2)]).toEqual([0, 0]);
  });

  it.each([...SHORT, BEYOND_TILE, LONG_ROW])('target 0 on a -Infinity logit: that term is 0, %i columns', (cols) => {
    for (const place of places(cols)) {
      const rows = cols > 1000 ? 1 : 3;
      const logits = inputs.normal(rows * cols, 0, 3, cols);
      const targets = inputs.softLabels(rows, cols, cols);
      for (let r = 0; r < rows; r++) {
        logits[r * cols + place] = -Infinity;
        targets[r * cols + place] = r === 1 ? -0 : 0;
      }
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, { reduction: 'none' });
      const want = reference.crossEntropy(logits, targets, cols, { reduction: 'none' });
      expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, 6);
      expectUlp(dlogits, want.dlogits, 6, cols);
    }
  });

  it.each(SHORT)('class weight 0 on a -Infinity logit: that term is 0, %i columns', (cols) => {
    for (const place of places(cols)) {
      const logits = inputs.normal(3 * cols, 0, 3, cols);
      for (let r = 0; r < 3; r++) logits[r * cols + place] = -Infinity;
      const classWeights = inputs.uniform(cols, 0.5, 2, cols);
      classWeights[place] = 0;
      const labels = Int32Array.of(place, (place + 1) % cols, place);
      for (const labelSmoothing of [0, 0.1]) {
        for (const targets of [labels, inputs.softLabels(3, cols, cols)]) {
          const options = { classWeights, labelSmoothing, reduction: 'none' } as const;
          const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, options);
          const want = reference.crossEntropy(logits, targets, cols, options);
          expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, 6);
          expectUlp(dlogits, want.dlogits, 6, cols);
          if (targets === labels && labelSmoothing === 0) expect([loss[0], loss[2]]).toEqual([0, 0]);
        }
      }
    }
  });

  it.each([...SHORT, BEYOND_TILE, LONG_ROW])(
    'picked logit -Infinity: loss +Infinity, dlogits finite, %i columns',
    (cols) => {
      for (const place of places(cols)) {
        const rows = cols > 1000 ? 1 : 3;
        const logits = inputs.normal(rows * cols, 0, 3, cols);
        const labels = new Int32Array(rows).fill(place);
        for (let r = 0; r < rows; r++) logits[r * cols + place] = -Infinity;
        for (const targets of [labels, inputs.oneHot(labels, cols)]) {
          const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, { reduction: 'none' });
          expect([...loss]).toEqual(Array(rows).fill(Infinity));
          expectUlp(dlogits, reference.crossEntropy(logits, targets, cols, { reduction: 'none' }).dlogits, 6, cols);
          expect(engine.crossEntropy(logits, targets, cols)).toBe(Infinity);
        }
      }
    },
  );

  it.each([1, ...SHORT])('a perfect fit costs +0, never -0, %i columns', (cols) => {
    for (const [fit, rest] of [
      [0, -Infinity],
      [0, -200],
      [1e4, 0],
      [-3, -3e38],
      [3.4e38, -3.4e38],
    ]) {
      const labels = Int32Array.of(0, cols - 1);
      const logits = new Float32Array(2 * cols).fill(rest);
      logits[0] = logits[2 * cols - 1] = fit;
      const weighted = { classWeights: new Float32Array(cols).fill(0.5), scale: 3, temperature: 0.5 };
      for (const targets of [labels, inputs.oneHot(labels, cols)]) {
        for (const options of [{}, weighted, { scale: -2 }]) {
          for (const reduction of ['mean', 'sum'] as const) {
            const loss = engine.crossEntropy(logits, targets, cols, { ...options, reduction });
            expect(loss, `${fit} beside ${rest}`).toBe(0);
          }
          const each = { ...options, reduction: 'none' } as const;
          const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, each);
          expect([...loss], `${fit} beside ${rest}`).toEqual([0, 0]);
          if (targets === labels)
            expect(
              dlogits.every((v) => v === 0),
              `${fit} beside ${rest}`,
            ).toBe(true);
          expectUlp(dlogits, reference.crossEntropy(logits, targets, cols, each).dlogits, 6, cols);
        }
      }
    }
  });
});

everyTier('edges: derivatives of probs are plain arithmetic', (engine) => {
  // The oracle is plain float64 arithmetic: for these inputs exact in kind, NaN, an infinity or finite.
  const derivatives = OPS.filter(({ inputs: [first, second] }) => first.holds !== 'logits' && second !== undefined);

  describe.each(SHORT)('%i columns', (cols) => {
    const named = derivatives.map((op) => [op.name, op] as const);
    it.each(named)('%s: NaN and infinities spread over their row and no other', (title, op) => {
      const callOf = (probs: Float32Array<ArrayBuffer>, vector: Float32Array<ArrayBuffer>): Call => {
        const first = op.inputs[0].holds === 'logProbs' ? probs.map(Math.log) : probs;
        return { op, title, arrays: [first, vector], cols, options: {} };
      };
      for (const [prob, entry] of [
        [0, Infinity],
        [0, -Infinity],
        [0.25, Infinity],
        [0.25, -Infinity],
        [0.25, NaN],
        [0, NaN],
        [NaN, 1],
      ]) {
        const count = places(cols).length;
        const rows = 2 * count + 1;
        const probs = new Float32Array(rows * cols).fill(0.5);
        const vector = inputs.uniform(rows * cols, 0.5, 1, cols);
        const plain = run(engine, callOf(probs, vector)).out;
        const isSpecial = (row: number) => row % 2 === 1;
        places(cols).forEach((place, i) => {
          probs[(2 * i + 1) * cols + place] = prob;
          vector[(2 * i + 1) * cols + place] = entry;
        });
        const got = run(engine, callOf(probs, vector)).out;
        const want = exactOf(callOf(probs, vector)).out.values;
        for (let r = 0; r < rows; r++) {
          const span = [r * cols, (r + 1) * cols] as const;
          if (!isSpecial(r)) {
            expectSame(got.subarray(...span), plain.subarray(...span), cols);
            continue;
          }
          const kinds = (values: Iterable<number>) => Array.from(values, (v) => (Number.isFinite(v) ? 'finite' : v));
          expect(kinds(got.subarray(...span)), `${prob} with ${entry}, row ${r}`).toEqual(
            kinds(want.subarray(...span)),
          );
        }
      }
    });
  });

  it.each([2, 3, 10, 33, 64, 65, 130])(
    'softmaxJacobian: NaN and ∞ stay in their row and column of one Jacobian, %i columns',
    (cols) => {
      for (const value of [NaN, Infinity]) {
        for (const place of places(cols)) {
          const probs = new Float32Array(3 * cols).fill(0.25);
          const plain = engine.softmaxJacobian(probs, cols);
          probs[cols + place] = value;
          const jacobian = engine.softmaxJacobian(probs, cols);
          for (let at = 0; at < jacobian.length; at++) {
            const [r, i, j] = [Math.floor(at / cols / cols), Math.floor(at / cols) % cols, at % cols];
            const touched = r === 1 && (i === place || j === place);
            const want = touched ? probs[r * cols + i] * ((i === j ? 1 : 0) - probs[r * cols + j]) : plain[at];
            if (!Object.is(jacobian[at], want)) expect.fail(`[${r}, ${i}, ${j}]: got ${jacobian[at]}, want ${want}`);
          }
        }
      }
    },
  );

  it.each(SHORT)('softmaxWithJvp: 0 · ∞ at a mask makes the JVP row NaN, the probs stay, %i columns', (cols) => {
    const logits = inputs.masked(3, cols, 0.4, cols);
    const tangent = inputs.uniform(3 * cols, -1, 1, cols);
    logits[cols] = -Infinity;
    logits[2 * cols - 1] = 1;
    const before = engine.softmaxWithJvp(logits, tangent, cols);
    tangent[cols] = Infinity;
    const after = engine.softmaxWithJvp(logits, tangent, cols);
    expectSame(after.probs, before.probs, cols);
    const expected = before.jvp.slice().fill(NaN, cols, 2 * cols);
    expectSame(after.jvp, expected, cols);
  });
});
