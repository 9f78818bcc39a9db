import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'npyjs';
import { describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import { halfToFloat } from '../../src/cli/element-types.js';
import { npyBytes, npyOf, numpyHeader, temporaryFolder } from './npy-bytes.js';
import { inFileOrder, movedBack, rowsAlong, shapeText } from './axes.js';
import { runCli } from './run-cli.js';

// Rows along any axis of a .npy, in C and Fortran order, of halves: the bits of the same rows written out.

const { folder, put } = temporaryFolder();
vi.setConfig({ testTimeout: 60_000 });
const simd = createEngine({ tier: 'simd' });

const SHAPE = [3, 5, 2, 4];
const COUNT = 120;
const LOGITS = Array.from({ length: COUNT }, (_, i) => Math.fround(9 * Math.sin(i * i)));

const cli = (...args: string[]) => runCli(folder, ...args, '-q', '--tier', 'simd');
const run = (...args: string[]) => {
  const answer = cli(...args);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  return answer.stdout;
};

/** The shape and the numbers in C order. */
async function loaded(name: string) {
  const { data, shape, fortranOrder } = await load(new Uint8Array(readFileSync(join(folder, name))).buffer);
  const values = Array.from(data as Float32Array);
  return { shape, values: fortranOrder ? inFileOrder(values, [...shape].reverse()) : values, fortranOrder };
}

function putLogits(order: string, shape: readonly number[] = SHAPE, values: readonly number[] = LOGITS, descr = '<f4') {
  const isFortran = order === 'Fortran';
  const inOrder = isFortran ? inFileOrder(values, shape) : values;
  put('logits.npy', npyOf(descr, shapeText(shape), inOrder, isFortran ? 'True' : 'False'));
}

const orders = ['C', 'Fortran'];
const axes = [-4, -3, -2, -1, 0, 1, 2, 3];

describe.each(orders)('%s order', (order) => {
  it.each(axes)('--axis %i', async (asked) => {
    putLogits(order);
    const axis = (asked + 4) % 4;
    const cols = SHAPE[axis]!;
    const rows = rowsAlong(LOGITS, SHAPE, axis);
    run('softmax', 'logits.npy', '-o', 'out.npy', '--axis', String(asked));
    const expected = movedBack(simd.softmax(rows, cols), SHAPE, axis);
    expect(await loaded('out.npy')).toEqual({ shape: SHAPE, values: expected, fortranOrder: order === 'Fortran' });
    const rowShape = SHAPE.filter((_, i) => i !== axis);
    for (const op of ['log-sum-exp', 'entropy'] as const) {
      run(op, 'logits.npy', '-o', 'out.npy', `--axis=${asked}`, '--threads', '2');
      const values = Array.from(simd[op === 'entropy' ? 'entropy' : 'logSumExp'](rows, cols));
      expect(await loaded('out.npy')).toMatchObject({ shape: rowShape, values });
    }
  });

  it('the default is the last axis', async () => {
    putLogits(order);
    run('softmax', 'logits.npy', '-o', 'out.npy');
    const expected = movedBack(simd.softmax(rowsAlong(LOGITS, SHAPE, 3), 4), SHAPE, 3);
    expect((await loaded('out.npy')).values).toEqual(expected);
  });

  it.each([0, 1, 2, 3])('shards along axis %i, joined and apart', async (axis) => {
    putLogits(order);
    run('softmax', 'logits.npy', '-o', 'whole.npy', '--axis', String(axis));
    const parts: number[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const args = ['softmax', 'logits.npy', '--axis', String(axis), '--shard', shard];
      run(...args, '-o', `joint-${order}-${axis}.npy`, '--join');
      run(...args, '-o', 'part.npy');
      const { data } = await load(new Uint8Array(readFileSync(join(folder, 'part.npy'))).buffer);
      parts.push(...(data as Float32Array));
    }
    const whole = readFileSync(join(folder, 'whole.npy'));
    expect(readFileSync(join(folder, `joint-${order}-${axis}.npy`))).toEqual(whole);
    expect(parts).toEqual(Array.from((await load(new Uint8Array(whole).buffer)).data as Float32Array));
  });

  it('cross-entropy of [N, C, H, W], with labels, kept axes and soft labels', async () => {
    putLogits(order);
    const isFortran = order === 'Fortran';
    const rows = rowsAlong(LOGITS, SHAPE, 1);
    const labels = Array.from({ length: 24 }, (_, r) => (r % 7 === 0 ? 255 : (r * 3) % 5));
    const soft = rowsAlong(LOGITS.map(Math.abs), SHAPE, 1);
    const losses = new Float32Array(24);
    const inOrder = (values: readonly number[], shape: readonly number[]) =>
      isFortran ? inFileOrder(values, shape) : values;
    const flag = isFortran ? 'True' : 'False';
    const args = ['cross-entropy', 'logits.npy', '--axis', '1', '--grad', 'grad.npy', '-o', 'losses.npy', '--targets'];
    const expected = simd.crossEntropyWithGrad(rows, Int32Array.from(labels), 5, { ignoreIndex: 255, losses });
    for (const shape of [
      [3, 2, 4],
      [3, 1, 2, 4],
    ]) {
      put('labels.npy', npyOf('|u1', shapeText(shape), inOrder(labels, shape), flag));
      expect(Number(run(...args, 'labels.npy', '--ignore-index', '255'))).toBeCloseTo(expected.loss, 6);
      expect((await loaded('losses.npy')).values).toEqual(Array.from(losses));
      expect((await loaded('grad.npy')).values).toEqual(movedBack(expected.dlogits, SHAPE, 1));
    }
    put('soft.npy', npyOf('<f4', shapeText(SHAPE), inOrder(LOGITS.map(Math.abs), SHAPE), flag));
    run(...args, 'soft.npy');
    const { dlogits } = simd.crossEntropyWithGrad(rows, soft, 5);
    expect((await loaded('grad.npy')).values).toEqual(movedBack(dlogits, SHAPE, 1));
  });
});

describe('many blocks', () => {
  const bytesOfFile = (name: string) => readFileSync(join(folder, name)).subarray(128);

  function putMany(shape: readonly number[], fortranOrder: string): number[] {
    const count = shape.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: count }, (_, i) => 5 * Math.cos(i * 1.7));
    put('logits.npy', npyBytes(numpyHeader('<f4', shapeText(shape), fortranOrder), new Uint8Array(values.buffer)));
    return Array.from(values);
  }

  it('of whole outer parts, the last one shorter', () => {
    // 2 MiB are 524,288 elements: three parts of 180,000 do not fit.
    const shape = [7, 3, 60_000];
    const values = putMany(shape, 'False');
    run('softmax', 'logits.npy', '-o', 'out.npy', '--axis', '1');
    const expected = movedBack(simd.softmax(rowsAlong(values, shape, 1), 3), shape, 1);
    expect(bytesOfFile('out.npy').equals(Buffer.from(Float32Array.from(expected).buffer))).toBe(true);
  });

  it('an array in which all rows lie side by side', () => {
    const shape = [600_000, 2];
    // As it lies in the file: one column after the other.
    const values = putMany(shape, 'True');
    run('log-sum-exp', 'logits.npy', '-o', 'out.npy');
    const expected = simd.logSumExp(rowsAlong(values, [2, 600_000], 0), 2);
    expect(bytesOfFile('out.npy').equals(Buffer.from(expected.buffer))).toBe(true);
  });
});

