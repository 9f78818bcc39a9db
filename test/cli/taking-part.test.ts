import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'npyjs';
import { describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import { inFileOrder, movedBack, rowsAlong, shapeText } from './axes.js';
import { npyBytes, npyOf, numpyHeader, temporaryFolder } from './npy-bytes.js';
import { runCli } from './run-cli.js';

// Masks and bounds beside the rows: the bits of the same rows with -Infinity where a class takes no part.

const { folder, put } = temporaryFolder();
vi.setConfig({ testTimeout: 60_000 });
const simd = createEngine({ tier: 'simd' });

const SHAPE = [4, 3, 5, 6];
const COUNT = 360;
const LOGITS = Array.from({ length: COUNT }, (_, i) => Math.fround(9 * Math.sin(i * i)));
/** Whole rows of either axis that is tried take no part. */
const TAKES = Array.from({ length: COUNT }, (_, i) => Number((i * 7919) % 11 > 4 && i % 90 > 29));
put('logits.npy', npyOf('<f4', shapeText(SHAPE), LOGITS));

const cli = (...args: string[]) => runCli(folder, ...args, '-q', '--tier', 'simd');
const run = (...args: string[]) => {
  const answer = cli(...args);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  return answer.stdout;
};
async function values(name: string) {
  return Array.from((await load(new Uint8Array(readFileSync(join(folder, name))).buffer)).data as Float32Array);
}

/** Softmax in NumPy's order, of logits of which only some take part. */
function expected(takes: readonly number[], axis: number, emptyRows: 'nan' | 'zero' = 'nan'): number[] {
  const masked = LOGITS.map((value, i) => (takes[i] === 0 ? -Infinity : value));
  const cols = SHAPE[axis]!;
  return movedBack(simd.softmax(rowsAlong(masked, SHAPE, axis), cols, { emptyRows }), SHAPE, axis);
}

/** What NumPy makes of a shorter array that repeats along the first axes. */
const repeated = (part: readonly number[]) => LOGITS.map((_, i) => part[i % part.length]!);

describe.each([3, 1])('--mask along axis %i', (axis) => {
  const softmax = ['softmax', 'logits.npy', '-o', 'out.npy', '--mask', 'mask.npy', '--axis', String(axis)];

  it.each([
    ['|b1', [4, 3, 5, 6]],
    ['|u1', [4, 3, 5, 6]],
    ['|b1', [1, 3, 5, 6]],
    ['|i1', [3, 5, 6]],
    ['|b1', [5, 6]],
    ['|b1', [1, 1, 1, 6]],
    ['|b1', [6]],
    ['|b1', [1]],
  ])('%s of shape %j', async (descr, shape) => {
    const count = shape.reduce((product, length) => product * length, 1);
    const part = count === 1 ? [1] : TAKES.slice(50, 50 + count).concat(TAKES.slice(0, Math.max(0, count - 310)));
    put('mask.npy', npyOf(descr, shapeText(shape), part));
    run(...softmax);
    expect(await values('out.npy')).toEqual(expected(repeated(part), axis));
    run(...softmax, '--empty-rows', 'zero', '--threads', '2');
    expect(await values('out.npy')).toEqual(expected(repeated(part), axis, 'zero'));
  });

  it('one for all rows', async () => {
    const shape = SHAPE.map((length, i) => (i === axis ? length : 1));
    const part = Array.from({ length: SHAPE[axis]! }, (_, i) => Number(i !== 1));
    put('mask.npy', npyOf('|b1', shapeText(shape), part));
    run(...softmax);
    const inner = axis === 1 ? 30 : 1;
    const takes = LOGITS.map((_, i) => part[Math.floor(i / inner) % part.length]!);
    expect(await values('out.npy')).toEqual(expected(takes, axis));
  });

  it('of shards, joined', async () => {
    const name = `joint-${axis}.npy`;
    put('mask.npy', npyOf('|b1', shapeText(SHAPE), TAKES));
    for (const shard of ['3/3', '1/3', '2/3'])
      run(...softmax.map((word) => (word === 'out.npy' ? name : word)), '--shard', shard, '--join');
    expect(await values(name)).toEqual(expected(TAKES, axis));
    put('mask.npy', npyOf('|b1', '(5, 6)', TAKES.slice(50, 80)));
    run(...softmax, '--shard', '2/3');
    const all = expected(repeated(TAKES.slice(50, 80)), axis);
    const [from, to] = axis === 3 ? [120, 240] : [90, 180];
    expect(await values('out.npy')).toEqual(all.slice(from, to));
  });
});

describe('packed bits', () => {
  const cols = 70;
  const rows = 12;
  const logits = Float32Array.from({ length: rows * cols }, (_, i) => 9 * Math.sin(i * i));
  const takes = Array.from(logits, (_, i) => Number((i * 31) % 7 > 2));
  const pack = (from: number, to: number) =>
    Array.from({ length: (to - from) * 3 }, (_, word) => {
      let bits = 0;
      const row = from + Math.floor(word / 3);
      for (let j = 0; j < 32; j++) {
        const col = 32 * (word % 3) + j;
        if (col < cols && takes[row * cols + col] === 1) bits += 2 ** j;
      }
      return bits;
    });

  it.each([
    ['<u4', 12],
    ['>u4', 4],
    ['<u4', 1],
  ])('%s of %i rows', async (descr, own) => {
    put('wide.npy', npyOf('<f4', `(${rows / 4}, 4, ${cols})`, Array.from(logits)));
    put('wide.f32', new Uint8Array(logits.buffer));
    const shape = own === 12 ? '(3, 4, 3)' : own === 4 ? '(4, 3)' : '(3,)';
    put('mask.npy', npyOf(descr, shape, pack(0, own)));
    run('softmax', 'wide.npy', '-o', 'out.npy', '--mask', 'mask.npy');
    const masked = logits.map((value, i) => (takes[i % (own * cols)] === 0 ? -Infinity : value));
    expect(await values('out.npy')).toEqual(Array.from(simd.softmax(masked, cols)));
    if (own === 4) return;
    put('mask.npy', npyOf(descr, own === 12 ? '(12, 3)' : '(3,)', pack(0, own)));
    run('softmax', 'wide.f32', '--cols', String(cols), '-o', 'out.f32', '--mask', 'mask.npy');
    expect(new Float32Array(new Uint8Array(readFileSync(join(folder, 'out.f32'))).buffer)).toEqual(
      simd.softmax(masked, cols),
    );
  });

  it('not where rows lie side by side', () => {
    put('mask.npy', npyOf('<u4', '(4, 1, 5, 6)', new Array<number>(120).fill(1)));
    const answer = cli('softmax', 'logits.npy', '-o', 'none.npy', '--axis', '1', '--mask', 'mask.npy');
    expect(answer).toMatchObject({
      code: 2,
      stderr: 'softmax-simd: mask.npy: expected bools or bytes where the rows lie side by side, got packed bits (u4)\n',
    });
  });
});

describe('--starts and --ends', () => {
  it.each([3, 1])('of every operation, along axis %i', async (axis) => {
    const cols = SHAPE[axis]!;
    const rowShape = SHAPE.filter((_, i) => i !== axis);
    const rows = COUNT / cols;
    const starts = Array.from({ length: rows }, (_, r) => (r * 5) % 2);
    const ends = Array.from({ length: rows }, (_, r) => 1 + ((r * 3) % cols));
    put('starts.npy', npyOf('<i8', shapeText(rowShape), starts));
    const kept = SHAPE.map((length, i) => (i === axis ? 1 : length));
    put('ends.npy', npyOf('|u1', shapeText(kept), ends));
    const masked = rowsAlong(LOGITS, SHAPE, axis).map((value, i) => {
      const [r, j] = [Math.floor(i / cols), i % cols];
      return j >= starts[r]! && j < ends[r]! ? value : -Infinity;
    });
    const flags = ['--starts', 'starts.npy', '--ends', 'ends.npy', '--axis', String(axis)];
    run('log-softmax', 'logits.npy', '-o', 'out.npy', ...flags, '--empty-rows', 'zero');
    const logProbs = simd.logSoftmax(masked, cols, { emptyRows: 'zero' });
    expect(await values('out.npy')).toEqual(movedBack(logProbs, SHAPE, axis));
    run('log-sum-exp', 'logits.npy', '-o', 'out.npy', ...flags);
    expect(await values('out.npy')).toEqual(Array.from(simd.logSumExp(masked, cols)));
    put('labels.npy', npyOf('<i4', shapeText(rowShape), starts));
    run('cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--grad', 'out.npy', ...flags, '--reduction', 'sum');
    const dlogits = simd.crossEntropyGrad(masked, Int32Array.from(starts), cols, { reduction: 'sum' });
    expect(await values('out.npy')).toEqual(movedBack(dlogits, SHAPE, axis));
  });

  it('of causal attention: one for all heads, over many blocks and in shards', () => {
    // 3 · 7 · 200 rows of 300 are two and a half blocks.
    const shape = [3, 7, 200, 300];
    const logits = Float32Array.from({ length: 3 * 7 * 200 * 300 }, (_, i) => 5 * Math.cos(i * 1.7));
    put('scores.npy', npyBytes(numpyHeader('<f4', shapeText(shape)), new Uint8Array(logits.buffer)));
    put(
      'ends.npy',
      npyOf(
        '<i8',
        '(200,)',
        Array.from({ length: 200 }, (_, t) => t + 1),
      ),
    );
    logits.forEach((_, i) => {
      if (i % 300 > Math.floor(i / 300) % 200) logits[i] = -Infinity;
    });
    const expected = Buffer.from(simd.softmax(logits, 300).buffer);
    run('softmax', 'scores.npy', '-o', 'out.npy', '--ends', 'ends.npy');
    expect(readFileSync(join(folder, 'out.npy')).subarray(128).equals(expected)).toBe(true);
    run('softmax', 'scores.npy', '-o', 'out.npy', '--ends', 'ends.npy', '--shard', '2/2');
    expect(
      readFileSync(join(folder, 'out.npy'))
        .subarray(128)
        .equals(expected.subarray(expected.length / 2)),
    ).toBe(true);
  });
});

describe('what is refused', () => {
  const refusal = (flag: string, bytes: Buffer, ...more: string[]) => {
    put('beside.npy', bytes);
    const { code, stderr } = cli('softmax', 'logits.npy', '-o', 'none.npy', flag, 'beside.npy', ...more);
    expect(code).toBe(2);
    return stderr
      .replace('softmax-simd: ', '')
      .replace(/; softmax-simd .*/, '')
      .trimEnd();
  };

  it('shapes and types of masks', () => {
    const mask =
      'beside.npy: expected a mask of shape (4, 3, 5, 6), or a part of it that repeats along the first axes, got';
    for (const shape of [[4, 1, 1, 6], [4, 3, 5, 1], [5], [6, 5], [1, 4, 3, 5, 6]]) {
      const count = shape.reduce((product, length) => product * length, 1);
      const bytes = npyOf('|b1', shapeText(shape), new Array<number>(count).fill(1));
      expect(refusal('--mask', bytes)).toBe(`${mask} ${shapeText(shape)}`);
    }
    expect(refusal('--mask', npyOf('<i8', '(6,)', [1, 1, 1, 1, 1, 1]))).toBe(
      'beside.npy: expected a mask of bools, bytes (u1) or packed bits (u4), got i8 (mask.astype(bool) makes a mask of numbers)',
    );
    expect(refusal('--mask', npyOf('|b1', shapeText(SHAPE), inFileOrder(TAKES, SHAPE), 'True'))).toBe(
      'beside.npy: expected C order, as the logits have it, got Fortran order (rewrite it with numpy.ascontiguousarray)',
    );
    expect(refusal('--mask', npyOf('|b1', shapeText(SHAPE), TAKES).subarray(0, -3))).toMatch(/^beside\.npy: truncated/);
  });

  it('in a plan of shards, a file that is given to another flag', () => {
    put('beside.npy', npyOf('<i4', '()', [2]));
    const shard = ['softmax', 'logits.npy', '-o', 'planned.npy', '--join', '--shard'];
    run(...shard, '1/2', '--ends', 'beside.npy');
    const { code, stderr } = cli(...shard, '2/2', '--starts', 'beside.npy');
    expect(code).toBe(2);
    expect(stderr).toContain('expected ends true, as the shards');
  });

  it('bounds outside of the rows, by name', () => {
    const ends = Array.from({ length: 60 }, (_, r) => (r === 44 ? 7 : 6));
    expect(refusal('--ends', npyOf('<i4', '(4, 3, 5)', ends))).toBe(
      'beside.npy: expected element [2, 2, 4] to be in [0, 6], got 7',
    );
    expect(refusal('--ends', npyOf('<i4', '(5,)', [6, 6, -1, 6, 6]))).toBe(
      'beside.npy: expected element [2] to be in [0, 6], got -1',
    );
    put('ends.npy', npyOf('<i4', '()', [4]));
    expect(refusal('--starts', npyOf('<i4', '(5,)', [0, 4, 0, 5, 0]), '--ends', 'ends.npy')).toBe(
      'beside.npy: expected element [3] to be in [0, 4], where the row ends, got 5',
    );
    expect(refusal('--starts', npyOf('<i4', '(6,)', [0, 4, 0, 5, 0, 0]))).toBe(
      'beside.npy: expected one a row, of shape (4, 3, 5), or a part of them that repeats along the first axes, got (6,)',
    );
    expect(refusal('--starts', npyOf('<f4', '()', [0]))).toBe('beside.npy: expected integers, got f4');
  });

  it('formats whose rows have their own lengths, and empty rows elsewhere', () => {
    put('mask.npy', npyOf('|b1', '(3,)', [1, 1, 1]));
    put('rows.rowbinary', Buffer.from([1, 0, 0, 0, 0]));
    expect(cli('softmax', 'rows.rowbinary', '-o', 'none', '--mask', 'mask.npy')).toMatchObject({
      code: 2,
      stderr:
        'softmax-simd: softmax: expected npy or f32 with --mask, as its rows are those of an array; softmax-simd softmax --help shows how\n',
    });
    expect(cli('entropy', 'logits.npy', '-o', 'none', '--empty-rows', 'zero').stderr).toContain(
      "Unknown option '--empty-rows'",
    );
    expect(cli('softmax', 'logits.npy', '-o', 'mask.npy', '--mask', 'mask.npy').stderr).toContain(
      'expected a file to write other than the input "mask.npy"',
    );
  });

  it('a mask with other rows than a pipe brings', () => {
    put('pipe.f32', Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
    for (const rows of [1, 3]) {
      put('mask.npy', npyOf('|b1', `(${rows}, 3)`, new Array<number>(3 * rows).fill(1)));
      const { code } = cli('softmax', 'pipe.f32', '--cols', '3', '-o', 'none.f32', '--mask', 'mask.npy');
      expect(code).toBe(rows === 1 ? 0 : 2);
    }
  });
});
