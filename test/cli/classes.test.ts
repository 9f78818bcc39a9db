import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { load } from 'npyjs';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/index.js';
import { rowBinary } from '../clickhouse/rowbinary-bytes.js';
import { inFileOrder, movedBack, rowsAlong, shapeText } from './axes.js';
import { npyBytes, npyOf, numpyHeader, temporaryFolder } from './npy-bytes.js';
import { MAIN, runCli } from './run-cli.js';

// argmax and top-k: what the library gives of the same rows, as arrays of every format and as lines of text.

const { folder, put } = temporaryFolder();
const simd = createEngine({ tier: 'simd' });

const SHAPE = [3, 5, 2, 4];
/** With equals, and a NaN in the last row of each axis. */
const LOGITS = Array.from({ length: 120 }, (_, i) => (i === 119 ? NaN : Math.round(4 * Math.sin(i * i))));
const file = (name: string) => join(folder, name);
const cli = (...args: string[]) => runCli(folder, ...args, '-q', '--tier', 'simd');
const run = (...args: string[]) => {
  const { code, stderr, stdout } = cli(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const refusal = (...args: string[]) => {
  const { code, stderr } = cli(...args);
  expect(code).toBe(2);
  return stderr
    .replace('softmax-simd: ', '')
    .replace(/; softmax-simd .*/, '')
    .trimEnd();
};

/** Type and shape, and the numbers in C order. */
async function loaded(name: string) {
  const bytes = new Uint8Array(readFileSync(file(name)));
  const { data, shape, fortranOrder } = await load(bytes.buffer);
  const values = Array.from(data as Float32Array);
  const type = /'descr': '(..)(.)'/.exec(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))!;
  return {
    type: type[1]!.slice(1) + type[2]!,
    shape,
    values: fortranOrder ? inFileOrder(values, [...shape].reverse()) : values,
  };
}

function putLogits(order: string, values: readonly number[] = LOGITS): void {
  const [inOrder, flag] = order === 'C' ? [values, 'False' as const] : [inFileOrder(values, SHAPE), 'True' as const];
  put('logits.npy', npyOf('<f4', shapeText(SHAPE), inOrder, flag));
}

describe.each(['C', 'Fortran'])('%s order', (order) => {
  it.each([0, 1, 2, 3])('along axis %i: int32 in the shape of the rows, K in the place of the axis', async (axis) => {
    putLogits(order);
    const cols = SHAPE[axis]!;
    const k = cols - 1;
    const rows = rowsAlong(LOGITS, SHAPE, axis);
    const at = ['--axis', String(axis)];
    run('argmax', 'logits.npy', '-o', 'classes.npy', ...at);
    const rowShape = SHAPE.filter((_, i) => i !== axis);
    expect(await loaded('classes.npy')).toEqual({
      type: 'i4',
      shape: rowShape,
      values: Array.from(simd.argmax(rows, cols)),
    });
    const kept = SHAPE.map((length, i) => (i === axis ? k : length));
    const top = simd.topK(rows, cols, k);
    run('top-k', 'logits.npy', '--k', String(k), '-o', 'probs.npy', '--indices', 'classes.npy', ...at);
    expect(await loaded('probs.npy')).toEqual({ type: 'f4', shape: kept, values: movedBack(top.values, kept, axis) });
    const indices = movedBack(Float32Array.from(top.indices), kept, axis);
    expect(await loaded('classes.npy')).toEqual({ type: 'i4', shape: kept, values: indices });
  });
});

describe('flags', () => {
  const top = ['top-k', 'logits.npy', '--k', '2'];
  const rows = rowsAlong(LOGITS, SHAPE, 3);

  it.each(['probs', 'log-probs', 'logits'])('--values %s, --temperature', async (values) => {
    putLogits('C');
    const key = { probs: 'probs', 'log-probs': 'logProbs', logits: 'logits' }[values] as 'probs';
    run(...top, '--values', values, '--temperature', '0.5', '-o', 'values.npy', '--threads', '2');
    const expected = simd.topK(rows, 4, 2, { values: key, temperature: 0.5 });
    expect((await loaded('values.npy')).values).toEqual(Array.from(expected.values));
  });

  it('--mask, --starts and --ends: -1 where fewer than K take part, and nothing is named that does not', async () => {
    putLogits('C');
    const mask = LOGITS.map((_, i) => Number(i % 7 > 2));
    put('mask.npy', npyOf('|b1', shapeText(SHAPE), mask));
    put('starts.npy', npyOf('<i8', '(2,)', [0, 1]));
    put('ends.npy', npyOf('|u1', '()', [3]));
    const part = ['--mask', 'mask.npy', '--starts', 'starts.npy', '--ends', 'ends.npy'];
    const options = { mask: Uint8Array.from(mask), starts: Int32Array.of(0, 1), ends: Int32Array.of(3) };
    const expected = simd.topK(rows, 4, 2, options);
    expect(expected.indices).toContain(-1);
    for (const threads of ['1', '2']) {
      run(...top, ...part, '-o', 'probs.npy', '--indices', 'classes.npy', '--threads', threads);
      expect((await loaded('probs.npy')).values).toEqual(Array.from(expected.values));
      expect((await loaded('classes.npy')).values).toEqual(Array.from(expected.indices));
      run('argmax', 'logits.npy', ...part, '-o', 'classes.npy', '--threads', threads);
      expect((await loaded('classes.npy')).values).toEqual(Array.from(simd.argmax(rows, 4, options)));
    }
  });

  it('--indices alone writes no values; --dtype of halves', async () => {
    const bits = Uint16Array.from(LOGITS, (_, i) => 0x3f00 + ((i * 37) % 200));
    put('halves.npy', npyOf('|V2', '(30, 4)', Array.from(bits)));
    expect(run('top-k', 'halves.npy', '--k', '1', '--indices', 'classes.npy', '--dtype', 'bfloat16')).toBe('');
    const { indices } = simd.topK(bits, 4, 1, { dtype: 'bfloat16' });
    expect(await loaded('classes.npy')).toEqual({ type: 'i4', shape: [30, 1], values: Array.from(indices) });
    run('argmax', 'halves.npy', '-o', 'classes.npy', '--dtype', 'bfloat16');
    expect((await loaded('classes.npy')).values).toEqual(Array.from(indices));
  });
});

describe('many blocks', () => {
  // 1,800 rows of 1,000 are three and a half blocks.
  const logits = Float32Array.from({ length: 1_800_000 }, (_, i) => Math.fround(5 * Math.cos(i * 1.7)));
  put('large.npy', npyBytes(numpyHeader('<f4', '(1800, 1000)'), new Uint8Array(logits.buffer)));
  const { values, indices } = simd.topK(logits, 1000, 5);
  const data = (name: string) => readFileSync(file(name)).subarray(128);
  const top = ['top-k', 'large.npy', '--k', '5'];

  it('as one call, on one thread and two, to files and to standard output', () => {
    for (const threads of ['1', '2']) {
      run(...top, '-o', 'probs.npy', '--indices', 'classes.npy', '--threads', threads);
      expect(data('probs.npy').equals(Buffer.from(values.buffer))).toBe(true);
      expect(data('classes.npy').equals(Buffer.from(indices.buffer))).toBe(true);
    }
    const args = [MAIN, ...top, '-q', '--tier', 'simd'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, maxBuffer: 1 << 24 });
    expect(stdout.subarray(128).equals(Buffer.from(values.buffer))).toBe(true);
  });

  it('in shards, joined and apart, of one K', () => {
    run(...top, '-o', 'whole.npy', '--indices', 'whole-classes.npy');
    for (const shard of ['3/3', '1/3', '2/3']) {
      run(...top, '-o', 'joint.npy', '--indices', 'joint-classes.npy', '--shard', shard, '--join');
      run('argmax', 'large.npy', '-o', 'joint-argmax.npy', '--shard', shard, '--join');
      if (shard !== '3/3') continue;
      expect(refusal(...top.with(3, '4'), '-o', 'joint.npy', '--shard', '1/3', '--join')).toContain(
        'expected k 5, as the shards',
      );
    }
    expect(readFileSync(file('joint.npy')).equals(readFileSync(file('whole.npy')))).toBe(true);
    expect(readFileSync(file('joint-classes.npy')).equals(readFileSync(file('whole-classes.npy')))).toBe(true);
    expect(data('joint-argmax.npy').equals(Buffer.from(simd.argmax(logits, 1000).buffer))).toBe(true);
    run(...top, '--indices', 'part.npy', '--shard', '2/3');
    expect(data('part.npy').equals(Buffer.from(indices.buffer, 4 * 5 * 600, 4 * 5 * 600))).toBe(true);
  });

  it('lines are counted through all blocks and from the first row of a shard', () => {
    const lines = run(...top, '--text').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => parseInt(line))).toEqual(Array.from({ length: 1800 }, (_, r) => r));
    const shown = (r: number, i: number) => `${indices[5 * r + i]} ${Number(values[5 * r + i]!.toPrecision(6))}`;
    expect(lines).toEqual(lines.map((_, r) => `${r}: ${[0, 1, 2, 3, 4].map((i) => shown(r, i)).join(', ')}`));
    expect(run(...top, '--text', '--shard', '2/3').split('\n')).toEqual([...lines.slice(600, 1200), '']);
  });
});