describe('half floats', () => {
  const bits = Array.from({ length: COUNT }, (_, i) => ((i * 7919) % 0x7c00) | ((i % 2) << 15));
  const brain = Array.from({ length: COUNT }, (_, i) => (0x3f00 + i * 5) | (i % 3 === 0 ? 0x8000 : 0));
  const floatOfBrain = (half: number) => new Float32Array(Uint32Array.of(half << 16).buffer)[0]!;

  it.each([
    ['<f2', bits, halfToFloat, []],
    ['>f2', bits, halfToFloat, ['--dtype', 'float16']],
    ['<u2', bits, halfToFloat, ['--dtype', 'float16']],
    ['<u2', brain, floatOfBrain, ['--dtype', 'bfloat16']],
    ['>u2', brain, floatOfBrain, ['--dtype', 'bfloat16']],
    ['<V2', brain, floatOfBrain, ['--dtype', 'bfloat16']],
    ['|V2', brain, floatOfBrain, ['--dtype', 'bfloat16']],
  ] as const)('%s with %#', async (descr, halves, toFloat, flags) => {
    putLogits('C', SHAPE, halves, descr);
    const values = halves.map(toFloat);
    for (const [axis, threads] of [
      [3, '1'],
      [1, '2'],
    ] as const) {
      const cols = SHAPE[axis]!;
      const rows = rowsAlong(values, SHAPE, axis);
      const more = ['--axis', String(axis), '--threads', threads, ...flags];
      run('softmax', 'logits.npy', '-o', 'out.npy', ...more);
      expect((await loaded('out.npy')).values).toEqual(movedBack(simd.softmax(rows, cols), SHAPE, axis));
      run('entropy', 'logits.npy', '-o', 'out.npy', ...more);
      expect((await loaded('out.npy')).values).toEqual(Array.from(simd.entropy(rows, cols)));
      const labels = Array.from({ length: COUNT / cols }, (_, r) => r % cols);
      const rowShape = SHAPE.filter((_, i) => i !== axis);
      put('labels.npy', npyOf('<i4', shapeText(rowShape), labels));
      run('cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--grad', 'grad.npy', ...more);
      const { dlogits } = simd.crossEntropyWithGrad(rows, Int32Array.from(labels), cols);
      expect((await loaded('grad.npy')).values).toEqual(movedBack(dlogits, SHAPE, axis));
    }
  });
});

