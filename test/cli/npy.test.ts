import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { load } from 'npyjs';
import { describe, expect, it } from 'vitest';
import { halfToFloat } from '../../src/cli/element-types.js';
import { Block } from '../../src/cli/block.js';
import { openInput } from '../../src/cli/byte-input.js';
import { ORDINARY } from '../../src/cli/compute.js';
import { NpyFile } from '../../src/cli/npy-file.js';
import { openNpy } from '../../src/cli/npy.js';
import { openOutput } from '../../src/cli/output-file.js';
import { ROW, VALUE } from '../../src/cli/rows.js';
import { npyBytes, npyOf, numpyHeader, temporaryFolder } from './npy-bytes.js';

const { folder, put } = temporaryFolder();
const F4 = [0, 0, 128, 63, 0, 0, 0, 64]; // 1, 2 as little-endian f4

/** The whole file, or the message that it is refused with, without the path. */
async function read(bytes: Uint8Array, as: 'float' | 'integer' = 'float') {
  const path = put('in.npy', bytes);
  const input = await openInput(path);
  try {
    const reader = await NpyFile.open(input);
    const count = reader.shape.reduce((product, length) => product * length, 1);
    const values = as === 'float' ? new Float32Array(count) : new Int32Array(count);
    await (values instanceof Float32Array ? reader.readFloats(values) : reader.readInt32(values));
    await reader.end();
    return { shape: reader.shape, type: reader.type, values: Array.from(values) };
  } catch (error) {
    return (error as Error).message.replace(`${path}: `, '');
  } finally {
    await input.close();
  }
}

describe('halfToFloat', () => {
  // Values of IEEE 754 binary16: 1, -2, the largest, the smallest normal and subnormal, both zeros, infinities.
  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x3555, 0.333251953125],
    [0x0000, 0],
    [0x8000, -0],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
    [0xfc01, NaN],
  ])('%i is %d', (bits, value) => expect(halfToFloat(bits)).toBe(value));

  it('is exact in f32 and climbs with the bits', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      expect(Math.fround(halfToFloat(bits))).toBe(halfToFloat(bits));
      expect(halfToFloat(bits + 1)).toBeGreaterThan(halfToFloat(bits));
    }
  });
});

