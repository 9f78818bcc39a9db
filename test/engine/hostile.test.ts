import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/index.js';
import { thrownBy } from '../argument.js';
import { type Call, callOn, callsOn } from '../calls.js';
import { everyTier } from '../every-tier.js';
import { OPTIONS } from '../ops.mjs';
import { lacks, tiers } from '../tiers.js';

// Arguments that do something when they are looked at, or say what they are not: a TypeError or a RangeError, or the right
// result, and never a write beside the call's own arrays.

type Options = Record<string, unknown>;
/** ES2024. */
interface Resize {
  resize(bytes: number): void;
}
const loose = (engine: Engine) => engine as unknown as Record<string, (...args: unknown[]) => unknown>;
const SHORT = 'an array with its buffer, got a detached array, or one beyond the end of its buffer';

everyTier('hostile arguments', (engine) => {
  const { softmax, crossEntropy } = loose(engine);

  it('a getter of an option that detaches an array: a detached array is what the call sees', () => {
    const x = new Float32Array(30).fill(1);
    const options = {
      get temperature() {
        structuredClone(x.buffer, { transfer: [x.buffer] });
        return 1;
      },
    };
    expect(thrownBy(() => softmax(x, 10, options))).toContain(`logits to be ${SHORT}`);
    const [logits, out] = [new Float32Array(30), new Float32Array(30)];
    const detaching = {
      out,
      get inner() {
        structuredClone(out.buffer, { transfer: [out.buffer] });
        return 1;
      },
    };
    expect(thrownBy(() => softmax(logits, 10, detaching))).toContain(`out to be ${SHORT}`);
  });

  it('a getter that shrinks an array', () => {
    // Where no array can be shrunk nothing happens to it.
    const canShrink = !lacks.includes('resizable ArrayBuffer');
    const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer & Resize;
    const buffer = new Resizable(120, { maxByteLength: 120 });
    const x = new Float32Array(buffer);
    const options = {
      get temperature() {
        if (canShrink) buffer.resize(40);
        return 1;
      },
    };
    expect((softmax(x, 10, options) as Float32Array).length).toBe(canShrink ? 10 : 30);
  });

  it('an array whose buffer has shrunk to before it', () => {
    if (lacks.includes('resizable ArrayBuffer')) return;
    const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer & Resize;
    const buffer = new Resizable(120, { maxByteLength: 120 });
    const [floats, labels] = [new Float32Array(buffer, 0, 12), new BigInt64Array(buffer, 96, 2)];
    buffer.resize(40);
    expect(thrownBy(() => softmax(floats, 3))).toContain(`logits to be ${SHORT}`);
    expect(thrownBy(() => crossEntropy(new Float32Array(0), labels, 3))).toContain(`targets to be ${SHORT}`);
    // One that has no elements is as good as any.
    expect(softmax(new Float32Array(buffer, 40), 3)).toHaveLength(0);
    expect(crossEntropy(new Float32Array(0), new BigInt64Array(buffer, 40), 3)).toBeNaN();
  });

  it('a getter is asked once, in whatever option it is', () => {
    for (const call of callsOn(4, 8)) {
      const names = call.op.options.filter((name) => name in OPTIONS);
      const asked: string[] = [];
      const given: Options = {};
      for (const name of names) {
        if (name === 'divisor' || name in call.options) continue;
        Object.defineProperty(given, name, {
          enumerable: true,
          get() {
            asked.push(name);
            return OPTIONS[name].good;
          },
        });
      }
      callOn(engine, { ...call, options: {} }, given);
      expect(asked, call.title).toEqual([...new Set(asked)]);
      expect(asked).toHaveLength(Object.keys(given).length);
    }
  });

  it('a getter that calls the same function has a call of its own', () => {
    const x = Float32Array.of(0, 1, 2);
    const inner: unknown[] = [];
    const options = {
      get temperature() {
        inner.push(softmax(Float32Array.of(5, 5), 2));
        return 1;
      },
    };
    expect(softmax(x, 3, options)).toEqual(softmax(x, 3));
    expect(inner).toEqual([Float32Array.of(0.5, 0.5)]);
  });

  it('a Proxy is no array, and a name proves nothing', () => {
    const x = Float32Array.of(1, 2, 3);
    const forged = Object.defineProperty(new DataView(new ArrayBuffer(12)), Symbol.toStringTag, {
      value: 'Uint16Array',
    });
    const named = { [Symbol.toStringTag]: 'Float32Array', length: 3, buffer: x.buffer, byteOffset: 0 };
    const child = Object.create(x) as unknown;
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    const throws = Object.defineProperty({}, Symbol.toStringTag, {
      get() {
        throw new Error('from the name');
      },
    });
    for (const bad of [new Proxy(x, {}), named, child, revoked, throws]) {
      expect(thrownBy(() => softmax(bad, 3))).toMatch(
        /^TypeError: softmax: expected logits to be a Float32Array, got /,
      );
      expect(thrownBy(() => softmax(x, 3, { out: bad }))).toMatch(/^TypeError: softmax: expected out to be /);
      expect(thrownBy(() => crossEntropy(x, bad, 3))).toMatch(/^TypeError: crossEntropy: expected targets to be /);
    }
    expect(thrownBy(() => softmax(forged, 3, { dtype: 'float16' }))).toMatch(/^TypeError: softmax: expected logits/);
    expect(thrownBy(() => softmax(x, 3, revoked))).toMatch(/^TypeError: softmax: expected options to be an object/);
    const module = { [Symbol.toStringTag]: 'WebAssembly.Module' };
    expect(thrownBy(() => createEngine({ module: module as never }))).toBe(
      'TypeError: createEngine: expected module to be a WebAssembly.Module, got WebAssembly.Module',
    );
  });

  it('what stands on Object.prototype is no option', () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const bits = Uint16Array.of(0x3c00, 0x4000);
    const calls = callsOn(2, 3);
    const names = [...new Set(calls.flatMap(({ op }) => op.options)), 'tier', 'module', 'arenaBytes'];
    const want = calls.map((call) => callOn(engine, call) as unknown);
    const plain = softmax(x, 3);
    const { tier } = createEngine();
    for (const name of names)
      Object.defineProperty(Object.prototype, name, { configurable: true, writable: true, value: 'bfloat16' });
    try {
      expect(softmax(x, 3, {})).toEqual(plain);
      expect(() => softmax(bits, 2, {})).toThrow(TypeError);
      expect(calls.map((call) => callOn(engine, call) as unknown)).toEqual(want);
      expect(createEngine({}).tier).toBe(tier);
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it('createEngine knows its options by name', () => {
    expect(thrownBy(() => createEngine({ teir: 'simd' } as never))).toBe(
      'TypeError: createEngine: expected teir to be one of tier, arenaBytes, module, got an unknown option',
    );
  });

  it('a loss that underflows under a negative scale is +0', () => {
    const x = Float32Array.of(0, -30, 9, 1);
    for (const options of [{ scale: -1e-300 }, { scale: 1e-300, rowWeights: Float32Array.of(-1, -1) }]) {
      for (const targets of [Int32Array.of(0, 0), Float32Array.of(1, 0, 1, 0)]) {
        const losses = crossEntropy(x, targets, 2, { ...options, reduction: 'none' }) as Float32Array;
        expect([...losses].map((loss) => Object.is(loss, 0))).toEqual([true, true]);
      }
    }
  });
});

describe.each(tiers)('hostile arrays in the arena, $name', ({ engine: open }) => {
  /** Three arrays one after the other; what stands in the outer two must stay. */
  function neighbours(length: number): { engine: Engine; array: Float32Array; check: () => void } {
    const engine = open({ arenaBytes: 12 * length + 256 });
    const [before, array, after] = [engine.alloc(length), engine.alloc(length), engine.alloc(length)];
    before.fill(7);
    after.fill(7);
    const check = () => {
      for (const other of [before, after]) expect(other).toEqual(new Float32Array(length).fill(7));
    };
    return { engine, array, check };
  }
  const CALLS: Call[] = callsOn(4, 8).filter(({ op }) => op.inputs[0].holds === 'logits');

  it.each([
    ['length', 1000],
    ['byteOffset', 0],
    ['byteLength', 4000],
    ['BYTES_PER_ELEMENT', 4],
    ['buffer', null],
    ['subarray', null],
    ['set', null],
    ['fill', null],
    ['constructor', null],
  ])('%s of an array is what it is, not what it says', (name, value) => {
    for (const call of CALLS) {
      const { engine, array, check } = neighbours(32);
      array.set(call.arrays[0] as Float32Array);
      const want: unknown = callOn(engine, { ...call, arrays: [array.slice(), ...call.arrays.slice(1)] });
      Object.defineProperty(array, name, { value: value ?? (() => engine.free(array)) });
      const got: unknown = callOn(
        engine,
        { ...call, arrays: [array, ...call.arrays.slice(1)] },
        call.op.outputs[0].width === 'cols' && call.op.outputs[0].name === 'out' ? { out: array } : {},
      );
      expect(JSON.stringify(got)).toBe(JSON.stringify(want));
      check();
    }
  });

  it('a getter that frees an array, and gives half of its place to another', () => {
    const { engine, array, check } = neighbours(64);
    let taken: Float32Array | null = null;
    const options = {
      out: array,
      get temperature() {
        engine.free(array);
        taken = engine.alloc(32);
        taken.fill(7);
        return 1;
      },
    };
    const call = () => engine.softmax(new Float32Array(64), 8, options);
    if (engine.tier === 'scalar') call();
    else expect(thrownBy(call)).toContain('out to be an ordinary array or a live one');
    expect(taken).toEqual(new Float32Array(32).fill(7));
    check();
  });
});

// Of what a runtime lacks tiers.test.ts asserts that it does.
const shares = lacks.includes('SharedArrayBuffer') ? [] : ['SharedArrayBuffer'];

describe.each(shares)('one memory, two %s objects', () => {
  const clone = (buffer: SharedArrayBuffer) => structuredClone(buffer);
  function grown(): [SharedArrayBuffer, SharedArrayBuffer] {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const before = memory.buffer as unknown as SharedArrayBuffer;
    memory.grow(1);
    return [before, memory.buffer as unknown as SharedArrayBuffer];
  }
  const shared = (): [SharedArrayBuffer, SharedArrayBuffer] => {
    const buffer = new SharedArrayBuffer(65536);
    return [buffer, clone(buffer)];
  };

  it.each([
    ['a structured clone', shared],
    ['before and after grow', grown],
  ])('%s: a partial overlap is a RangeError, the very place is in place', (_, make) => {
    const engine = createEngine();
    for (const length of [40, 4000]) {
      const [a, b] = make();
      const x = new Float32Array(a, 0, length).map((__, i) => Math.sin(i)) as Float32Array;
      const logits = new Float32Array(a, 400, length);
      logits.set(x);
      const before = logits.slice();
      expect(thrownBy(() => engine.softmax(logits, 10, { out: new Float32Array(b, 440, length) }))).toContain(
        'out to be logits itself or not to overlap it, got a partial overlap',
      );
      expect(logits).toEqual(before);
      const want = engine.softmax(before, 10);
      const beside = new Float32Array(b, 400 + 4 * length, length);
      expect(engine.softmax(logits, 10, { out: beside })).toBe(beside);
      expect([...beside]).toEqual([...want]);
      engine.softmax(logits, 10, { out: new Float32Array(b, 400, length) });
      expect([...logits]).toEqual([...want]);
    }
  });

  it('two memories are two, also where they hold the same', () => {
    const engine = createEngine();
    for (const length of [40, 4000]) {
      const logits = new Float32Array(new SharedArrayBuffer(4 * length));
      const out = new Float32Array(new SharedArrayBuffer(4 * length), 0, length);
      expect(engine.softmax(logits, 10, { out })[0]).toBeCloseTo(0.1);
      expect(logits.every((v) => v === 0)).toBe(true);
    }
  });
});