describe('labels of every kind', () => {
  it.each([
    ['|b1', '(60,)'],
    ['b1', '(60, 1)'],
    ['|u1', '(60, 1)'],
    ['=i8', '(60, 1)'],
  ])('%s %s', (descr, shape) => {
    putLogits('C', [60, 2]);
    const labels = Array.from({ length: 60 }, (_, r) => Number(r % 3 === 0));
    put('labels.npy', npyOf(descr, shape, labels));
    const loss = Number(run('cross-entropy', 'logits.npy', '--targets', 'labels.npy'));
    expect(loss).toBe(simd.crossEntropy(Float32Array.from(LOGITS), Int32Array.from(labels), 2));
  });
});

describe('what is refused', () => {
  const refusal = (...args: string[]) => {
    const { code, stderr } = cli(...args, '-o', 'none.npy');
    expect(code).toBe(2);
    return stderr
      .replace('softmax-simd: ', '')
      .replace(/; softmax-simd .*/, '')
      .trimEnd();
  };

  it('an axis that is none, and other formats', () => {
    putLogits('C');
    const rule = 'softmax: expected --axis to be in [-4, 4) for the axes of logits.npy, (3, 5, 2, 4), got';
    expect(refusal('softmax', 'logits.npy', '--axis', '4')).toBe(`${rule} 4`);
    expect(refusal('softmax', 'logits.npy', '--axis', '-5')).toBe(`${rule} -5`);
    expect(refusal('softmax', 'logits.npy', '--axis', '1.5')).toBe(
      'softmax: expected --axis to be an integer, got "1.5"',
    );
    for (const format of ['f32', 'arrow', 'rowbinary']) {
      const args = ['softmax', 'logits.npy', '--format', format, '--cols', '3'];
      const { code, stderr } = cli(...args, '-o', 'none', '--axis', '0');
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `softmax-simd: softmax: expected npy with --axis, got ${format}; softmax-simd softmax --help shows how\n`,
      });
      expect(cli(...args, '-o', 'none', '--dtype', 'float16').stderr).toContain(
        `expected npy with --dtype, got ${format}`,
      );
    }
  });

  it('halves of no kind, and a kind of what is none', () => {
    putLogits('C', [2, 3], [1, 2, 3, 4, 5, 6], '<u2');
    const rule = 'logits.npy: expected floats, got u2: --dtype says whether they are float16 or bfloat16';
    expect(refusal('softmax', 'logits.npy')).toBe(rule);
    putLogits('C', [2, 3], [1, 2, 3, 4, 5, 6], '<V2');
    expect(refusal('softmax', 'logits.npy')).toBe(rule.replace('u2', 'V2'));
    const wrong = (kind: string, got: string) =>
      `logits.npy: expected ${kind} (--dtype), in elements of type u2, V2 or f2, got ${got}`;
    putLogits('C', [2, 3], [1, 2, 3, 4, 5, 6], '<f2');
    expect(refusal('softmax', 'logits.npy', '--dtype', 'bfloat16')).toBe(wrong('bfloat16', 'f2'));
    putLogits('C', [2, 3], [1, 2, 3, 4, 5, 6]);
    expect(refusal('softmax', 'logits.npy', '--dtype', 'float16')).toBe(wrong('float16', 'f4'));
    putLogits('C', [2, 3], [1, 0, 0, 1, 1, 1], '|b1');
    expect(refusal('softmax', 'logits.npy')).toBe('logits.npy: expected floats (f2, f4 or f8), got integers');
  });

  it('targets in another order', () => {
    putLogits('Fortran');
    put('labels.npy', npyOf('|u1', '(3, 2, 4)', new Array<number>(24).fill(1)));
    const args = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--axis', '1'];
    expect(refusal(...args)).toBe(
      'labels.npy: expected Fortran order, as the logits have it, got C order (rewrite it with numpy.asfortranarray)',
    );
    putLogits('C');
    put('labels.npy', npyOf('|u1', '(3, 2, 4)', new Array<number>(24).fill(1), 'True'));
    expect(refusal(...args)).toBe(
      'labels.npy: expected C order, as the logits have it, got Fortran order (rewrite it with numpy.ascontiguousarray)',
    );
  });
});
