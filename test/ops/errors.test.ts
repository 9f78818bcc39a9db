import { describe, expect, it } from 'vitest';
import type { ArgumentError, Engine } from '../../src/index.js';
import { textOf, thrownBy } from '../argument.js';
import { BUFFERS } from '../buffers.js';
import { ARRAYS, COLS, lengthOf, type Op, OPS, OPTIONS, type Output, takesTargets } from '../ops.mjs';
import { otherRealm } from '../realm.js';
import { tiers } from '../tiers.js';

/** Arguments and options of one call by their names; 2 rows of 3 columns, every output given. */
type Args = Record<string, unknown>;

const [ROWS, COLUMNS] = [2, 3];
const floats = (length: number, first = 1) => Float32Array.from({ length }, (_, i) => (first + i) / 8);

const integers = (length: number, first = 1) => Int32Array.from({ length }, (_, i) => first + i);
const arrayFor = (output: Output | undefined) => (output?.integer ? integers : floats);
type AnyArray = Float32Array | Int32Array | Uint8Array;
type AnyClass = Float32ArrayConstructor;
const CLASSES = { Float32Array, Int32Array, Uint8Array };
const classOf = (array: AnyArray) => array.constructor as AnyClass;

/** Names in the order of the signature, and of the checks of the options. */
const signatureOf = (op: Op) => [...op.inputs.map(({ name }) => name), 'cols', ...(op.scalars ?? [])];
const outputOf = (op: Op, name: string) => op.outputs.find((output) => output.name === name);
const isArray = (name: string) => name !== 'cols' && !(name in OPTIONS);

function goodOption(op: Op, name: string, i: number): unknown {
  const output = outputOf(op, name);
  if (output) return arrayFor(output)(lengthOf(output, ROWS, COLUMNS), 50 + 10 * i);
  if (name in OPTIONS) return OPTIONS[name].good;
  return CLASSES[ARRAYS[name].Class].from(ARRAYS[name].good(ROWS, COLUMNS));
}

function goodArgs(op: Op): Args {
  const inputs = op.inputs.map(({ name, holds }, i) => {
    return [name, holds === 'targets' ? Int32Array.of(0, 2) : floats(ROWS * COLUMNS, 1 + 19 * i)];
  });
  const options = op.options.map((name, i) => [name, goodOption(op, name, i)]);
  return Object.fromEntries([...inputs, ['cols', COLUMNS], ...options]) as Args;
}

function call(engine: Engine, op: Op, args: Args): unknown {
  const given: Args = {};
  for (const name of op.options) if (name in args) given[name] = args[name];
  const f = (engine as unknown as Record<string, (...list: unknown[]) => unknown>)[op.name];
  return f(...signatureOf(op).map((name) => args[name]), 'options' in args ? args.options : given);
}

function bytesOf(args: Args): number[][] {
  return Object.values(args)
    .filter((value) => ArrayBuffer.isView(value) && value.byteLength > 0)
    .map((value) => [...new Uint8Array((value as ArrayBufferView).buffer)]);
}