describe('reading npy', () => {
  it.each(['<', '>'])('reads floats of byte order %s', async (order) => {
    const values = [1.5, -0.1, NaN, Infinity, -Infinity, 3e38];
    const rounded = values.map(Math.fround);
    for (const descr of [`${order}f4`, `${order}f8`]) {
      expect(await read(npyOf(descr, '(2, 3)', values))).toEqual({ shape: [2, 3], type: 'float', values: rounded });
    }
    const halves = npyOf(`${order}f2`, '(3,)', [0x3c00, 0xfbff, 0x7c00]);
    expect(await read(halves)).toEqual({ shape: [3], type: 'float', values: [1, -65504, Infinity] });
  });

  it.each([
    ['i1', [-128, 127]],
    ['i2', [-32768, 32767]],
    ['i4', [-(2 ** 31), 2 ** 31 - 1]],
    ['i8', [-(2n ** 31n), 2n ** 31n - 1n]],
    ['u1', [0, 255]],
    ['u2', [0, 65535]],
    ['u4', [0, 2 ** 31 - 1]],
    ['u8', [0n, 2n ** 31n - 1n]],
  ] as [string, (number | bigint)[]][])('reads %s in both byte orders', async (type, values) => {
    for (const order of ['<', '>', ...(type.endsWith('1') ? ['|'] : [])]) {
      const file = npyOf(`${order}${type}`, '(2,)', values);
      expect(await read(file, 'integer')).toEqual({ shape: [2], type: 'integer', values: values.map(Number) });
    }
  });

  it.each([
    ['<i8', 2n ** 31n],
    ['>i8', -(2n ** 31n) - 1n],
    ['<i8', 2n ** 32n],
    ['<u8', 2n ** 64n - 1n],
    ['>u8', 2n ** 31n],
    ['<u4', 2 ** 31],
    ['>u4', 2 ** 32 - 1],
  ])('refuses %s %d as an int32 and names the element', async (descr, value) => {
    const answer = await read(npyOf(descr, '(2, 3)', [0, 1, 2, 3, 4, value]), 'integer');
    expect(answer).toBe(`expected element [1, 2] to be an int32, got ${value}`);
  });

  it.each([
    [[1, 0], '()', 1],
    [[2, 0], '(1,)', 1],
    [[3, 0], '(1, 1)', 1],
    [[1, 0], '(0, 5)', 0],
    [[1, 0], '(2L, 1L)', 2],
  ] as [[number, number], string, number][])('reads version %j with shape %s', async (version, shape, count) => {
    const answer = await read(npyBytes(numpyHeader('<f4', shape), F4.slice(0, 4 * count), version));
    expect(answer).toMatchObject({ values: [1, 2].slice(0, count), type: 'float' });
  });

  it('takes the keys in any order, either quotes, any padding and no last comma', async () => {
    const text = `{ "shape" :(2 , ),"fortran_order":False, 'descr':"<f4"}`;
    expect(await read(npyBytes(text, F4))).toMatchObject({ shape: [2], values: [1, 2] });
  });

  it.each(['(2,)', '(2, 1)', '(1, 2, 1)', '()', '(0, 3)'])('Fortran order of %s is C order', async (shape) => {
    const count = shape === '()' ? 1 : shape === '(0, 3)' ? 0 : 2;
    const input = await openInput(put('in.npy', npyBytes(numpyHeader('<f4', shape, 'True'), F4.slice(0, 4 * count))));
    expect((await NpyFile.open(input)).fortran).toBe(false);
    await input.close();
  });

  it('counts in the order of the file', async () => {
    const file = npyOf('<i8', '(2, 3)', [0, 1, 2, 3, 2n ** 40n, 5], 'True');
    expect(await read(file, 'integer')).toBe('expected element [0, 2] to be an int32, got 1099511627776');
    expect(await read(file.subarray(0, -17))).toMatch(/from element \[1, 1\] on\)$/);
  });

  const native = endianness() === 'LE' ? '<' : '>';

  it.each(['f4', '=f4'])('%s is of the order of this machine', async (descr) => {
    const data = npyOf(`${native}f4`, '(2,)', [1.5, -2]).subarray(128);
    expect(await read(npyBytes(numpyHeader(descr, '(2,)'), data))).toMatchObject({ values: [1.5, -2] });
  });

  it.each(['|b1', 'b1', '=b1'])('%s is 0 or 1', async (descr) => {
    const answer = await read(npyBytes(numpyHeader(descr, '(4,)'), [0, 1, 2, 255]), 'integer');
    expect(answer).toEqual({ shape: [4], type: 'integer', values: [0, 1, 1, 1] });
  });

  it('reads across many staged parts', async () => {
    const values = Array.from({ length: 40_000 }, (_, i) => i - 20_000);
    expect(await read(npyOf('>f8', '(40000,)', values))).toMatchObject({ values });
    expect(await read(npyOf('>i8', '(40000,)', values), 'integer')).toMatchObject({ values });
  });
});

