import { expect, it } from 'vitest';
import { thrownBy } from '../argument.js';
import { everyTier } from '../every-tier.js';
import { OPS } from '../ops.mjs';

// CONTRACT sections 4 and 6: what bad options of rows as they are get; outputs stay as they are (test/ops/errors.test.ts has
// types, lengths and the order of checks for every operation).

type Call = (options: Record<string, unknown>) => unknown;

everyTier('errors of rows as they are', (engine) => {
  const x = Float32Array.from({ length: 12 }, (_, i) => i / 8);
  const bits = new Uint16Array(12);
  const any = engine as unknown as Record<string, (...list: unknown[]) => unknown>;
  const softmax: Call = (options) => any.softmax(x, 3, options);
  const loss: Call = (options) => any.crossEntropy(x, new Int32Array(4), 3, options);
  const expectError = (call: () => unknown, text: string) => expect(thrownBy(call)).toBe(text);

  it('an option that the function does not know', () => {
    for (const { name, inputs, options } of OPS) {
      const arrays = inputs.map(({ holds }) => (holds === 'targets' ? new Int32Array(4) : x));
      const all = options.concat(name === 'crossEntropy' ? ['out'] : []).sort();
      const call = (given: object) => thrownBy(() => any[name](...arrays, 3, given)) as string;
      const text = call({ label_smoothing: 0.1 });
      expect(text.startsWith(`TypeError: ${name}: expected label_smoothing to be one of `)).toBe(true);
      expect(text.endsWith(', got an unknown option')).toBe(true);
      const known = text.slice(text.indexOf(' of ') + 4, text.lastIndexOf(', got')).split(', ');
      expect(known.sort()).toEqual(all);
      const help = ' (another axis is inner, the product of the dimensions after it)';
      expect(call({ axis: 1 }).endsWith(`got an unknown option${options.includes('inner') ? help : ''}`)).toBe(true);
    }
    // Names are looked at before values, and `undefined` is not given, but a name.
    expect(thrownBy(() => softmax({ temperature: -1, dim: undefined }))).toContain('expected dim to be one of');
    try {
      softmax({ axis: 0 });
    } catch (error) {
      expect(error).toHaveProperty('argument', 'axis');
    }
  });

  it('emptyRows and packed options only where they mean something', () => {
    expect(thrownBy(() => loss({ emptyRows: 'zero' }))).toContain('expected emptyRows to be one of');
    expect(thrownBy(() => any.softmaxJacobian(x, 3, { inner: 2 }))).toContain('expected inner to be one of');
    expect(thrownBy(() => any.softmaxJvp(x, x.slice(), 3, { mask: new Uint8Array(12) }))).toContain(
      'expected mask to be one of',
    );
  });

  it('options of a prototype are not read', () => {
    const given = Object.create({ temperature: -1, axis: 0, out: 7 }) as Record<string, unknown>;
    expect(softmax(given)).toEqual(softmax({}));
  });

  it('inner', () => {
    expectError(
      () => softmax({ inner: 3 }),
      'RangeError: softmax: expected inner to be a divisor of logits.length / cols = 4, got 3',
    );
    expectError(
      () => any.softmaxJvp(x, x.slice(), 3, { inner: 8 }),
      'RangeError: softmaxJvp: expected inner to be a divisor of probs.length / cols = 4, got 8',
    );
  });

  it('starts and ends', () => {
    const ends = Int32Array.of(3, 2, 4, 3);
    expectError(() => softmax({ ends }), 'RangeError: softmax: expected ends[2] to be in [0, 3], got 4');
    expectError(
      () => softmax({ ends: Int32Array.of(-1) }),
      'RangeError: softmax: expected ends[0] to be in [0, 3], got -1',
    );
    expectError(
      () => softmax({ starts: Int32Array.of(0, 2, 0, 0), ends: Int32Array.of(3, 1, 3, 3) }),
      'RangeError: softmax: expected starts[1] to be in [0, ends[1] = 1], got 2',
    );
    expectError(
      () => softmax({ starts: Int32Array.of(0, 4) }),
      'RangeError: softmax: expected starts[1] to be in [0, cols = 3], got 4',
    );
    // Periods that do not divide each other: rows 0 to 3 meet starts 0 1 0 1 and ends 0 1 2 3.
    expectError(
      () => softmax({ starts: Int32Array.of(0, 2), ends: Int32Array.of(3, 3, 3, 1) }),
      'RangeError: softmax: expected starts[1] to be in [0, ends[3] = 1], got 2',
    );
    expectError(
      () => softmax({ inner: 2, starts: Int32Array.of(0, 0) }),
      'RangeError: softmax: expected starts.length to be rows = 4, got 2',
    );
  });

  it('mask', () => {
    expectError(
      () => softmax({ mask: new Uint8Array(5) }),
      'RangeError: softmax: expected mask.length to be rows · cols = 12, or 3 for each of fewer rows that divide them, got 5',
    );
    expectError(
      () => softmax({ mask: new Uint32Array(3) }),
      'RangeError: softmax: expected mask.length to be rows · ceil(cols / 32) = 4, or 1 for each of fewer rows that divide them, got 3',
    );
    expectError(
      () => softmax({ inner: 2, mask: new Uint32Array(4) }),
      'RangeError: softmax: expected mask to be bytes, one an element, with inner > 1, got packed bits',
    );
    expectError(
      () => softmax({ inner: 2, mask: new Uint8Array(6) }),
      'RangeError: softmax: expected mask.length to be rows · cols = 12 or cols = 3, got 6',
    );
    for (const [mask, hint] of [
      [new BigInt64Array(12), 'BigInt64Array (Uint8Array.from(mask, Number))'],
      [[true, false], 'Array (Uint8Array.from(mask, Number))'],
      [new Float32Array(12), 'Float32Array (a mask to be added? add it to the logits)'],
      [new Int16Array(12), 'Int16Array (a byte an element? Uint8Array.from(mask, (m) => (m ? 1 : 0)))'],
    ]) {
      expectError(
        () => softmax({ mask }),
        `TypeError: softmax: expected mask to be a Uint8Array or packed bits in a Uint32Array, got ${hint as string}`,
      );
    }
  });

  it('dtype', () => {
    const half = (options?: object) => any.softmax(bits, 3, options);
    const which =
      'TypeError: softmax: expected logits to be a Float32Array, got Uint16Array (float16 or bfloat16 bits? say which with dtype)';
    expectError(() => half(), which);
    expectError(() => half({}), which);
    expectError(() => half({ dtype: 'float32' }), which);
    const kinds = "expected dtype to be 'float32', 'float16' or 'bfloat16', got";
    for (const dtype of ['half', 'fp16']) {
      expectError(() => half({ dtype }), `RangeError: softmax: ${kinds} '${dtype}'`);
    }
    expectError(() => half({ dtype: null }), `TypeError: softmax: ${kinds} null`);
    expectError(
      () => softmax({ dtype: 'float16' }),
      "TypeError: softmax: expected dtype to be 'float32', as logits is, got 'float16'",
    );
    expect(softmax({ dtype: 'float32' })).toEqual(softmax({}));
    // Only what has the shape of the logits may be of half floats.
    expect(thrownBy(() => any.softmaxWithJvp(bits, x, 3, { dtype: 'float16', jvpOut: new Uint16Array(12) }))).toContain(
      'expected jvpOut to be a Float32Array',
    );
    expect(thrownBy(() => any.logSumExp(bits, 3, { dtype: 'float16', out: new Uint16Array(4) }))).toContain(
      'expected out to be a Float32Array',
    );
    expect(thrownBy(() => softmax({ out: new Uint16Array(12) }))).toContain('expected out to be a Float32Array');
    expect(thrownBy(() => any.crossEntropy(bits, new Uint16Array(12), 3, { dtype: 'float16' }))).toContain(
      'targets.length',
    );
    // Over half of the logits' bytes is not in place.
    const room = new Uint16Array(24);
    const out = new Float32Array(room.buffer);
    expect(thrownBy(() => any.softmax(room.subarray(0, 12), 3, { dtype: 'float16', out }))).toContain(
      'got a partial overlap',
    );
  });

  it('hints never lead to wrong numbers', () => {
    const got = (value: unknown, targets?: unknown) => {
      const text = thrownBy(() =>
        targets === undefined ? any.softmax(value, 3) : any.crossEntropy(value, targets, 3),
      ) as string;
      return text.slice(text.lastIndexOf(', got ') + 6);
    };
    expect(got(new ArrayBuffer(48))).toBe('ArrayBuffer (new Float32Array(b))');
    expect(thrownBy(() => any.softmax(new DataView(new ArrayBuffer(48)), 3))).toContain('got DataView (float32 bytes?');
    expect(got({ data: x, dims: [4, 3] })).toBe('Object (a tensor? pass its .data)');
    expect(got([[1, 2, 3]])).toBe('Array (rows? fill one Float32Array row by row with set)');
    expect(got(new Float64Array(12))).toBe('Float64Array (convert with Float32Array.from)');
    expect(got(x, new Float32Array(4))).toBe('4 (class indices? they belong in an integer array)');
    expect(thrownBy(() => any.softmaxJvp(x, bits, 3))).toContain(
      '(float16 or bfloat16 bits? convert them to float32 first)',
    );
    expect(thrownBy(() => softmax({ starts: new Float32Array(4) }))).toContain(
      '(whole numbers? Int32Array.from(array))',
    );
  });

  it('outputs do not overlap what says which columns take part', () => {
    const out = new Float32Array(12);
    for (const [name, value] of [
      ['mask', new Uint8Array(out.buffer, 0, 12)],
      ['starts', new Int32Array(out.buffer, 32, 4)],
      ['ends', new Int32Array(out.buffer, 0, 4)],
    ] as const) {
      expectError(
        () => softmax({ out, [name]: value }),
        `RangeError: softmax: expected out not to overlap ${name}, got a partial overlap`,
      );
    }
  });

  it('class indices of any integers', () => {
    const at = (targets: unknown, options?: object) => any.crossEntropy(x, targets, 3, options);
    const want = at(Int32Array.of(0, 2, 1, 1));
    for (const Class of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array]) {
      expect(at(Class.of(0, 2, 1, 1))).toBe(want);
      expectError(
        () => at(Class.of(0, 2, 3, 9)),
        'RangeError: crossEntropy: expected targets[2] to be in [0, 3) or ignoreIndex -100, got 3',
      );
    }
    for (const Class of [BigInt64Array, BigUint64Array]) {
      expect(at(Class.of(0n, 2n, 1n, 1n))).toBe(want);
      expect(at(Class.of(0n, 255n, 1n, 1n), { ignoreIndex: 255 })).toBe(at(Int32Array.of(0, -100, 1, 1)));
      expect(at(Class.of(0n, 2n ** 40n, 1n, 1n), { ignoreIndex: 2 ** 40 })).toBe(at(Int32Array.of(0, -100, 1, 1)));
      for (const wrong of [2n ** 32n, 2n ** 32n + 1n, 2n ** 62n]) {
        expectError(
          () => at(Class.of(0n, wrong, 1n, 1n)),
          `RangeError: crossEntropy: expected targets[1] to be in [0, 3) or ignoreIndex -100, got ${wrong}`,
        );
      }
    }
    expect(at(BigInt64Array.of(0n, -100n, 1n, 1n))).toBe(at(Int32Array.of(0, -100, 1, 1)));
    // The bits of -100.
    expect(thrownBy(() => at(BigUint64Array.of(0n, 2n ** 64n - 100n, 1n, 1n)))).toContain('got 18446744073709551516');
    expect(at(Uint32Array.of(0, 2 ** 32 - 1, 1, 1), { ignoreIndex: 2 ** 32 - 1 })).toBe(
      at(Int32Array.of(0, -100, 1, 1)),
    );
  });

  it('class indices of many rows: the first wrong one is named, and rows of the ignored one do not count', () => {
    const rows = 2500;
    const zeros = new Float32Array(rows * 3);
    const at = (targets: unknown, options?: object) => any.crossEntropy(zeros, targets, 3, options) as number;
    for (const Class of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
      const labels = new Class(rows).map((_, r) => r % 3);
      const allBits = Class === Uint8ClampedArray ? 255 : -1;
      for (const wrong of [3, 100, allBits]) {
        const bad = labels.slice();
        bad[1999] = bad[2300] = wrong;
        expectError(
          () => at(bad),
          `RangeError: crossEntropy: expected targets[1999] to be in [0, 3) or ignoreIndex -100, got ${bad[1999]}`,
        );
      }
      const all = at(labels);
      for (const ignored of [0, 2, 101]) {
        const some = labels.slice();
        some.fill(ignored, 1500, 1600);
        const kept = some.filter((label) => label !== ignored).length;
        const sum = at(some, { ignoreIndex: ignored, reduction: 'sum' });
        expect(at(some, { ignoreIndex: ignored })).toBe(sum / kept);
        expect(sum).toBeCloseTo(all * kept, 6);
      }
    }
  });

  it('rowWeights', () => {
    expectError(
      () => loss({ rowWeights: Float32Array.of(1, 2, Infinity, 1) }),
      'RangeError: crossEntropy: expected rowWeights[2] to be a finite number, got Infinity',
    );
  });
});