describe('formats', () => {
  const words = (bytes: Uint8Array) => Array.from(new Int32Array(new Uint8Array(bytes).buffer));
  const floats = (bytes: Uint8Array) => Array.from(new Float32Array(new Uint8Array(bytes).buffer));
  const piped = (input: Uint8Array, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, '-q', '--tier', 'simd'], {
      cwd: folder,
      input,
    });
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  const RAGGED = [[1, 3, 2], [], [5], Array.from({ length: 200 }, (_, i) => (i * 7) % 200), [0, NaN]];
  const topOf = (row: readonly number[], k: number) => {
    if (row.length === 0) return { values: [], indices: [] };
    const { values, indices } = simd.topK(Float32Array.from(row), row.length, Math.min(k, row.length));
    return { values: Array.from(values), indices: Array.from(indices) };
  };

  it('f32 through a pipe: classes are nothing but int32', () => {
    const logits = Float32Array.from(LOGITS);
    const input = new Uint8Array(logits.buffer);
    const f32 = ['--format', 'f32', '--cols', '4'];
    expect(words(piped(input, 'argmax', ...f32))).toEqual(Array.from(simd.argmax(logits, 4)));
    const { values, indices } = simd.topK(logits, 4, 3);
    expect(floats(piped(input, 'top-k', '--k', '3', '--indices', 'out.i32', '-o', '-', ...f32))).toEqual(
      Array.from(values),
    );
    expect(words(readFileSync(file('out.i32')))).toEqual(Array.from(indices));
  });

  it('rowbinary: Int32, Array(Float32) and Array(Int32), of a shorter row as many as it has', () => {
    const input = rowBinary(RAGGED);
    const classes = RAGGED.map((row) => topOf(row, 1).indices[0] ?? -1);
    expect(words(piped(input, 'argmax', '--format', 'rowbinary'))).toEqual(classes);
    for (const k of [2, 150]) {
      const top = ['top-k', '--k', String(k), '--format', 'rowbinary', '--indices', 'out.rowbinary', '-o', '-'];
      expect(piped(input, ...top)).toEqual(rowBinary(RAGGED.map((row) => topOf(row, k).values)));
      // The bits of an int32 are written as those of a float32 are.
      const bits = (row: readonly number[]) => Array.from(new Float32Array(Int32Array.from(row).buffer));
      const expected = rowBinary(RAGGED.map((row) => bits(topOf(row, k).indices.map((i) => (i < 0 ? 0 : i)))));
      const got = readFileSync(file('out.rowbinary'));
      expect(got.subarray(0, got.length - 8)).toEqual(expected.subarray(0, expected.length - 8));
      expect(words(got.subarray(-8))).toEqual([-1, -1]);
    }
  });

  it('arrow: a column of int32, and lists; a row that is missing stays so', () => {
    const rows: (readonly number[] | null)[] = [...RAGGED, null, [1, 2]];
    const type = new arrow.List(new arrow.Field('item', new arrow.Float32(), true));
    const logits = arrow.vectorFromArray(rows as number[][], type);
    const fixedType = new arrow.FixedSizeList(4, new arrow.Field('item', new arrow.Float32(), true));
    const fixed = arrow.vectorFromArray(
      Array.from({ length: 30 }, (_, r) => LOGITS.slice(4 * r, 4 * r + 4)),
      fixedType,
    );
    const column = (bytes: Uint8Array) => {
      const vector = arrow.tableFromIPC(bytes).getChildAt(0)!;
      return Array.from({ length: vector.length }, (_, r) => {
        const value = vector.get(r) as number | null | arrow.Vector<arrow.Float32>;
        return value === null || typeof value === 'number' ? value : Array.from(value.toArray() as Float32Array);
      });
    };
    const input = arrow.tableToIPC(new arrow.Table({ logits }), 'stream');
    expect(column(piped(input, 'argmax', '--format', 'arrow'))).toEqual([1, -1, 0, 57, -1, null, 1]);
    const top = ['top-k', '--k', '2', '--format', 'arrow', '--indices', 'out.arrow', '-o', '-'];
    expect(column(piped(input, ...top))).toEqual(rows.map((row) => row && topOf(row, 2).values));
    expect(column(readFileSync(file('out.arrow')))).toEqual(rows.map((row) => row && topOf(row, 2).indices));
    const all = simd.topK(Float32Array.from(LOGITS), 4, 2);
    const pairs = Array.from({ length: 30 }, (_, r) => Array.from(all.values.subarray(2 * r, 2 * r + 2)));
    expect(column(piped(arrow.tableToIPC(new arrow.Table({ fixed }), 'stream'), ...top))).toEqual(pairs);
    const text = piped(input, 'argmax', '--format', 'arrow', '--text').toString();
    expect(text).toBe('0: 1\n1: -1\n2: 0\n3: 57\n4: -1\n5: null\n6: 1\n');
  });
});

