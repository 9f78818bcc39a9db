import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { Block } from '../../src/cli/block.js';
import { ORDINARY } from '../../src/cli/compute.js';
import { openF32 } from '../../src/cli/f32.js';
import { createEngine } from '../../src/index.js';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { rowBinary } from '../clickhouse/rowbinary-bytes.js';
import { MAIN } from './run-cli.js';

// Every format, from a file and from a pipe, and what is wrong with it.

const { folder, put } = temporaryFolder();
const engine = createEngine({ tier: 'scalar' });
const COLS = 5;
const ROWS = 1201;
const LOGITS = Float32Array.from({ length: ROWS * COLS }, (_, i) => 7 * Math.sin(i * i));
const LABELS = Int32Array.from({ length: ROWS }, (_, r) => r % COLS);
const PROBS = engine.softmax(LOGITS, COLS);
const LSE = engine.logSumExp(LOGITS, COLS);
const LOSSES = engine.crossEntropy(LOGITS, LABELS, COLS, { reduction: 'none' });
const SUM = engine.crossEntropy(LOGITS, LABELS, COLS, { reduction: 'sum' });
const GRAD = engine.crossEntropyGrad(LOGITS, LABELS, COLS, { reduction: 'sum' });
const rowsOf = (values: Float32Array, cols = COLS) =>
  Array.from({ length: values.length / cols }, (_, r) => Array.from(values.subarray(r * cols, (r + 1) * cols)));
const bytes = (values: Float32Array | Int32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** Rows of many lengths, neighbours equal and not, empty ones and one longer than the others together. */
const RAGGED = [3, 3, 3, 0, 1, 0, 0, 64, 33, 300, 2, 1, 70_000, 5, 5].map((length, r) =>
  Array.from({ length }, (_, i) => Math.fround(3 * Math.cos(i * i + r))),
);

/** Runs the command line; the input comes through a pipe of its own when it is given. */
function run(args: readonly string[], input?: Uint8Array) {
  const all = [MAIN, ...args, '--quiet', '--tier', 'scalar'];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    cwd: folder,
    input: input ?? Buffer.alloc(0),
    maxBuffer: 1 << 26,
  });
  return { code: status, stdout, stderr: stderr.toString() };
}

