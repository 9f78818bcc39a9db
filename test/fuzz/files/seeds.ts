// Small valid files, which mutants are made of.
import * as arrow from 'apache-arrow';
import { npzOf } from '../../cli/npz-bytes.js';
import { rowBinary } from '../../clickhouse/rowbinary-bytes.js';

export type Format = 'npy' | 'npz' | 'arrow' | 'rowbinary';

const ROWS = [
  [1, 2, 3],
  [-4, 0.5, 20],
  [0, 0, 0],
  [7, -7, 1],
];
const RAGGED = [[1, 2], [], [3, -1, 0.25, 8], [5]];
const LABELS = [2, 0, -100, 1];

/** As numpy.save writes it. */
export function npy(descr: string, shape: string, data: Uint8Array, order: 'True' | 'False' = 'False'): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117) + '\n';
  return withHeader(text, data);
}

/** A file of version 1.0 with this header. */
export function withHeader(text: string, data: Uint8Array): Buffer {
  const head = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  head.writeUInt16LE(text.length & 0xffff, 8);
  return Buffer.concat([head, Buffer.from(text, 'latin1'), data]);
}

/** What is in a .npz: its check sum lets nothing else through. */
export const NPZ_ARRAY = npy('<f4', '(4, 3)', new Uint8Array(Float32Array.from(ROWS.flat()).buffer));

const bytes = (array: Float32Array | Float64Array | Int32Array | BigInt64Array) => new Uint8Array(array.buffer);

function streams(): Buffer[] {
  const float = new arrow.Field('item', new arrow.Float32(), true);
  const types = [new arrow.FixedSizeList(3, float), new arrow.List(float), new arrow.LargeList(float)];
  return types.flatMap((type, i) => {
    const rows = i === 0 ? [ROWS[0], ROWS[1], null, ROWS[3]] : [RAGGED[0], RAGGED[1], null, RAGGED[2]];
    const logits = arrow.vectorFromArray(rows, type);
    const label = arrow.vectorFromArray([0, 1, -100, 2], new arrow.Int32());
    const name = arrow.vectorFromArray(['a', null, 'b', 'a']);
    const text = arrow.vectorFromArray(['x', null, 'yyy', 'z'], new arrow.Utf8());
    const plain = arrow.vectorFromArray(i === 0 ? ROWS : RAGGED, type);
    return [new arrow.Table({ logits: plain }), new arrow.Table({ name, text, logits, label })].map((table) =>
      Buffer.from(arrow.tableToIPC(table, 'stream')),
    );
  });
}

export const SEEDS: Readonly<Record<Format, readonly Buffer[]>> = {
  npy: [
    npy('<f4', '(4, 3)', bytes(Float32Array.from(ROWS.flat()))),
    npy('<f8', '(2, 2, 3)', bytes(Float64Array.from(ROWS.flat()))),
    npy('>f4', '(12,)', Buffer.from(bytes(Float32Array.from(ROWS.flat()))).swap32()),
    npy('<f2', '(2, 3)', Buffer.from('003c00c000000044007c00fc', 'hex')),
    npy('<i4', '(4,)', bytes(Int32Array.from(LABELS))),
    npy('<i8', '(4,)', bytes(BigInt64Array.from(LABELS, BigInt))),
    npy('|u1', '(4,)', Uint8Array.of(2, 0, 1, 1)),
    npy('f4', '(2, 2, 3)', bytes(Float32Array.from(ROWS.flat())), 'True'),
    npy('<V2', '(2, 3)', Buffer.from('803f0000c0bf0040807f80ff', 'hex')),
    npy('|b1', '(4, 1)', Uint8Array.of(1, 0, 0, 1)),
    npy('|b1', '(4, 3)', Uint8Array.of(1, 0, 0, 1, 1, 1, 0, 0, 0, 2, 255, 0)),
    npy('<u4', '(4, 1)', bytes(Int32Array.of(7, 1, 0, 6))),
  ],
  npz: [false, true].map((packed) => npzOf({ 'logits.npy': NPZ_ARRAY }, packed)),
  arrow: streams(),
  rowbinary: [rowBinary(ROWS), rowBinary(RAGGED), rowBinary(ROWS, LABELS), rowBinary([[], [1]], [-100, 0])],
};
