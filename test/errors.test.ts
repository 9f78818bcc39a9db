import { describe, expect, it } from 'vitest';
import type { ArgumentError, Engine } from '../src/index.js';
import { textOf, thrownBy } from './argument.js';
import { BUFFERS } from './buffers.js';
import { otherRealm } from './realm.js';
import { tiers } from './tiers.js';

/** Arguments and options of one call by their names; 2 rows of 3 columns, every output given. */
type Args = Record<string, unknown>;

const floats = (length: number, first = 1) => Float32Array.from({ length }, (_, i) => (first + i) / 8);

interface Op {
  signature: string[];
  options: string[];
  good(): Args;
}

const rowOp = (): Op => ({
  signature: ['logits', 'cols'],
  options: ['out', 'temperature'],
  good: () => ({ logits: floats(6), cols: 3, out: floats(6, 50), temperature: 1 }),
});

const derivative = (first: string, second: string): Op => ({
  signature: [first, second, 'cols'],
  options: ['out'],
  good: () => ({ [first]: floats(6), [second]: floats(6, 20), cols: 3, out: floats(6, 50) }),
});

const crossEntropyOp = (): Op => ({
  signature: ['logits', 'targets', 'cols'],
  options: [
    'reduction',
    'ignoreIndex',
    'labelSmoothing',
    'classWeights',
    'zLoss',
    'scale',
    'temperature',
    'divisor',
    'out',
    'losses',
    'lse',
  ],
  good: () => ({
    logits: floats(6),
    targets: Int32Array.of(0, 2),
    cols: 3,
    reduction: 'mean',
    ignoreIndex: -100,
    labelSmoothing: 0,
    classWeights: floats(3),
    zLoss: 0,
    scale: 1,
    temperature: 1,
    divisor: 4,
    out: floats(6, 50),
    losses: floats(2, 60),
    lse: floats(2, 70),
  }),
});

const CROSS_ENTROPY = ['crossEntropy', 'crossEntropyGrad', 'crossEntropyWithGrad'];
const OPS: Record<string, Op> = {
  softmax: rowOp(),
  logSoftmax: rowOp(),
  logSumExp: { ...rowOp(), good: () => ({ ...rowOp().good(), out: floats(2, 50) }) },
  softmaxJvp: derivative('probs', 'tangent'),
  softmaxVjp: derivative('probs', 'cotangent'),
  softmaxJacobian: {
    signature: ['probs', 'cols'],
    options: ['out'],
    good: () => ({ probs: floats(6), cols: 3, out: floats(18, 50) }),
  },
  logSoftmaxJvp: derivative('logProbs', 'tangent'),
  logSoftmaxVjp: derivative('logProbs', 'cotangent'),
  softmaxWithJvp: {
    signature: ['logits', 'tangent', 'cols'],
    options: ['out', 'jvpOut', 'temperature'],
    good: () => ({
      logits: floats(6),
      tangent: floats(6, 20),
      cols: 3,
      out: floats(6, 50),
      jvpOut: floats(6, 60),
      temperature: 1,
    }),
  },
  crossEntropy: { ...crossEntropyOp(), options: crossEntropyOp().options.filter((name) => name !== 'out') },
  crossEntropyGrad: crossEntropyOp(),
  crossEntropyWithGrad: crossEntropyOp(),
};

function call(engine: Engine, op: string, args: Args): unknown {
  const { signature, options } = OPS[op]!;
  const given: Args = {};
  for (const name of options) if (name in args) given[name] = args[name];
  const f = (engine as unknown as Record<string, (...list: unknown[]) => unknown>)[op]!;
  return f(...signature.map((name) => args[name]), 'options' in args ? args.options : given);
}

function bytesOf(args: Args): number[][] {
  return Object.values(args)
    .filter((value) => ArrayBuffer.isView(value) && value.byteLength > 0)
    .map((value) => [...new Uint8Array((value as ArrayBufferView).buffer)]);
}

/** The error of a call, `RangeError: op: …`, after a check that it names its argument and that no array has changed. */
function errorOf(engine: Engine, op: string, args: Args): string {
  const before = bytesOf(args);
  try {
    call(engine, op, args);
  } catch (error) {
    expect(bytesOf(args)).toEqual(before);
    expect(error instanceof RangeError || error instanceof TypeError).toBe(true);
    return textOf(error);
  }
  return 'no error';
}

function detached<A extends Float32Array | Int32Array>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