function output(args: readonly string[], input?: Uint8Array): Buffer {
  const { code, stdout, stderr } = run(args, input);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

function refusal(args: readonly string[], input?: Uint8Array): string {
  const { code, stderr } = run([...args, '-o', 'refused'], input);
  expect(code).toBe(2);
  expect(existsSync(join(folder, 'refused'))).toBe(false);
  return stderr.replace(/^softmax-simd: /, '').trimEnd();
}

describe('f32', () => {
  const cols = ['--cols', String(COLS)];

  it('from a file, a redirected file and a pipe, to a file and to standard output', () => {
    put('logits.f32', bytes(LOGITS));
    const pipe = ['--format', 'f32', ...cols];
    expect(output(['softmax', 'logits.f32', ...cols])).toEqual(bytes(PROBS));
    expect(output(['softmax', ...pipe], bytes(LOGITS))).toEqual(bytes(PROBS));
    expect(output(['softmax', '-', '-o', '-', ...pipe], bytes(LOGITS))).toEqual(bytes(PROBS));
    expect(output(['softmax', '-o', 'probs.f32', ...pipe], bytes(LOGITS))).toHaveLength(0);
    expect(readFileSync(join(folder, 'probs.f32'))).toEqual(bytes(PROBS));
    expect(output(['log-sum-exp', ...pipe], bytes(LOGITS))).toEqual(bytes(LSE));
    expect(output(['log-softmax', ...pipe], bytes(LOGITS))).toEqual(bytes(engine.logSoftmax(LOGITS, COLS)));
    expect(output(['softmax', ...pipe])).toHaveLength(0);
  });

  it.skipIf(process.platform === 'win32')('a redirected file is read from where somebody else has stopped', () => {
    put('logits.f32', bytes(LOGITS));
    const line = `(dd bs=${4 * COLS} count=2 of=/dev/null 2>/dev/null; "$0" "$1" softmax -q --tier scalar --format f32 --cols ${COLS}) < logits.f32`;
    const { stdout } = spawnSync('sh', ['-c', line, process.execPath, MAIN], { cwd: folder });
    expect(stdout).toEqual(bytes(PROBS.subarray(2 * COLS)));
  });

  it('cross-entropy', () => {
    put('logits.f32', bytes(LOGITS));
    put('labels.npy', npyOf('<i4', `(${ROWS},)`, Array.from(LABELS)));
    put('targets.npy', npyOf('<f4', `(${ROWS}, ${COLS})`, Array.from(PROBS)));
    const args = ['cross-entropy', '--format', 'f32', ...cols];
    const mean = engine.crossEntropyWithGrad(LOGITS, LABELS, COLS);
    for (const input of [undefined, bytes(LOGITS)]) {
      const file = input === undefined ? ['logits.f32'] : [];
      const losses = [...args, ...file, '--targets', 'labels.npy', '--grad', 'grad.f32', '-o', 'losses.f32'];
      expect(output(losses, input).toString()).toBe(`${mean.loss}\n`);
      expect(readFileSync(join(folder, 'losses.f32'))).toEqual(bytes(LOSSES));
      expect(readFileSync(join(folder, 'grad.f32'))).toEqual(bytes(mean.dlogits));
      const soft = [...args, ...file, '--targets', 'targets.npy', '--grad', '-'];
      expect(output(soft, input)).toEqual(bytes(engine.crossEntropyGrad(LOGITS, PROBS, COLS)));
    }
    put('labels.npy', npyOf('<i4', `(${ROWS + 1},)`, [...LABELS, 0]));
    expect(refusal([...args, '--targets', 'labels.npy'], bytes(LOGITS))).toBe(
      `labels.npy: expected targets for every row, got ${ROWS + 1} for ${ROWS} rows`,
    );
    put('labels.npy', npyOf('<i4', `(${ROWS - 1},)`, Array.from(LABELS.subarray(1))));
    expect(refusal([...args, '--targets', 'labels.npy'], bytes(LOGITS))).toMatch(/^labels\.npy: expected targets for/);
    expect(refusal([...args, 'logits.f32', '--targets', 'labels.npy'])).toBe(
      `labels.npy: expected class indices of shape (${ROWS},) for these logits, got (${ROWS - 1},)`,
    );
  });

  it('truncated', () => {
    const message = `truncated: expected rows of 20 bytes (5 columns), got ${4 * LOGITS.length - 3} bytes (row ${ROWS - 1} has 17)`;
    put('short.f32', bytes(LOGITS).subarray(0, -3));
    expect(refusal(['softmax', 'short.f32', ...cols])).toBe(`short.f32: ${message}`);
    expect(refusal(['softmax', '--format', 'f32', ...cols], bytes(LOGITS).subarray(0, -3))).toBe(
      `standard input: ${message}`,
    );
  });

  it('a file that has lost its end since it was opened, in a shard', async () => {
    const input = {
      name: 'lost.f32',
      size: 80,
      read: () => Promise.resolve(0),
      readSome: () => Promise.resolve(12),
      skip: (count: number) => Promise.resolve(count),
      close: () => Promise.resolve(),
    };
    const shard = { index: 2, count: 2 };
    const reader = await openF32(input, { cols: 2, shard });
    const block = new Block(ORDINARY, 10, 5);
    await expect(reader.read(block, { now: true, wait: () => Promise.resolve() })).rejects.toThrow(
      'truncated: expected rows of 8 bytes (2 columns), got 52 bytes (row 6 has 4)',
    );
  });

  it('a file of another format, whole and as a shard', () => {
    const npy = npyOf('<f4', `(${ROWS}, ${COLS})`, Array.from(LOGITS));
    const file = Buffer.from(arrow.tableToIPC(arrow.tableFromArrays({ a: [1] }), 'file'));
    const rule = 'expected nothing but float32, got';
    for (const [whole, got] of [
      [npy, 'a .npy: --format npy reads it'],
      [file, 'an Arrow file: --format arrow reads it, written as a stream'],
    ] as const) {
      // Of whole rows or not, as the length of a header may be either.
      for (const input of [whole, Buffer.concat([whole, Buffer.of(0)])]) {
        put('other.f32', input);
        expect(refusal(['softmax', 'other.f32', ...cols])).toBe(`other.f32: ${rule} ${got}`);
        expect(refusal(['softmax', 'other.f32', '--cols', '1', '--shard', '2/2'])).toBe(`other.f32: ${rule} ${got}`);
        expect(refusal(['softmax', '--format', 'f32', '--cols', '1'], input)).toBe(`standard input: ${rule} ${got}`);
      }
    }
    // What an Arrow stream begins with is a NaN, and a row behind the first may have any bits.
    const rows = Buffer.concat([Buffer.alloc(16, 0xff), npy.subarray(0, 16)]);
    put('rows.f32', rows);
    for (const shard of ['1/2', '2/2']) output(['softmax', 'rows.f32', '--cols', '4', '--shard', shard]);
    output(['softmax', '--format', 'f32', '--cols', '4'], rows);
  });
});

describe('npy', () => {
  it('a pipe that ends before its shard begins', () => {
    const file = npyOf('<f4', `(${ROWS}, ${COLS})`, Array.from(LOGITS)).subarray(0, 128 + 43);
    expect(refusal(['softmax', '--shard', '2/2'], file)).toMatch(
      /^standard input: truncated: .*, got 43 \(\d+ are missing, from element \[2, 0\] on\)$/,
    );
  });

  it.each(['<f4', '>f4', '<f8'])('%s through a pipe', (descr) => {
    const file = npyOf(descr, `(${ROWS}, ${COLS})`, Array.from(LOGITS));
    const whole = output(['softmax', '--cols', String(COLS)], file);
    expect(whole.subarray(-PROBS.byteLength)).toEqual(bytes(PROBS));
    expect(whole.subarray(0, 128).toString('latin1')).toContain(`'shape': (${ROWS}, ${COLS})`);
    const message = /^standard input: truncated: expected \d+ bytes .* \(3 are missing, from element \[1200, 4\] on\)$/;
    expect(refusal(['softmax'], file.subarray(0, -3))).toMatch(message);
  });

  it('f2 through a pipe', () => {
    const file = npyOf('<f2', '(2, 2)', [0x3c00, 0xbc00, 0x7bff, 0x0001]);
    const expected = engine.softmax(Float32Array.of(1, -1, 65504, 2 ** -24), 2);
    expect(output(['softmax'], file).subarray(128)).toEqual(bytes(expected));
  });
});

describe('shards', () => {
  it.each([1, 2, 3, 7, ROWS, ROWS + 5])('%i of them, one after the other, are the whole', (count) => {
    put('logits.f32', bytes(LOGITS));
    // Many processes take long: the first, some between and the last, whose ends must meet.
    const some = new Set([1, 2, Math.ceil(count / 2), count - 1, count].filter((i) => i >= 1 && i <= count));
    const edge = (i: number) => Math.floor((i * ROWS) / count) * COLS;
    for (const i of some) {
      const shard = output(['softmax', 'logits.f32', '--cols', String(COLS), '--shard', `${i}/${count}`]);
      expect(shard).toEqual(bytes(PROBS.subarray(edge(i - 1), edge(i))));
    }
  });

  it('of npy, from a file and a pipe, with targets; the means add up', () => {
    const file = npyOf('<f8', `(3, ${COLS})`, Array.from(LOGITS.subarray(0, 3 * COLS)));
    put('logits.npy', file);
    put('labels.npy', npyOf('<i8', '(3,)', [1, -100, 2]));
    const whole = engine.crossEntropyWithGrad(LOGITS.subarray(0, 3 * COLS), Int32Array.of(1, -100, 2), COLS);
    const parts: Buffer[] = [];
    let loss = 0;
    for (const [i, shape] of [`(1, ${COLS})`, `(2, ${COLS})`].entries()) {
      const shard = ['--shard', `${i + 1}/2`];
      const probs = output(['softmax', 'logits.npy', ...shard]);
      expect(output(['softmax', ...shard], file)).toEqual(probs);
      expect(probs.subarray(0, 128).toString('latin1')).toContain(`'shape': ${shape}`);
      const args = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', ...shard];
      loss += Number(output([...args, '--grad', 'part.npy']).toString());
      parts.push(readFileSync(join(folder, 'part.npy')).subarray(128));
    }
    expect(Buffer.concat(parts)).toEqual(bytes(whole.dlogits));
    expect(loss).toBeCloseTo(whole.loss, 12);
  });
});

describe('threads', () => {
  it.each(['softmax', 'log-softmax', 'log-sum-exp'])('%s has the same bits on one and on three', (op) => {
    const args = [op, '--format', 'f32', '--cols', '1201'];
    const one = output(args, bytes(LOGITS));
    expect(output([...args, '--threads', '3'], bytes(LOGITS))).toEqual(one);
    expect(one.length).toBeGreaterThan(0);
  });

  it('cross-entropy, and rows of many lengths', () => {
    // More elements than are worth a thread.
    const rows = 8 * ROWS;
    const logits = npyOf('<f4', `(${rows}, ${COLS})`, Array.from({ length: 8 }, () => Array.from(LOGITS)).flat());
    put('labels.npy', npyOf('<i2', `(${rows},)`, Array.from({ length: 8 }, () => Array.from(LABELS)).flat()));
    const args = ['cross-entropy', '--targets', 'labels.npy', '--grad', 'grad.npy'];
    const loss = output(args, logits);
    const grad = readFileSync(join(folder, 'grad.npy'));
    expect(output([...args, '--threads', '2'], logits)).toEqual(loss);
    expect(readFileSync(join(folder, 'grad.npy'))).toEqual(grad);
    const ragged = ['softmax', '--format', 'rowbinary'];
    expect(output([...ragged, '--threads', '2'], rowBinary(RAGGED))).toEqual(output(ragged, rowBinary(RAGGED)));
  });

  it('a number that cannot be had', () => {
    expect(refusal(['softmax', '--format', 'f32', '--cols', '1', '--threads', '99999'])).toMatch(
      /^softmax: expected --threads to be .*99999$/,
    );
  });
});

describe('cross-entropy in parts has the bits of one call', () => {
  // More than one block (2 MiB), whose picked weights sum to 0 in the first, and whose rows weigh nothing in the second.
  const cols = 4;
  const rows = 3 * 131_072;
  const logits = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i) * 3);
  const labels = Int32Array.from({ length: rows }, (_, r) => (r < 131_072 ? r % 2 : r < 262_144 ? 3 : r % 3));
  const classWeights = Float32Array.of(1, -1, 0.5, 0);

  it.each([
    [[], {}],
    [['--z-loss', '0.1', '--label-smoothing', '0.2'], { zLoss: 0.1, labelSmoothing: 0.2 }],
    [['--reduction', 'sum', '--scale', '3'], { reduction: 'sum', scale: 3 }],
  ] as const)('%j', (flags, options) => {
    put('logits.f32', bytes(logits));
    put('labels.npy', npyOf('<i1', `(${rows},)`, Array.from(labels)));
    put('weights.npy', npyOf('<f4', '(4,)', Array.from(classWeights)));
    const args = ['cross-entropy', 'logits.f32', '--cols', '4', '--targets', 'labels.npy', '--grad', 'grad.f32'];
    const losses = new Float32Array(rows);
    for (const weights of [undefined, classWeights]) {
      const expected = engine.crossEntropyWithGrad(logits, labels, cols, { ...options, losses, classWeights: weights });
      const more = weights === undefined ? [] : ['--class-weights', 'weights.npy'];
      const printed = output([...args, ...flags, ...more, '-o', 'losses.f32']).toString();
      expect(printed).toBe(`${expected.loss}\n`);
      expect(readFileSync(join(folder, 'losses.f32')).equals(bytes(losses))).toBe(true);
      expect(readFileSync(join(folder, 'grad.f32')).equals(bytes(expected.dlogits))).toBe(true);
    }
  });

  it('picked weights that sum to 0 over all rows', () => {
    put('two.npy', npyOf('<f4', '(2, 2)', [1, 2, 3, 4]));
    put('labels.npy', npyOf('<i1', '(2,)', [0, 1]));
    put('weights.npy', npyOf('<f4', '(2,)', [1, -1]));
    const args = ['cross-entropy', 'two.npy', '--targets', 'labels.npy', '--class-weights', 'weights.npy'];
    expect(output([...args, '--grad', 'grad.npy']).toString()).toBe('NaN\n');
    expect(readFileSync(join(folder, 'grad.npy')).subarray(128)).toEqual(Buffer.alloc(16));
    expect(output([...args, '--reduction', 'sum']).toString()).toBe('0\n');
  });
});

