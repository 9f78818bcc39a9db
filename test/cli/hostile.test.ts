import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { run as runHere } from '../../src/cli/run.js';
import { createEngine } from '../../src/index.js';
import { rowBinary } from '../clickhouse/rowbinary-bytes.js';
import { npyBytes, npyOf, numpyHeader, temporaryFolder } from './npy-bytes.js';
import { MAIN } from './run-cli.js';

// Files and streams that claim what they do not hold: refused at once, with code 2, in little memory.

const { folder, put } = temporaryFolder();
const SECONDS = 20;

/** Under a small heap; `input` comes through a pipe. */
function run(args: readonly string[], input: Uint8Array = Buffer.alloc(0)) {
  const all = ['--max-old-space-size=64', MAIN, ...args, '--quiet', '--tier', 'scalar'];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    cwd: folder,
    input,
    timeout: SECONDS * 1000,
    maxBuffer: 1 << 26,
  });
  return { code: status, stdout, stderr: stderr.toString() };
}

/** What the command says of an input that it refuses, from a file and through a pipe. */
function refusals(format: string, input: Uint8Array, ...flags: string[]): string[] {
  const name = `in.${format}`;
  put(name, input);
  rmSync(join(folder, 'out'), { force: true });
  return [
    run(['softmax', name, '-o', 'out', ...flags]),
    run(['softmax', '--format', format, '-o', 'out', ...flags], input),
  ].map(({ code, stderr }) => {
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(existsSync(join(folder, 'out'))).toBe(false);
    expect(stderr).toMatch(/^softmax-simd: [^\n]+\n$/);
    return stderr.replace(/^softmax-simd: (\S+|standard input): /, '').trimEnd();
  });
}

function expectRefusal(message: string | RegExp, format: string, input: Uint8Array, ...flags: string[]): void {
  for (const got of refusals(format, input, ...flags)) expect(got).toMatch(message);
}

describe('RowBinary', () => {
  const row = rowBinary([[1, 1]]);
  const endless = (count: number, ...rest: number[]) => Buffer.from([...new Array<number>(count).fill(0x80), ...rest]);

  it.each([5, 9, 10, 150, 200, 400])('a length of %i bytes and more, whose value would be 0', (count) => {
    const rest = [0, ...rowBinary([[1]])];
    expectRefusal(
      /^row 1, at byte 9: expected a length of at most 5 bytes/,
      'rowbinary',
      Buffer.concat([row, endless(count, ...rest)]),
    );
  });

  it('a length that has more bytes than it needs, as ClickHouse reads it', () => {
    const { code, stdout } = run(
      ['softmax', '--format', 'rowbinary'],
      Buffer.concat([row, endless(4, 0), Buffer.of(0x81, 0, 0, 0, 0, 0)]),
    );
    expect(code).toBe(0);
    expect(stdout).toEqual(rowBinary([[0.5, 0.5], [], [1]]));
  });

  it.each([
    ['of Array(Float64)', Buffer.concat([Buffer.of(1), Buffer.from(Float64Array.of(0.1).buffer)]), []],
    ['with names and types', Buffer.from('\x01\x01x\x0eArray(Float32)\x02\0\0\0\0\0\0\0\0', 'latin1'), []],
    ['of Array(Nullable(Float32))', Buffer.from('\x02\0\0\0\x80\x3f\0\0\0\x80\x3f', 'latin1'), []],
    ['too short', rowBinary([[1, 2]]).subarray(0, -1), []],
  ])('%s: the error asks for the type', (_, input, flags) => {
    expectRefusal(/; is it RowBinary, and the column plain Array\(Float32\)/, 'rowbinary', input, ...flags);
  });
});