describe('refusing what is not .npy', () => {
  const header = numpyHeader('<f4', '(2,)');
  const bad = (text: string) => npyBytes(text, F4);
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

  it.each([
    ['an empty file', Buffer.alloc(0), 'expected a .npy file, which begins with "\\x93NUMPY", got an empty file'],
    ['text', Buffer.from('PK\x03\x04zip archive'), /^expected a \.npy file, .* got "PK\\u0003\\u0004zi"$/],
    ['part of the magic', Buffer.from(magic.slice(0, 4)), /^expected a \.npy file/],
    ['no version', Buffer.from(magic), 'expected a .npy header, but the file ends after 6 bytes'],
    ['version 4.0', npyBytes(header, F4, [4, 0]), 'expected .npy version 1.0, 2.0 or 3.0, got 4.0'],
    ['version 1.1', npyBytes(header, F4, [1, 1]), 'expected .npy version 1.0, 2.0 or 3.0, got 1.1'],
    ['version 0.1', npyBytes(header, F4, [0, 1]), 'expected .npy version 1.0, 2.0 or 3.0, got 0.1'],
    ['half a length', Buffer.from([...magic, 1, 0, 118]), 'expected a .npy header, but the file ends in its length'],
    [
      'half a header',
      bad(header).subarray(0, 50),
      'expected a .npy header of 118 bytes, but the file ends after 40 of them',
    ],
    [
      'a huge header',
      Buffer.from([...magic, 2, 0, 0, 0, 0, 255]),
      /^expected a \.npy header of at most 65535 bytes, got 4278190080$/,
    ],
    ['no dictionary', bad('[1, 2]'), /expected "{" at character 0/],
    ['no end', bad("{'descr': '<f4'"), /expected "}" at character 15/],
    ['a missing key', bad("{'descr': '<f4', 'shape': (2,)}"), /expected a key fortran_order/],
    ['no keys', bad('{}'), /expected a key descr/],
    ['no shape', bad("{'descr': '<f4', 'fortran_order': False}"), /expected a key shape/],
    ['a key twice', bad(header.replace('}', "'descr': '<f4'}")), /each once, got "descr"/],
    ['an unknown key', bad(header.replace('}', "'order': 'C'}")), /each once, got "order"/],
    [
      'text after the header',
      bad(header.replace('}', '} 7')),
      /expected nothing after the dictionary, at character 58/,
    ],
    ['a number as shape', bad(header.replace('(2,)', '(2)')), /expected shape to be a tuple of lengths, got a number/],
    ['a negative length', bad(header.replace('(2,)', '(-2,)')), /expected shape to be a tuple of lengths/],
    [
      'a length that Python takes for no number',
      bad(header.replace('(2,)', '(02,)')),
      /expected shape to be a tuple of lengths/,
    ],
    ['a list as shape', bad(header.replace('(2,)', '[2]')), /expected shape to be a tuple of lengths/],
    ['an odd boolean', bad(header.replace('False', 'false')), /expected fortran_order to be True or False/],
    [
      'a structured type',
      bad(header.replace("'<f4'", "[('a', '<f4')]")),
      /one type for all elements, got a structured type/,
    ],
    ['an unquoted type', bad(header.replace("'<f4'", '<f4')), /expected a string at character 10/],
    ['a huge shape', bad(numpyHeader('<f4', '(99999999999, 99999999999)')), /^expected a shape of at most 2\^53 bytes/],
    ['a shape beyond the data', bad(numpyHeader('<f4', '(99999999999,)')), /^truncated: expected 399999999996 bytes/],
  ] as [string, Buffer, string | RegExp][])('%s', async (_, bytes, message) => {
    const answer = await read(bytes);
    if (typeof message === 'string') expect(answer).toBe(message);
    else expect(answer).toMatch(message);
  });

  it.each(['<f1', '<f16', '|f4', '<c8', '<b2', '<V4', '|V1', '<U4', '|O', '<M8[s]', '<i3', 'f4f4', 'f', ''])(
    'type %j',
    async (descr) => {
      const message = `expected type f2, f4, f8, i1 to i8, u1 to u8, b1 (bool) or V2 (bfloat16), got ${JSON.stringify(descr)}`;
      expect(await read(npyBytes(numpyHeader(descr, '(2,)'), F4))).toBe(message);
    },
  );

  it('says where truncated data end and how much is missing', async () => {
    const file = npyOf('<f4', '(2, 3)', [1, 2, 3, 4, 5, 6]);
    const message = (got: number, missing: number, element: string) =>
      `truncated: expected 24 bytes of data for shape (2, 3) of <f4, got ${got} (${missing} are missing, from element ${element} on)`;
    expect(await read(file.subarray(0, -1))).toBe(message(23, 1, '[1, 2]'));
    expect(await read(file.subarray(0, -8))).toBe(message(16, 8, '[1, 1]'));
    expect(await read(file.subarray(0, 128))).toBe(message(0, 24, '[0, 0]'));
  });

  it('counts the bytes after the data', async () => {
    const message = 'expected the file to end after 8 bytes of data for shape (2,) of <f4, got 3 bytes after them';
    expect(await read(npyBytes(numpyHeader('<f4', '(2,)'), [...F4, 1, 2, 3]))).toBe(message);
  });

  it('names a missing file and a folder', async () => {
    const missing = join(folder, 'missing.npy');
    await expect(openInput(missing)).rejects.toThrow(`${missing}: no such file or directory (ENOENT)`);
    await expect(openInput(folder)).rejects.toThrow(`${folder}: expected a file, got a directory`);
  });
});