describe('a label that is no class is named by its row of the file, and the option by its flag', () => {
  // Three blocks of 65,536 rows and a part; the second shard begins within the second.
  const [rows, cols, bad] = [200_000, 8, 150_001];
  const labels = Array.from({ length: rows }, (_, r) => (r === bad ? cols : r % cols));
  const rule = `to be in [0, ${cols}) or --ignore-index -7, got ${cols}`;
  const flags = ['--ignore-index', '-7'];

  it.each([[[]], [['--threads', '2']], [['--shard', '2/2']], [['--shard', '2/2', '--threads', '2']]])('%j', (more) => {
    put('many.f32', new Uint8Array(4 * rows * cols));
    put('labels.npy', npyOf('<i1', `(${rows},)`, labels));
    const f32 = ['cross-entropy', 'many.f32', '--cols', String(cols), '--targets', 'labels.npy', ...flags, ...more];
    const message = `labels.npy: expected element [${bad}] ${rule}`;
    expect(refusal(f32)).toBe(message);
    expect(refusal([...f32, '--grad', 'grad.f32'])).toBe(message);
    put('labels.npy', npyOf('<i1', `(2, ${rows / 2})`, labels));
    const npy = npyOf('<f4', `(2, ${rows / 2}, ${cols})`, new Array<number>(rows * cols).fill(0));
    expect(refusal(['cross-entropy', '--targets', 'labels.npy', ...flags, ...more], npy)).toBe(
      `labels.npy: expected element [1, ${bad - rows / 2}] ${rule}`,
    );
  });

  it.each(['1', '2'])('beside the logits, --threads %s', (threads) => {
    const logits = new Array<number[]>(rows).fill(new Array<number>(cols).fill(0));
    const args = ['cross-entropy', '--format', 'rowbinary', '--threads', threads, ...flags];
    expect(refusal(args, rowBinary(logits, labels))).toBe(`standard input: expected the label of row ${bad} ${rule}`);
  });
});