describe('--text', () => {
  const rows = [
    [Math.log(1), Math.log(2), Math.log(5)],
    [0, 0, 0],
    [0, NaN, 0],
    [-Infinity, 0, -Infinity],
  ];
  put('rows.npy', npyOf('<f4', '(4, 3)', rows.flat()));
  put('names.txt', Buffer.from('cat\r\nred fox\r\nhœn\r\n'));
  const top = ['top-k', 'rows.npy', '--k', '2', '--text'];

  it('a line a row: its classes by their numbers or names, six digits of their values', () => {
    expect(run(...top)).toBe('0: 2 0.625, 1 0.25\n1: 0 0.333333, 1 0.333333\n2: -1\n3: 1 1, 0 0\n');
    expect(run(...top, '--names', 'names.txt', '--values', 'log-probs')).toBe(
      '0: hœn -0.470004, red fox -1.38629\n1: cat -1.09861, red fox -1.09861\n2: -1\n3: red fox 0, cat -Infinity\n',
    );
    expect(run('argmax', 'rows.npy', '--text', '--names', 'names.txt')).toBe('0: hœn\n1: cat\n2: -1\n3: red fox\n');
    run('argmax', 'rows.npy', '--text', '-o', 'classes.txt');
    expect(readFileSync(file('classes.txt'), 'utf8')).toBe('0: 2\n1: 0\n2: -1\n3: 1\n');
  });

  it('leaves out what takes no part', () => {
    put('ends.npy', npyOf('<i4', '(4,)', [1, 0, 3, 2]));
    expect(run(...top, '--ends', 'ends.npy')).toBe('0: 0 1\n1: -1\n2: -1\n3: 1 1, 0 0\n');
  });

  it('wants as many names as there are classes, in UTF-8', () => {
    put('few.txt', Buffer.from('cat\ndog\n'));
    const rule = 'expected 3 names, one for each column of rows.npy, got 2';
    expect(refusal(...top, '--names', 'few.txt')).toBe(`few.txt: ${rule}`);
    expect(refusal(...top, '--names', 'none.txt')).toBe('none.txt: no such file or directory (ENOENT)');
    put('bytes.txt', Buffer.from([255, 254, 10]));
    expect(refusal(...top, '--names', 'bytes.txt')).toBe('bytes.txt: expected text in UTF-8');
    put('ragged.rowbinary', rowBinary([[1], [1, 2, 3]]));
    const { code, stdout, stderr } = cli('argmax', 'ragged.rowbinary', '--text', '--names', 'few.txt');
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: 'softmax-simd: few.txt: expected a name for class 2, got 2 names\n',
    });
  });
});

