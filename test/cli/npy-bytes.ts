import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** What numpy.lib.format says that a .npy file is, byte by byte; `text` is the header as it stands. */
export function npyBytes(
  text: string,
  data: Uint8Array | readonly number[],
  version: readonly [number, number] = [1, 0],
): Buffer {
  const lengthBytes = version[0] === 1 ? 2 : 4;
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntLE(Buffer.byteLength(text), 0, lengthBytes);
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version]),
    length,
    Buffer.from(text),
    Buffer.from(data),
  ]);
}

/** The header that numpy.save writes, padded to 128 bytes with the ten before it. */
export function numpyHeader(descr: string, shape: string, fortranOrder = 'False'): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortranOrder}, 'shape': ${shape}, }`.padEnd(117) + '\n';
}

/** A file of this type, its numbers written one by one through a DataView. */
export function npyOf(
  descr: string,
  shape: string,
  values: readonly (number | bigint)[],
  fortranOrder: 'True' | 'False' = 'False',
): Buffer {
  const itemBytes = Number(descr.at(-1));
  const view = new DataView(new ArrayBuffer(values.length * itemBytes));
  values.forEach((value, i) => setElement(view, i * itemBytes, descr, value));
  return npyBytes(numpyHeader(descr, shape, fortranOrder), new Uint8Array(view.buffer));
}

function setElement(view: DataView, at: number, descr: string, value: number | bigint): void {
  const little = descr[0] !== '>';
  const number = Number(value);
  const write: Record<string, () => void> = {
    f4: () => view.setFloat32(at, number, little),
    f8: () => view.setFloat64(at, number, little),
    // Halves are given by their bits.
    f2: () => view.setUint16(at, number, little),
    V2: () => view.setUint16(at, number, little),
    b1: () => view.setUint8(at, number),
    i1: () => view.setInt8(at, number),
    i2: () => view.setInt16(at, number, little),
    i4: () => view.setInt32(at, number, little),
    i8: () => view.setBigInt64(at, BigInt(value), little),
    u1: () => view.setUint8(at, number),
    u2: () => view.setUint16(at, number, little),
    u4: () => view.setUint32(at, number, little),
    u8: () => view.setBigUint64(at, BigInt(value), little),
  };
  write[descr.slice(-2)]!();
}

/** A folder that goes when the suite ends, with a function that puts files into it and returns their paths. */
export function temporaryFolder(): { folder: string; put: (name: string, bytes: Uint8Array) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'softmax-simd-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  return { folder, put };
}