describe('rowbinary', () => {
  const args = (op: string) => [op, '--format', 'rowbinary'];
  const softmaxed = (rows: number[][]) =>
    rows.map((row) => (row.length === 0 ? [] : Array.from(engine.softmax(Float32Array.from(row), row.length))));

  it('rows of one length and of many, from a pipe and a file', () => {
    for (const rows of [rowsOf(LOGITS), RAGGED, [], [[]], [[1]]]) {
      const expected = rowBinary(softmaxed(rows));
      expect(output(args('softmax'), rowBinary(rows)).equals(expected)).toBe(true);
      put('rows.rowbinary', rowBinary(rows));
      expect(output(['softmax', 'rows.rowbinary']).equals(expected)).toBe(true);
    }
  });

  it('a row longer than a block, between others', () => {
    const rows = [[1, 2], Array.from({ length: 1_500_000 }, (_, i) => Math.fround(Math.sin(i))), [3, 4]];
    expect(output(args('softmax'), rowBinary(rows)).equals(rowBinary(softmaxed(rows)))).toBe(true);
  });

  it('one number a row; that of an empty row is -Infinity', () => {
    const lse = RAGGED.map((row) =>
      row.length === 0 ? -Infinity : engine.logSumExp(Float32Array.from(row), row.length)[0]!,
    );
    expect(output(args('log-sum-exp'), rowBinary(RAGGED))).toEqual(bytes(Float32Array.from(lse)));
    // Which is also what the name says: such a column is nothing but float32.
    expect(output([...args('log-sum-exp'), '-o', 'lse.f32'], rowBinary(RAGGED))).toHaveLength(0);
    expect(readFileSync(join(folder, 'lse.f32'))).toEqual(bytes(Float32Array.from(lse)));
  });

  it('NaN, masks and infinities', () => {
    const rows = [
      [NaN, 1],
      [Infinity, 1],
      [-Infinity, 1, 2],
      [-Infinity, -Infinity],
    ];
    const answer = output(args('softmax'), rowBinary(rows));
    const numbers = [1, 10, 19, 32].flatMap((at, r) => rows[r]!.map((_, i) => answer.readFloatLE(at + 4 * i)));
    const two = Array.from(engine.softmax(Float32Array.of(1, 2), 2));
    expect(numbers).toEqual([NaN, NaN, NaN, NaN, 0, ...two, NaN, NaN]);
  });

  it('cross-entropy with the class index as the second column, or in a file', () => {
    const labels = Array.from(LABELS);
    const sum = [...args('cross-entropy'), '--reduction', 'sum'];
    const input = rowBinary(rowsOf(LOGITS), labels);
    expect(output(sum, input).toString()).toBe(`${SUM}\n`);
    expect(output([...args('cross-entropy'), '-o', '-'], input)).toEqual(bytes(LOSSES));
    expect(output([...sum, '--grad', '-'], input).equals(rowBinary(rowsOf(GRAD)))).toBe(true);
    put('labels.npy', npyOf('<i4', `(${ROWS},)`, labels));
    const file = [...sum, '--targets', 'labels.npy', '--grad', '-'];
    expect(output(file, rowBinary(rowsOf(LOGITS))).equals(rowBinary(rowsOf(GRAD)))).toBe(true);
    const mean = [...args('cross-entropy'), '--targets', 'labels.npy', '--grad', '-'];
    const dlogits = engine.crossEntropyGrad(LOGITS, LABELS, COLS);
    expect(output(mean, rowBinary(rowsOf(LOGITS))).equals(rowBinary(rowsOf(dlogits)))).toBe(true);
    expect(refusal([...args('cross-entropy'), '--grad', '-'], input)).toMatch(/expected --reduction sum with --grad/);
    expect(refusal(sum, rowBinary([[1, 2], [3]], [1, 1]))).toBe(
      'standard input: expected the label of row 1 to be in [0, 1) or --ignore-index -100, got 1',
    );
    expect(output([...args('cross-entropy'), '-o', '-'], rowBinary([[], [0]], [-100, 0]))).toEqual(Buffer.alloc(8));
  });

  it('wrong and truncated input', () => {
    const input = rowBinary([
      [1, 2],
      [3, 4, 5],
    ]);
    const softmax = args('softmax');
    const question = 'is it RowBinary, and the column plain Array(Float32), not Nullable nor of Float64?';
    expect(refusal(softmax, input.subarray(0, -1))).toBe(
      `standard input: row 1, at byte 9: truncated: the data end inside of it; ${question}`,
    );
    expect(refusal(softmax, Buffer.of(0x80))).toBe(
      `standard input: row 0, at byte 0: truncated: the data end inside of it; ${question}`,
    );
    expect(refusal([...softmax, '--cols', '2'], input)).toBe(
      'standard input: row 1, at byte 9: expected 2 elements (--cols), got 3',
    );
    // A length of 2^32 and one of more bytes than a number has.
    const behind = (length: number[]) => refusal(softmax, Buffer.concat([input, Buffer.from(length)]));
    expect(behind([0x80, 0x80, 0x80, 0x80, 0x10])).toBe(
      `standard input: row 2, at byte 22: expected at most 268435456 elements, got 4294967296; ${question}`,
    );
    expect(behind(Array.from({ length: 30 }, () => 0xff))).toBe(
      `standard input: row 2, at byte 22: expected a length of at most 5 bytes; ${question}`,
    );
    // 800 MB are promised and 4 bytes come: no more memory than that is asked for.
    expect(refusal(softmax, Buffer.of(0x80, 0x84, 0xaf, 0x5f, 1, 2, 3, 4))).toMatch(/truncated/);
  });
});