const T = 'TypeError';
const R = 'RangeError';

/** [bad value, class, rule, what the message says it got] of each option that is no array. */
const SCALARS: Record<string, [unknown, string, string, string][]> = {
  cols: [
    [0, R, 'a positive integer', '0'],
    [-3, R, 'a positive integer', '-3'],
    [1.5, R, 'a positive integer', '1.5'],
    [NaN, R, 'a positive integer', 'NaN'],
    [Infinity, R, 'a positive integer', 'Infinity'],
    ['3', T, 'a positive integer', "'3'"],
    [undefined, T, 'a positive integer', 'undefined'],
    [3n, T, 'a positive integer', '3n'],
  ],
  temperature: [
    [-1, R, 'a number in [2^-16, 2^16]', '-1'],
    [0, R, 'a number in [2^-16, 2^16]', '0'],
    [2 ** -17, R, 'a number in [2^-16, 2^16]', String(2 ** -17)],
    [2 ** 16 + 1, R, 'a number in [2^-16, 2^16]', '65537'],
    [NaN, R, 'a number in [2^-16, 2^16]', 'NaN'],
    ['1', T, 'a number in [2^-16, 2^16]', "'1'"],
    [null, T, 'a number in [2^-16, 2^16]', 'null'],
  ],
  reduction: [
    ['max', R, "'mean', 'sum' or 'none'", "'max'"],
    [1, T, "'mean', 'sum' or 'none'", '1'],
    [null, T, "'mean', 'sum' or 'none'", 'null'],
  ],
  ignoreIndex: [
    [0.5, R, 'an integer', '0.5'],
    [NaN, R, 'an integer', 'NaN'],
    ['0', T, 'an integer', "'0'"],
    [null, T, 'an integer', 'null'],
  ],
  labelSmoothing: [
    [-0.1, R, 'a number in [0, 1]', '-0.1'],
    [1.1, R, 'a number in [0, 1]', '1.1'],
    [NaN, R, 'a number in [0, 1]', 'NaN'],
    [true, T, 'a number in [0, 1]', 'true'],
  ],
  zLoss: [
    [-1, R, 'a finite number >= 0', '-1'],
    [Infinity, R, 'a finite number >= 0', 'Infinity'],
    [NaN, R, 'a finite number >= 0', 'NaN'],
    [{}, T, 'a finite number >= 0', 'Object'],
  ],
  scale: [
    [Infinity, R, 'a finite number', 'Infinity'],
    [-Infinity, R, 'a finite number', '-Infinity'],
    [NaN, R, 'a finite number', 'NaN'],
    [() => 1, T, 'a finite number', 'a function'],
  ],
  divisor: [
    [0, R, 'a finite number other than 0', '0'],
    [-0, R, 'a finite number other than 0', '0'],
    [Infinity, R, 'a finite number other than 0', 'Infinity'],
    [NaN, R, 'a finite number other than 0', 'NaN'],
    ['4', T, 'a finite number other than 0', "'4'"],
    [null, T, 'a finite number other than 0', 'null'],
  ],
};

/** What an array's length must be, as the message says it. */
const LENGTHS: Record<string, (op: string) => string> = {
  tangent: (op) =>
    op === 'logSoftmaxJvp' ? 'logProbs.length = 6' : op === 'softmaxJvp' ? 'probs.length = 6' : 'logits.length = 6',
  cotangent: (op) => (op === 'logSoftmaxVjp' ? 'logProbs.length = 6' : 'probs.length = 6'),
  targets: () => 'rows = 2',
  classWeights: () => 'cols = 3',
  losses: () => 'rows = 2',
  lse: () => 'rows = 2',
  jvpOut: () => 'logits.length = 6',
  out: (op) => {
    if (op === 'logSumExp') return 'rows = 2';
    if (op === 'softmaxJacobian') return 'rows · cols · cols = 18';
    return `${OPS[op]!.signature[0]}.length = 6`;
  },
};

const isArray = (name: string) => ['logits', 'probs', 'logProbs'].includes(name) || name in LENGTHS;