describe('Arrow', () => {
  const ROWS = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const float = new arrow.Field('item', new arrow.Float32(), true);
  const stream = Buffer.from(
    arrow.tableToIPC(
      new arrow.Table({ logits: arrow.vectorFromArray(ROWS, new arrow.FixedSizeList(3, float)) }),
      'stream',
    ),
  );
  const withWord = (at: number, word: number) => {
    const bytes = Buffer.from(stream);
    bytes.writeUInt32LE(word, at);
    return bytes;
  };
  const engine = createEngine({ tier: 'scalar' });
  const softmaxed = (row: Float32Array) => engine.softmax(row, row.length);

  it('a batch of -1 rows, of more than its columns have, and of more than a number counts', () => {
    const at = stream.indexOf(Buffer.of(2, 0, 0, 0, 0, 0, 0, 0), 250);
    const withRows = (rows: bigint) => {
      const bytes = Buffer.from(stream);
      bytes.writeBigInt64LE(rows, at);
      return bytes;
    };
    expectRefusal('expected a number of rows, got -1', 'arrow', withRows(-1n));
    expectRefusal('expected 3 rows in column "logits", got 2', 'arrow', withRows(3n));
    expectRefusal('expected 1099511627776 rows in column "logits", got 2', 'arrow', withRows(2n ** 40n));
    expectRefusal(/corrupt metadata/, 'arrow', withRows(2n ** 60n));
  });

  it.each([0, 1, 0x10000000, 0x7fffffff, 0x80000000, 0xffffffff])(
    '%i in each word of the stream: the right rows, or a refusal',
    async (word) => {
      const out = join(folder, 'words-out');
      for (let at = 0; at < stream.length; at += 4) {
        const file = put('words.arrow', withWord(at, word));
        const args = ['softmax', file, '-o', out, '-q', '--format', 'arrow', '--tier', 'scalar'];
        const error: unknown = await runHere(args).then(
          () => null,
          (error: unknown) => error,
        );
        if (error !== null) {
          expect({ at, error }).toEqual({ at, error: expect.objectContaining({ exitCode: 2 }) as unknown });
          continue;
        }
        const input = arrow.tableFromIPC(readFileSync(file)).getChildAt(0)?.toJSON() as arrow.Vector[] | undefined;
        const output = arrow.tableFromIPC(readFileSync(out)).getChildAt(0)?.toJSON() as arrow.Vector[] | undefined;
        const expected = input?.map((row) => Array.from(softmaxed(Float32Array.from(row as Iterable<number>))));
        expect({ at, rows: output?.map((row) => Array.from(row as Iterable<number>)) }).toEqual({ at, rows: expected });
      }
    },
  );

  it('what comes behind the end of a file', () => {
    put('two.arrow', Buffer.concat([stream, stream]));
    expect(run(['softmax', 'two.arrow', '-o', 'two-out']).stderr).toMatch(
      /^softmax-simd: two\.arrow: message 2, before byte \d+: expected nothing behind the end of the stream, got 400 bytes\n$/,
    );
  });

  it('a type whose lists have no elements, and lists of no length', () => {
    const list = new arrow.List(float);
    const table = (type: arrow.DataType) =>
      Buffer.from(
        arrow.tableToIPC(new arrow.Table(new arrow.Schema([new arrow.Field('logits', type, true)])), 'stream'),
      );
    expectRefusal(
      'expected at least one class, got 0 in column "logits"',
      'arrow',
      table(new arrow.FixedSizeList(0, float)),
    );
    (list as { children: unknown[] }).children = [];
    expectRefusal('expected column "logits" to have a type of elements', 'arrow', table(list));
  });

  it('a map of no pairs', () => {
    const entries = new arrow.Field('entries', new arrow.Int32(), false);
    const map = new arrow.Map_(entries as never);
    const schema = new arrow.Schema([new arrow.Field('map', map, true)]);
    const table = Buffer.from(arrow.tableToIPC(new arrow.Table(schema), 'stream'));
    expectRefusal('expected column "map" to have a type of elements', 'arrow', table);
  });

  // Where a length of 9 bytes is believed the tenth is one of the next value: apache-arrow read two billion texts.
  it('a table of metadata with half a slot', () => {
    const metadata = stream.subarray(8, 8 + stream.readInt32LE(4));
    const message = metadata.readInt32LE(0);
    const schema = message + metadata.readUInt16LE(message - metadata.readInt32LE(message) + 8);
    const at = schema + metadata.readInt32LE(schema);
    const bytes = Buffer.from(stream);
    const length = 8 + at - metadata.readInt32LE(at);
    bytes.writeUInt16LE(bytes.readUInt16LE(length) + 1, length);
    expectRefusal(/corrupt metadata: a table with half a slot/, 'arrow', bytes);
  });

  it('a pipe that promises a body of 2^40 bytes takes no more memory than comes', () => {
    // The length of the body, and those of the buffers in it.
    const places = Array.from(stream.keys()).filter(
      (at) => at % 4 === 0 && at > 200 && at < stream.length - 8 && stream.readBigInt64LE(at) === 24n,
    );
    const messages = places.flatMap((at) => {
      const bytes = Buffer.from(stream);
      bytes.writeBigInt64LE(2n ** 40n, at);
      return refusals('arrow', bytes);
    });
    expect(messages.filter((message) => message.includes('truncated'))).toHaveLength(2);
  });
});