describe('arrow', () => {
  const float = new arrow.Field('item', new arrow.Float32(), true);
  const FIXED = new arrow.FixedSizeList(3, float);
  const LIST = new arrow.List(float);
  const LARGE = new arrow.LargeList(float);
  const ROWS_OF_3 = [[1, 2, 3], [4, 5, 6], null, [0, -1, 7]];
  const LENGTHS = [[1, 2], [], null, [7, 8, 9]];
  const stream = (columns: Record<string, arrow.Vector>) =>
    Buffer.from(arrow.tableToIPC(new arrow.Table(columns), 'stream'));
  const args = (...more: string[]) => ['softmax', '--format', 'arrow', ...more];
  const column = (bytes: Buffer, name: string) =>
    (JSON.parse(arrow.tableFromIPC(bytes).toString()) as Record<string, unknown>[]).map((row) => row[name]);
  const softmaxed = (row: number[] | null) =>
    row === null || row.length === 0 ? row : Array.from(engine.softmax(Float32Array.from(row), row.length));
  const lse = (row: number[] | null) =>
    row === null ? null : row.length === 0 ? -Infinity : engine.logSumExp(Float32Array.from(row), row.length)[0]!;
  const others = {
    category: arrow.vectorFromArray(['a', 'b', 'a', null]),
    name: arrow.vectorFromArray(['x', null, 'yyy', 'z'], new arrow.Utf8()),
    flag: arrow.vectorFromArray([true, false, null, true]),
    pair: arrow.vectorFromArray([
      { a: 1, b: 'q' },
      { a: 2, b: 'r' },
      { a: 3, b: 's' },
      { a: 4, b: 't' },
    ]),
    label: arrow.vectorFromArray([2, 0, -100, 1], new arrow.Int16()),
  };

  it.each([
    ['FixedSizeList', FIXED, ROWS_OF_3],
    ['List', LIST, ROWS_OF_3],
    ['List of many lengths', LIST, LENGTHS],
    ['LargeList', LARGE, LENGTHS],
  ])('%s, between other columns, from a pipe and a file', (_, type, rows) => {
    const logits = arrow.vectorFromArray(rows, type);
    const input = stream({ ...others, logits, after: arrow.vectorFromArray([1, 2, 3, 4]) });
    put('logits.arrow', input);
    const before = JSON.parse(arrow.tableFromIPC(input).toString()) as Record<string, unknown>[];
    const expected = before.map((row, r) => ({ ...row, logits: softmaxed(rows[r]!) }));
    for (const answer of [output(args(), input), output(['softmax', 'logits.arrow'])]) {
      expect(JSON.parse(arrow.tableFromIPC(answer).toString())).toEqual(expected);
    }
    const vector = arrow.tableFromIPC(output(['log-sum-exp', 'logits.arrow'])).getChild('logits')!;
    expect(Array.from(vector)).toEqual(rows.map(lse));
  });

  it('many batches, with dictionaries that grow, and none', () => {
    const batches = Array.from({ length: 4 }, (_, b) => {
      const rows = rowsOf(LOGITS.subarray(b * 100 * COLS, (b + 1) * 100 * COLS));
      const type = new arrow.FixedSizeList(COLS, float);
      return new arrow.Table({ logits: arrow.vectorFromArray(rows, type) }).batches[0]!;
    });
    const input = Buffer.from(arrow.tableToIPC(new arrow.Table(batches), 'stream'));
    const flat = column(output(args(), input), 'logits').flat();
    expect(flat).toEqual(Array.from(PROBS.subarray(0, 400 * COLS)));
    const empty = Buffer.from(arrow.tableToIPC(new arrow.Table(batches[0]!.schema, []), 'stream'));
    expect(output(args(), empty)).toEqual(empty);
    // A stream may end without saying so.
    expect(output(args(), input.subarray(0, -8))).toEqual(output(args(), input));
  });

  it('cross-entropy with a column of class indices', () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
      [0, -1, 7],
    ];
    const input = stream({ ...others, logits: arrow.vectorFromArray(rows, FIXED) });
    const options = { reduction: 'sum' } as const;
    const logits = Float32Array.from(rows.flat());
    const labels = Int32Array.of(2, 0, -100, 1);
    const sum = ['cross-entropy', '--format', 'arrow', '--target-column', 'label', '--reduction', 'sum'];
    expect(output(sum, input).toString()).toBe(`${engine.crossEntropy(logits, labels, 3, options)}\n`);
    const losses = engine.crossEntropy(logits, labels, 3, { reduction: 'none' });
    expect(column(output([...sum, '-o', '-'], input), 'logits')).toEqual(Array.from(losses));
    const grad = engine.crossEntropyGrad(logits, labels, 3, options);
    expect(column(output([...sum, '--grad', '-'], input), 'logits').flat()).toEqual(Array.from(grad));
    expect(refusal(['cross-entropy', '--format', 'arrow'], input)).toMatch(
      /expected --targets with a \.npy, or --target-column/,
    );
    expect(refusal([...sum.slice(0, 3), '--target-column', 'name'], input)).toBe(
      'standard input: expected column "name" to be class indices, got Utf8',
    );
  });

  it('errors name rows of the stream, not of their batch', () => {
    const batch = (row: unknown[], label: bigint) =>
      new arrow.Table({
        logits: arrow.vectorFromArray([[1, 2, 3], row], FIXED),
        label: arrow.vectorFromArray([0n, label], new arrow.Int64()),
      }).batches[0]!;
    const twice = (row: unknown[], label: bigint) =>
      Buffer.from(arrow.tableToIPC(new arrow.Table([batch([4, 5, 6], 1n), batch(row, label)]), 'stream'));
    expect(refusal(args(), twice([1, null, 3], 1n))).toMatch(/: row 3: expected no null in a row of "logits"$/);
    const loss = ['cross-entropy', '--format', 'arrow', '--target-column', 'label'];
    expect(refusal(loss, twice([4, 5, 6], 2n ** 40n))).toMatch(/: row 3: expected the label to be an int32, got \d+$/);
    expect(refusal(loss, twice([4, 5, 6], 3n))).toBe(
      'standard input: expected the label of row 3 to be in [0, 3) or --ignore-index -100, got 3',
    );
  });

  it('columns that are none, or more than one', () => {
    const logits = arrow.vectorFromArray(ROWS_OF_3, FIXED);
    const two = stream({ logits, more: logits, name: others.name });
    expect(refusal(args(), two)).toBe(
      'standard input: expected one column of lists of float32, got logits, more: --column says which',
    );
    expect(column(output(args('--column', 'more'), two), 'more')).toEqual(ROWS_OF_3.map(softmaxed));
    expect(refusal(args('--column', 'name'), two)).toBe(
      'standard input: expected column "name" to be lists of float32, got Utf8',
    );
    expect(refusal(args('--column', 'none'), two)).toMatch(/^standard input: expected a column "none", got logits \(/);
    expect(refusal(args(), stream({ name: others.name }))).toBe(
      'standard input: expected one column of lists of float32, got columns name (Utf8)',
    );
    expect(refusal(args('--cols', '4', '--column', 'more'), two)).toBe(
      'softmax: expected --cols to be the 3 columns of standard input, got 4',
    );
    const ragged = stream({ logits: arrow.vectorFromArray(LENGTHS, LIST) });
    expect(refusal(args('--cols', '2'), ragged)).toMatch(/row 1: expected 2 elements \(--cols\), got 0$/);
    const nulls = stream({ logits: arrow.vectorFromArray([[1, null, 3]], FIXED) });
    expect(refusal(args(), nulls)).toMatch(/: row 0: expected no null in a row of "logits"$/);
  });

  it('compressed, truncated and other input', () => {
    const input = stream({ logits: arrow.vectorFromArray(ROWS_OF_3, FIXED) });
    const file = Buffer.from(arrow.tableToIPC(new arrow.Table({ logits: others.label }), 'file'));
    expect(refusal(args(), file)).toMatch(/expected an Arrow IPC stream, got an Arrow file \(write it as a stream\)$/);
    expect(refusal(args(), Buffer.from('{"a": 1}'))).toMatch(
      /expected an Arrow IPC stream of version 0\.15 or later, got/,
    );
    expect(refusal(args())).toMatch(/expected an Arrow IPC stream, which begins with a schema$/);
    put('short.arrow', input.subarray(0, -20));
    expect(refusal(['softmax', 'short.arrow'])).toMatch(/^short\.arrow: message 1, before byte \d+: truncated/);
    // Cut off here and there; between two messages a stream may end.
    for (let end = 3; end < input.length - 8; end += 61) {
      const { code, stderr } = run(args('-o', 'refused'), input.subarray(0, end));
      if (code !== 0) expect(stderr).toMatch(/truncated|expected an Arrow/);
    }
    // A codec that only says that it has compressed.
    const magic = Buffer.of(40, 181, 47, 253);
    arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
      encode: (data: Uint8Array) => Buffer.concat([magic, data]),
      decode: (data: Uint8Array) => data.subarray(4),
    });
    const writer = new arrow.RecordBatchStreamWriter({ compressionType: arrow.CompressionType.ZSTD });
    writer.write(new arrow.Table({ logits: arrow.vectorFromArray(ROWS_OF_3, FIXED) }));
    writer.finish();
    expect(refusal(args(), writer.toUint8Array(true))).toMatch(/expected an uncompressed stream \(/);
  });

  it('without the package apache-arrow', () => {
    const place = mkdtempSync(join(tmpdir(), 'softmax-simd-peer-'));
    try {
      const home = dirname(dirname(MAIN));
      cpSync(home, join(place, 'dist'), { recursive: true });
      cpSync(join(dirname(home), 'package.json'), join(place, 'package.json'));
      const main = join(place, 'dist/cli/main.js');
      const { status, stderr } = spawnSync(process.execPath, [main, ...args()], {
        input: Buffer.of(1),
        encoding: 'utf8',
      });
      const message = 'softmax: --format arrow needs the package apache-arrow: npm install apache-arrow';
      expect({ status, stderr }).toEqual({ status: 2, stderr: `softmax-simd: ${message}\n` });
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