describe('writing npy', () => {
  const path = join(folder, 'out.npy');
  const temporary = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

  /** Writes the logits themselves, two rows at a time, as results of rows or of one number a row. */
  async function copy(shape: readonly number[], values: readonly number[], result = ROW) {
    const text = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
    const input = await openInput(put('in.npy', npyOf('<f4', text, values)));
    const reader = await openNpy(input, {});
    const output = await openOutput(path);
    const writer = await reader.writer(output, result);
    const cols = shape.at(-1)!;
    const block = new Block(ORDINARY, values.length, values.length);
    block.values.set(values);
    block.scalars.set(values);
    block.setRows(values.length / cols, cols);
    await writer.write(block);
    await input.close();
    return writer;
  }

  it.each([
    [[2, 3], 6],
    [[6], 6],
    [[0, 3], 0],
    [[1, 2, 1, 3], 6],
  ])('shape %j is what npyjs and this reader read', async (shape, count) => {
    const values = [1.5, NaN, -Infinity, 3.4028235e38, 1e-45, -0].slice(0, count).map(Math.fround);
    await (await copy(shape, values)).end();
    const bytes = readFileSync(path);
    const loaded = await load(new Uint8Array(bytes).buffer);
    expect(loaded).toMatchObject({ dtype: 'f4', shape, fortranOrder: false });
    expect(Array.from(loaded.data as Float32Array)).toEqual(values);
    expect(await read(bytes)).toEqual({ shape, type: 'float', values });
    expect((bytes.length - 4 * count) % 64).toBe(0);
  });

  it('one number a row has the shape without its last axis', async () => {
    await (await copy([2, 1, 3], [1, 2, 3, 4, 5, 6], VALUE)).end();
    expect(await read(readFileSync(path))).toEqual({ shape: [2, 1], type: 'float', values: [1, 2] });
    await (await copy([3], [1, 2, 3], VALUE)).end();
    expect(await read(readFileSync(path))).toEqual({ shape: [], type: 'float', values: [1] });
  });

  it('writes the bytes that numpy.save writes', async () => {
    await (await copy([2], [1, 2])).end();
    expect(readFileSync(path)).toEqual(npyBytes(numpyHeader('<f4', '(2,)'), F4));
  });

  it('gives the file its name at the end only', async () => {
    const before = readFileSync(path);
    const writer = await copy([2], [3, 4]);
    expect(readFileSync(path)).toEqual(before);
    expect(temporary()).toHaveLength(1);
    await writer.end();
    expect(readFileSync(path)).not.toEqual(before);
    expect(temporary()).toEqual([]);
  });

  it('leaves nothing behind when it is given up', async () => {
    const other = join(folder, 'other.npy');
    const output = await openOutput(other);
    await output.write(Buffer.of(3));
    expect(temporary()).toHaveLength(1);
    await output.discard();
    await output.discard();
    expect(existsSync(other)).toBe(false);
    expect(temporary()).toEqual([]);
  });
});