for (const tier of tiers) {
  describe(`errors on ${tier.name}`, () => {
    const engine = tier.engine();

    it('runs on the tier it names', () => {
      expect(engine.tier).toBe(tier.name);
    });

    it('the examples of the contract', () => {
      const x = floats(10);
      const out = x.subarray(1, 10);
      const messages = [
        [() => engine.softmax(x, 3), R, 'softmax: expected logits.length to be a multiple of cols = 3, got 10'],
        [() => engine.softmax(x, 0), R, 'softmax: expected cols to be a positive integer, got 0'],
        [
          () => engine.softmax(new Float64Array(3) as unknown as Float32Array, 3),
          T,
          'softmax: expected logits to be a Float32Array, got Float64Array (convert with Float32Array.from)',
        ],
        [
          () => engine.softmax(x, 5, { temperature: -1 }),
          R,
          'softmax: expected temperature to be a number in [2^-16, 2^16], got -1',
        ],
        [
          () => engine.softmaxJvp(floats(6), floats(5), 3),
          R,
          'softmaxJvp: expected tangent.length to be probs.length = 6, got 5',
        ],
        [
          () => engine.crossEntropy(new Float32Array(8000), Int32Array.of(0, 1, 2, 3, 4, 5, 6, 1000), 1000),
          R,
          'crossEntropy: expected targets[7] to be in [0, 1000) or ignoreIndex -100, got 1000',
        ],
        [
          () => engine.softmax(x.subarray(0, 9), 3, { out }),
          R,
          'softmax: expected out to be logits itself or not to overlap it, got a partial overlap',
        ],
        [
          () => tier.engine({ arenaBytes: 65536 }).alloc(10_000_000),
          R,
          'alloc: expected length to fit the arena (65536 bytes, 65536 left), got 10000000 elements (40000000 bytes)',
        ],
      ] as const;
      for (const [f, kind, message] of messages) {
        expect(thrownBy(f)).toBe(`${kind}: ${message}`);
      }
      try {
        engine.softmax(x, 3);
      } catch (error) {
        expect((error as ArgumentError).argument).toBe('logits');
      }
    });

    for (const op of Object.keys(OPS)) {
      const { signature, options, good } = OPS[op]!;
      const all = [...signature, ...options];
      const first = signature[0]!;
      const second = signature[1]!;
      /** Inputs of 7 elements, which no rule refuses before cols is looked at. */
      const ofSeven: Args = { [first]: floats(7) };
      if (second !== 'cols' && second !== 'targets') ofSeven[second] = floats(7);
      const error = (change: Args, base = good()) => errorOf(engine, op, { ...base, ...change });

      it(`${op}: the good call passes`, () => {
        expect(
          errorOf(engine, op, { ...good(), ...Object.fromEntries(options.map((name) => [name, undefined])) }),
        ).toBe('no error');
        expect(() => call(engine, op, good())).not.toThrow();
      });

      it(`${op}: scalars`, () => {
        for (const name of all) {
          for (const [value, kind, rule, got] of SCALARS[name] ?? []) {
            expect(error({ [name]: value })).toBe(`${kind}: ${op}: expected ${name} to be ${rule}, got ${got}`);
          }
        }
      });

      it(`${op}: options that are no object`, () => {
        for (const [value, got] of [
          [null, 'null'],
          [1, '1'],
          [new Float32Array(6), 'Float32Array'],
          [[], 'Array'],
        ] as const) {
          expect(error({ options: value })).toBe(`TypeError: ${op}: expected options to be an object, got ${got}`);
        }
      });

      it(`${op}: array types, detached arrays and lengths`, () => {
        for (const name of all.filter(isArray)) {
          const what = name === 'targets' ? 'an Int32Array or a Float32Array' : 'a Float32Array';
          const other = name === 'targets' ? 'Int32Array' : 'Float32Array';
          const expected = `TypeError: ${op}: expected ${name} to be ${what}, got`;
          expect(error({ [name]: null })).toBe(`${expected} null`);
          expect(error({ [name]: [1, 2, 3] })).toBe(`${expected} Array (convert with ${other}.from)`);
          const nested = `Array of arrays (convert with ${other}.from(array.flat()))`;
          expect(error({ [name]: [[1, 2, 3]] })).toBe(`${expected} ${nested}`);
          expect(error({ [name]: new Uint8Array(6) })).toBe(`${expected} Uint8Array (convert with ${other}.from)`);
          expect(error({ [name]: new BigInt64Array(6) })).toBe(
            `${expected} BigInt64Array (convert with ${other}.from(array, Number))`,
          );
          expect(error({ [name]: { [Symbol.toStringTag]: 'Float32Array', length: 6 } })).toContain(expected);
          expect(error({ [name]: 'abc' })).toBe(`${expected} 'abc'`);
          expect(error({ [name]: detached(new Float32Array(6)) })).toBe(
            `TypeError: ${op}: expected ${name} to be an array with its buffer, got a detached array`,
          );
          if (!(name in LENGTHS)) continue;
          const make = name === 'targets' ? (n: number) => new Int32Array(n) : floats;
          expect(error({ [name]: make(5) })).toBe(
            `RangeError: ${op}: expected ${name}.length to be ${LENGTHS[name]!(op)}, got 5`,
          );
          expect(error({ [name]: make(0) })).toContain(`RangeError: ${op}: expected ${name}.length`);
        }
        expect(error(ofSeven)).toBe(`RangeError: ${op}: expected ${first}.length to be a multiple of cols = 3, got 7`);
      });

      it(`${op}: outputs that overlap`, () => {
        const outputs = all.filter((name) => ['out', 'jvpOut', 'losses', 'lse'].includes(name));
        for (const output of outputs) {
          for (const name of all.filter(isArray)) {
            // Of two outputs the later one is named.
            if (name === output || (outputs.includes(name) && outputs.indexOf(name) > outputs.indexOf(output)))
              continue;
            const args = good();
            const other = args[name] as Float32Array;
            const wanted = (args[output] as Float32Array).length;
            const room = new ArrayBuffer(4 * (other.length + wanted));
            const placed = (other instanceof Int32Array ? Int32Array : Float32Array).from(other as Float32Array);
            const moved = new (placed.constructor as Float32ArrayConstructor)(room, 0, other.length);
            moved.set(placed as Float32Array);
            const mayBeSame = (output === 'out' && name === first) || (output === 'jvpOut' && name === 'tangent');
            const rule = mayBeSame ? `to be ${name} itself or not to overlap it` : `not to overlap ${name}`;

            // The last element of `other` is the first of the output; after it they only touch.
            const partial = new Float32Array(room, 4 * (other.length - 1), wanted);
            expect(error({ [name]: moved, [output]: partial })).toBe(
              `RangeError: ${op}: expected ${output} ${rule}, got a partial overlap`,
            );
            const apart = new Float32Array(room, 4 * other.length, wanted);
            expect(() => call(engine, op, { ...good(), [name]: moved, [output]: apart })).not.toThrow();

            const same = new Float32Array(room, 0, wanted);
            if (other.length !== wanted) {
              // The same start is not the same array.
              expect(error({ [name]: moved, [output]: same })).toBe(
                `RangeError: ${op}: expected ${output} ${rule}, got a partial overlap`,
              );
            } else if (mayBeSame) {
              expect(() => call(engine, op, { ...good(), [name]: moved, [output]: same })).not.toThrow();
            } else {
              expect(error({ [name]: moved, [output]: same })).toBe(
                `RangeError: ${op}: expected ${output} not to overlap ${name}, got ${name} itself`,
              );
            }
          }
        }
      });

      it(`${op}: the first wrong argument is the one named`, () => {
        // One breaker for each check, in the contract's order; `expect` is how the message goes on after "expected ".
        const breakers: { name: string; value: unknown; says: string }[] = [];
        for (const name of signature) {
          breakers.push({ name, value: null, says: `${name} to be` });
        }
        for (const name of options) {
          // Of a wrong type, so that no rule about lengths comes between.
          breakers.push({ name, value: name === 'out' ? [] : null, says: `${name} to be` });
        }
        if (signature.includes('targets')) {
          breakers.push({ name: 'targets', value: Int32Array.of(0, 3), says: 'targets[1] to be' });
        }
        for (let i = 0; i < breakers.length; i++) {
          for (let j = i + 1; j < breakers.length; j++) {
            const a = breakers[i]!;
            const b = breakers[j]!;
            if (a.name === b.name) continue;
            expect(error({ [b.name]: b.value, [a.name]: a.value })).toContain(`${op}: expected ${a.says}`);
          }
        }
      });

      it(`${op}: a rule that needs cols comes after cols, one that does not before`, () => {
        expect(error({ ...ofSeven, cols: 0 })).toContain('expected cols to be');
        if (second === 'targets')
          expect(error({ targets: new Int32Array(9), cols: 0 })).toContain('expected cols to be');
        else if (second !== 'cols')
          expect(error({ [second]: floats(7), cols: 0 })).toContain(`expected ${second}.length`);
      });

      it(`${op}: arrays of another realm, shared and resizable buffers, views at odd elements`, async () => {
        const realm = await otherRealm();
        const wanted = JSON.stringify(call(engine, op, good()));
        const remake = (make: (array: Float32Array | Int32Array) => unknown) => {
          const args = good();
          for (const name of all) if (ArrayBuffer.isView(args[name])) args[name] = make(args[name] as Float32Array);
          return args;
        };
        const kinds: ((array: Float32Array | Int32Array) => unknown)[] = [
          (a) => (a instanceof Int32Array ? realm.Int32Array.from(a) : realm.Float32Array.from(a)),
          (a) => {
            const view = new (a.constructor as Float32ArrayConstructor)(new ArrayBuffer(4 * a.length + 8), 4, a.length);
            view.set(a);
            return view;
          },
        ];
        for (const { make } of BUFFERS) {
          kinds.push((a) => {
            const view = new (a.constructor as Float32ArrayConstructor)(make(4 * a.length) as ArrayBuffer, 0, a.length);
            view.set(a);
            return view;
          });
        }
        for (const kind of kinds) expect(JSON.stringify(call(engine, op, remake(kind)))).toBe(wanted);
      });
    }

    for (const op of CROSS_ENTROPY) {
      const { good } = OPS[op]!;
      const error = (change: Args) => errorOf(engine, op, { ...good(), ...change });

      it(`${op}: class indices out of range`, () => {
        expect(error({ targets: Int32Array.of(3, 9) })).toBe(
          `RangeError: ${op}: expected targets[0] to be in [0, 3) or ignoreIndex -100, got 3`,
        );
        expect(error({ targets: Int32Array.of(0, -1) })).toContain(
          'targets[1] to be in [0, 3) or ignoreIndex -100, got -1',
        );
        expect(error({ targets: Int32Array.of(0, -1), ignoreIndex: -1 })).toBe('no error');
        expect(error({ targets: Int32Array.of(0, -2), ignoreIndex: -1 })).toContain('or ignoreIndex -1, got -2');
      });

      it(`${op}: a divisor is for the mean alone`, () => {
        for (const reduction of ['sum', 'none']) {
          const rule = `expected divisor to be undefined with reduction '${reduction}', got 4`;
          expect(error({ reduction })).toBe(`RangeError: ${op}: ${rule}`);
          expect(error({ reduction, divisor: NaN })).toContain('a finite number other than 0, got NaN');
          expect(error({ reduction, divisor: undefined })).toBe('no error');
        }
        expect(() => call(engine, op, { ...good(), reduction: undefined })).not.toThrow();
      });

      it(`${op}: an ignoreIndex outside int32 matches nothing`, () => {
        for (const ignoreIndex of [2 ** 32, 2 ** 40, -(2 ** 31) - 1]) {
          const args = { ...good(), ignoreIndex };
          expect(() => call(engine, op, args)).not.toThrow();
          // 2^32 wraps to 0 and the first label is 0: its row must still be read.
          expect((args as Args).lse).not.toHaveProperty('0', 0);
          expect(error({ ignoreIndex, targets: Int32Array.of(0, -1) })).toContain(`ignoreIndex ${ignoreIndex}, got -1`);
        }
      });

      it(`${op}: probability targets`, () => {
        expect(error({ targets: floats(5) })).toBe(
          `RangeError: ${op}: expected targets.length to be logits.length = 6, got 5`,
        );
        expect(() => call(engine, op, { ...good(), targets: floats(6), ignoreIndex: 0.5 })).not.toThrow();
        expect(error({ targets: new Float64Array(6) })).toContain('got Float64Array (convert with Float32Array.from)');
      });
    }

    it('crossEntropy does not read out', () => {
      const logits = floats(6);
      const out = 7 as unknown as Float32Array;
      expect(engine.crossEntropy(logits, Int32Array.of(0, 2), 3, { out })).toBeGreaterThan(0);
    });

    it('a result that no memory can hold says how much was asked', () => {
      const probs = new Float32Array(1 << 20);
      expect(() => engine.softmaxJacobian(probs, 1 << 20)).toThrow(
        new RangeError(
          `softmaxJacobian: expected memory for a result of ${2 ** 40} elements (${2 ** 42} bytes), got none`,
        ),
      );
      expect(engine.softmax(Float32Array.of(1, 1), 2)).toEqual(Float32Array.of(0.5, 0.5));
    });
  });
}