describe('npy', () => {
  const npy = (shape: string, data: Uint8Array | readonly number[] = []) => npyBytes(numpyHeader('<f4', shape), data);

  it('more axes than NumPy has', () => {
    const shape = (axes: number) => `(${'1, '.repeat(axes)})`;
    expectRefusal(/^bad \.npy header: expected at most 64 axes/, 'npy', npyOf('<f4', shape(65), [1]));
    const many = npyBytes(numpyHeader('<f4', shape(20_000)), Buffer.alloc(4), [2, 0]);
    expectRefusal(/^bad \.npy header: expected at most 64 axes/, 'npy', many);
    put('most.npy', npyOf('<f4', shape(64), [1]));
    expect(run(['softmax', 'most.npy', '-o', 'most-out.npy'])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'most-out.npy')).subarray(-4)).toEqual(Buffer.from(Float32Array.of(1).buffer));
  });

  it('lengths that are no length, beside one of 0', () => {
    const message = /^bad \.npy header: expected lengths below 2\^53, got 1(0{20}|0{119}…)/;
    expectRefusal(message, 'npy', npy(`(0, 1${'0'.repeat(20)})`));
    expectRefusal(message, 'npy', npy(`(0, 1${'0'.repeat(400)})`));
    expectRefusal(/^expected a shape of at most 2\^53 bytes/, 'npy', npy('(0, 9007199254740991)'));
    expectRefusal(/^expected a shape of at most 2\^53 bytes/, 'npy', npy('(4503599627370496, 4)'));
  });

  it('no rows of a length that no memory holds: an empty array of that shape', () => {
    put('none.npy', npy('(0, 1000000000000)'));
    expect(run(['softmax', 'none.npy', '-o', 'none-out.npy'])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'none-out.npy'), 'latin1')).toContain("'shape': (0, 1000000000000)");
  });

  it('a pipe that promises a row of 4 TB, and --cols that do', () => {
    const rule = (cols: number) =>
      `softmax-simd: standard input: expected rows that fit memory, got ${cols} elements (${4 * cols} bytes) in each\n`;
    rmSync(join(folder, 'out'), { force: true });
    expect(run(['softmax', '-o', 'out'], npy('(1, 1000000000000)'))).toMatchObject({ code: 2, stderr: rule(1e12) });
    const f32 = ['softmax', '--format', 'f32', '-o', 'out', '--cols'];
    expect(run([...f32, '1000000000000'], Buffer.alloc(4))).toMatchObject({ code: 2, stderr: rule(1e12) });
    expect(run([...f32, '9007199254740991'], Buffer.alloc(4))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected --cols to be below 2^50, got "9007199254740991"') as unknown,
    });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it.each([
    ['blanks', `{'descr': '<f4', 'fortran_order': False, 'shape': (${' '.repeat(60_000)}x), }`],
    ['blanks after a length', `{'descr': '<f4', 'fortran_order': False, 'shape': (1${' '.repeat(60_000)}x), }`],
    ['digits', `{'descr': '<f4', 'fortran_order': False, 'shape': (${'1'.repeat(60_000)}x), }`],
  ])('60 KB of %s in the header take no longer than others', (_, text) => {
    const begin = performance.now();
    expectRefusal(/^bad \.npy header: expected /, 'npy', npyBytes(text, []));
    // Two processes; the square of the blanks took two seconds in each.
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('a number on the command line takes no longer than its digits', () => {
    const begin = performance.now();
    const { code } = run(['softmax', '-o', 'out', '--temperature', `${'1'.repeat(100_000)}x`]);
    expect(code).toBe(2);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});

describe('messages', () => {
  it('spell out what would break the line or reach for the terminal', () => {
    const name = 'a\nb\x1b[31m\x7f\u009b\u202e.npy';
    put(name, Buffer.of(1));
    expect(run(['softmax', name, '-o', 'out']).stderr).toBe(
      'softmax-simd: a\\nb\\u{1b}[31m\\u{7f}\\u{9b}\\u{202e}.npy: expected a .npy file, which begins with "\\x93NUMPY", got "\\u0001"\n',
    );
    expect(run(['softmax', 'none\r.npy', '-o', 'out']).stderr).toBe(
      'softmax-simd: none\\u{d}.npy: no such file or directory (ENOENT)\n',
    );
    const type = new arrow.Utf8();
    const column = arrow.tableToIPC(new arrow.Table({ 'x\x1b]0;y\x07': arrow.vectorFromArray(['a'], type) }), 'stream');
    expect(run(['softmax', '--format', 'arrow', '-o', 'out'], column).stderr).toContain('x\\u{1b}]0;y\\u{7} (Utf8)\n');
  });
});