describe('what is refused', () => {
  it.each([
    [['top-k'], 'top-k: expected --k with the number of classes of each row'],
    [['top-k', '--k', '0'], 'top-k: expected --k to be a positive integer, got "0"'],
    [['top-k', '--k', '5'], 'top-k: expected --k to be at most the 4 columns of logits.npy, got 5'],
    [['top-k', '--k', '9007199254740991'], /^top-k: expected --k to be at most the 4 columns of/],
    [['top-k', '--k', '2', '--values', 'all'], 'top-k: expected --values to be probs, log-probs or logits, got "all"'],
    [['top-k', '--k', '2', '--temperature', '0'], /^top-k: expected --temperature to be a number in \[2\^-16, 2\^16\]/],
    [['top-k', '--k', '2', '--text', '--indices', 'i.npy'], 'top-k: expected --text or --indices, got both'],
    [['top-k', '--k', '2', '--names', 'n.txt'], 'top-k: expected --text with --names'],
    [
      ['top-k', '--k', '2', '-o', 'a.npy', '--indices', 'a.npy'],
      /^top-k: expected two files to write, got "a.npy" twice/,
    ],
    [['top-k', '--k', '2', '--indices', 'logits.npy'], /^top-k: expected a file to write other than the input/],
    [['top-k', '--k', '2', '--indices', 'i.f32'], /^top-k: expected a file to write in the format of the logits, npy/],
    [
      ['top-k', '--k', '2', '--text', '-o', 't.npy'],
      'top-k: expected another name than that of npy for text, got "t.npy"',
    ],
    [['argmax', '--temperature', '2'], "argmax: Unknown option '--temperature'"],
    [['argmax', '--k', '2'], "argmax: Unknown option '--k'"],
    [['argmax', '--empty-rows', 'zero'], "argmax: Unknown option '--empty-rows'"],
    [
      ['argmax', '--text', '--shard', '1/2', '--join', '-o', 't.txt'],
      'argmax: expected no --join with --text, as the place of a line is not known before those above it',
    ],
    [
      ['argmax', '--format', 'f32', '--cols', '4', '-o', 'i.f32'],
      'argmax: expected another name than that of f32 for columns, which are int32, got "i.f32"',
    ],
  ])('%j', ([op, ...flags], message) => {
    putLogits('C');
    const got = refusal(op!, 'logits.npy', ...flags);
    if (typeof message === 'string') expect(got).toBe(message);
    else expect(got).toMatch(message);
  });

  it.each(['sample', 'filter-logits'])('%s, which is for programs', (op) => {
    putLogits('C');
    expect(refusal(op, 'logits.npy')).toBe(
      `no operation ${op}: a file of rows has no history and no draws so far, as a sequence has; call sample or filterLogits in a program`,
    );
  });
});