/** The error of a call, `RangeError: op: …`, after a check that it names its argument and that no array has changed. */
function errorOf(engine: Engine, op: Op, args: Args): string {
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

/** A value as messages show it. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'Object' : String(value);
}

/** What the length of an array that is not the first must be, as the message says it. */
function lengthRule(op: Op, name: string): string {
  const first = op.inputs[0].name;
  if (name === 'targets') return 'rows = 2';
  const output = outputOf(op, name);
  if (output) {
    return { cols: `${first}.length = 6`, one: 'rows = 2', square: 'rows · cols · cols = 18', k: 'rows · k = 2' }[
      output.width
    ];
  }
  return ARRAYS[name]?.length ?? `${first}.length = 6`;
}

const BYTES_HINT =
  'float32 bytes? new Float32Array(b.buffer, b.byteOffset, b.byteLength / 4), copied first where byteOffset is not a ' +
  'multiple of 4; numbers? copy them one by one';

/** What the message says after the class of a value that is no array for an argument of a class. */
function hintOf(wanted: string, value: unknown): string {
  const isMask = wanted === 'Uint8Array';
  if (Array.isArray(value) && Array.isArray(value[0])) return `rows? fill one ${wanted} row by row with set`;
  if (Array.isArray(value)) return isMask ? 'Uint8Array.from(mask, Number)' : `convert with ${wanted}.from`;
  if (value instanceof BigInt64Array) {
    return isMask ? 'Uint8Array.from(mask, Number)' : `convert with ${wanted}.from(array, Number)`;
  }
  if (value instanceof Uint8Array) return wanted === 'Float32Array' ? BYTES_HINT : `convert with ${wanted}.from`;
  return 'a tensor? pass its .data';
}

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

    for (const of of OPS) {
      const { name: op, options } = of;
      const signature = signatureOf(of);
      const all = [...signature, ...options];
      const [first, second] = signature;
      const good = () => goodArgs(of);
      /** Inputs of 7 elements, which no rule refuses before cols is looked at. */
      const ofSeven: Args = { [first]: floats(7) };
      if (second !== 'cols' && second !== 'targets') ofSeven[second] = floats(7);
      const error = (change: Args) => errorOf(engine, of, { ...good(), ...change });

      it(`${op}: the good call passes`, () => {
        expect(error(Object.fromEntries(options.map((name) => [name, undefined])))).toBe('no error');
        expect(() => call(engine, of, good())).not.toThrow();
      });

      it(`${op}: scalars`, () => {
        for (const name of all) {
          const { good: usual, rule, bad } = name === 'cols' ? COLS : (OPTIONS[name] ?? { bad: [] });
          for (const value of bad) {
            const kind = typeof value === typeof usual ? R : T;
            expect(error({ [name]: value })).toBe(
              `${kind}: ${op}: expected ${name} to be ${rule}, got ${shown(value)}`,
            );
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
          const isTargets = name === 'targets';
          const Class = isTargets
            ? 'Int32Array'
            : (ARRAYS[name]?.Class ?? arrayFor(outputOf(of, name))(0).constructor.name);
          const make = (n: number) => new CLASSES[Class as keyof typeof CLASSES](n) as Float32Array;
          const one = {
            Int32Array: isTargets ? 'an Int32Array or a Float32Array' : 'an Int32Array',
            Float32Array: 'a Float32Array',
            Uint8Array: 'a Uint8Array or packed bits in a Uint32Array',
          }[Class as keyof typeof CLASSES];
          const expected = `TypeError: ${op}: expected ${name} to be ${one}, got`;
          expect(error({ [name]: null })).toBe(`${expected} null`);
          const wrong: unknown[] = [[1, 2, 3], [[1, 2, 3]], { data: new Float32Array(6) }];
          if (!isTargets) wrong.push(new BigInt64Array(6));
          if (!isTargets && Class !== 'Uint8Array') wrong.push(new Uint8Array(6));
          for (const value of wrong) {
            const got = Array.isArray(value) ? 'Array' : ArrayBuffer.isView(value) ? value.constructor.name : 'Object';
            expect(error({ [name]: value })).toBe(`${expected} ${got} (${hintOf(Class, value)})`);
          }
          expect(error({ [name]: { [Symbol.toStringTag]: 'Float32Array', length: 6 } })).toContain(expected);
          expect(error({ [name]: 'abc' })).toBe(`${expected} 'abc'`);
          expect(error({ [name]: detached(make(6)) })).toBe(
            `TypeError: ${op}: expected ${name} to be an array with its buffer, got a detached array, or one beyond the end of its buffer`,
          );
          if (name === first) continue;
          expect(error({ [name]: make(5) })).toBe(
            `RangeError: ${op}: expected ${name}.length to be ${lengthRule(of, name)}, got 5`,
          );
          expect(error({ [name]: make(0) })).toContain(`RangeError: ${op}: expected ${name}.length`);
        }
        expect(error(ofSeven)).toBe(`RangeError: ${op}: expected ${first}.length to be a multiple of cols = 3, got 7`);
      });

      it(`${op}: outputs that overlap`, () => {
        const outputs = of.outputs.map(({ name }) => name);
        for (const output of outputs) {
          for (const name of all.filter(isArray)) {
            // Of two outputs the later one is named.
            if (name === output || (outputs.includes(name) && outputs.indexOf(name) > outputs.indexOf(output)))
              continue;
            const args = good();
            const other = args[name] as AnyArray;
            const wanted = (args[output] as Float32Array).length;
            const room = new ArrayBuffer(other.byteLength + 4 * wanted + 4);
            const moved = new (classOf(other))(room, 0, other.length);
            moved.set(other);
            const mayBeSame = outputOf(of, output)!.over === name;
            const rule = mayBeSame ? `to be ${name} itself or not to overlap it` : `not to overlap ${name}`;

            // The last element of `other` is the first of the output; after it they only touch.
            const Typed = outputOf(of, output)!.integer ? Int32Array : Float32Array;
            const partial = new Typed(room, 4 * Math.floor((other.byteLength - 1) / 4), wanted);
            expect(error({ [name]: moved, [output]: partial })).toBe(
              `RangeError: ${op}: expected ${output} ${rule}, got a partial overlap`,
            );
            const apart = new Typed(room, 4 * Math.ceil(other.byteLength / 4), wanted);
            expect(() => call(engine, of, { ...good(), [name]: moved, [output]: apart })).not.toThrow();

            const same = new Typed(room, 0, wanted);
            if (other.byteLength !== 4 * wanted) {
              // The same start is not the same array.
              expect(error({ [name]: moved, [output]: same })).toBe(
                `RangeError: ${op}: expected ${output} ${rule}, got a partial overlap`,
              );
            } else if (mayBeSame) {
              expect(() => call(engine, of, { ...good(), [name]: moved, [output]: same })).not.toThrow();
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
        const wanted = JSON.stringify(call(engine, of, good()));
        const remake = (make: (array: AnyArray) => unknown) => {
          const args = good();
          for (const name of all) if (ArrayBuffer.isView(args[name])) args[name] = make(args[name] as AnyArray);
          return args;
        };
        const kinds: ((array: AnyArray) => unknown)[] = [
          (a) => (realm as unknown as Record<string, AnyClass>)[a.constructor.name].from(a),
          (a) => {
            const view = new (classOf(a))(new ArrayBuffer(a.byteLength + 8), 4, a.length);
            view.set(a);
            return view;
          },
        ];
        for (const { make } of BUFFERS) {
          kinds.push((a) => {
            const view = new (classOf(a))(make(a.byteLength) as ArrayBuffer, 0, a.length);
            view.set(a);
            return view;
          });
        }
        for (const kind of kinds) expect(JSON.stringify(call(engine, of, remake(kind)))).toBe(wanted);
      });
    }

    for (const of of OPS.filter(takesTargets)) {
      const op = of.name;
      const good = () => goodArgs(of);
      const error = (change: Args) => errorOf(engine, of, { ...good(), ...change });

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

      it(`${op}: an ignoreIndex outside int32 matches nothing`, () => {
        for (const ignoreIndex of [2 ** 32, 2 ** 40, -(2 ** 31) - 1]) {
          const args = { ...good(), ignoreIndex };
          expect(() => call(engine, of, args)).not.toThrow();
          // 2^32 wraps to 0 and the first label is 0: its row must still be read.
          expect((args as Args).lse).not.toHaveProperty('0', 0);
          expect(error({ ignoreIndex, targets: Int32Array.of(0, -1) })).toContain(`ignoreIndex ${ignoreIndex}, got -1`);
        }
      });

      it(`${op}: probability targets`, () => {
        expect(error({ targets: floats(5) })).toBe(
          `RangeError: ${op}: expected targets.length to be logits.length = 6, got 5`,
        );
        expect(() => call(engine, of, { ...good(), targets: floats(6), ignoreIndex: 0.5 })).not.toThrow();
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
