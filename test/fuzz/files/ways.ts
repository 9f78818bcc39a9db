// The ways that a file is read, and whether what came out is right.
import { createEngine } from '../../../src/index.js';
import {
  arrowRows,
  arrowScalars,
  floatOfBfloat16,
  floats,
  npyArray,
  npyRows,
  npyScalars,
  rowBinaryRows,
  type Rows,
} from './oracle.js';
import { npy, NPZ_ARRAY, type Format } from './seeds.js';

export interface Way {
  readonly format: Format;
  /** The command line; FILE stands for the mutant. */
  readonly args: readonly string[];
  /** Through a pipe it would not see what comes behind. */
  readonly fileOnly?: boolean;
  /** What is wrong with the output, or null. Throws where the output is none. */
  judge(input: Buffer, output: Buffer): string | null;
}

const engine = createEngine({ tier: 'simd' });

/** Beside mutants that are targets. */
export const LOGITS = Float32Array.of(1, 2, 3, -1, 0.5, 20, 0, 0, 0, 7, -7, 1);
export const LOGITS_FILE = npy('<f4', '(4, 3)', new Uint8Array(LOGITS.buffer));

const softmax = (row: Float32Array) => (row.length === 0 ? row : engine.softmax(row, row.length));
const logSumExp = (row: Float32Array) => (row.length === 0 ? -Infinity : engine.logSumExp(row, row.length)[0]!);
const entropy = (row: Float32Array) => engine.entropy(row, row.length)[0]!;
const top = (row: Float32Array, k: number) =>
  row.length === 0 ? row : engine.topK(row, row.length, Math.min(k, row.length)).values;
const argmax = (row: Float32Array) => (row.length === 0 ? -1 : engine.argmax(row, row.length)[0]!);
const loss = (row: Float32Array, label: number) =>
  row.length === 0 ? 0 : engine.crossEntropy(row, Int32Array.of(label), row.length, { reduction: 'sum' });

type Scalars = readonly (number | null)[];

function sameRows(got: Rows['rows'], expected: Rows['rows']): string | null {
  return difference(got.map(textOf), expected.map(textOf));
}

function sameScalars(got: Scalars, expected: Scalars): string | null {
  return difference(got.map(String), expected.map(String));
}

function textOf(row: Float32Array | null): string {
  return row === null ? 'null' : Array.from(row, (value) => (Object.is(value, -0) ? '-0' : String(value))).join(' ');
}

function difference(got: readonly string[], expected: readonly string[]): string | null {
  if (got.length !== expected.length) return `${got.length} rows, expected ${expected.length}`;
  const row = got.findIndex((text, i) => text !== expected[i]);
  return row < 0 ? null : `row ${row} is ${got[row]}, expected ${expected[row]}`;
}

const mapped = ({ rows }: Rows) => rows.map((row) => (row === null ? null : softmax(row)));
const sums = ({ rows }: Rows) => rows.map((row) => (row === null ? null : logSumExp(row)));
const tops = ({ rows }: Rows, k: number) => rows.map((row) => (row === null ? null : top(row, k)));
const losses = ({ rows, labels }: Rows) => rows.map((row, r) => (row === null ? null : loss(row, labels![r]!)));

/** Softmax of LOGITS of which only some take part. */
function partly(takes: (row: number, col: number) => boolean, emptyRows: 'nan' | 'zero'): Rows['rows'] {
  const masked = LOGITS.map((value, i) => (takes(Math.floor(i / 3), i % 3) ? value : -Infinity));
  return [0, 3, 6, 9].map((at) => engine.softmax(masked.slice(at, at + 3), 3, { emptyRows }));
}

const LOSSES = ['cross-entropy', 'FILE', '--reduction', 'sum'];

export const WAYS: readonly Way[] = [
  {
    format: 'npy',
    args: ['softmax', 'FILE'],
    judge: (input, output) => sameRows(npyRows(output).rows, mapped(npyRows(input))),
  },
  {
    format: 'npy',
    args: ['log-sum-exp', 'FILE'],
    judge: (input, output) => sameScalars(npyScalars(output), sums(npyRows(input))),
  },
  {
    format: 'npy',
    args: ['softmax', 'FILE', '--shard', '2/3'],
    fileOnly: true,
    judge(input, output) {
      const { rows, labels } = npyRows(input);
      // Rows that all lie side by side are one part, of the last shard.
      const part = npyArray(input).isFortran
        ? []
        : rows.slice(Math.floor(rows.length / 3), Math.floor((2 * rows.length) / 3));
      return sameRows(npyRows(output).rows, mapped({ rows: part, labels }));
    },
  },
  {
    format: 'npy',
    args: ['cross-entropy', 'LOGITS', '--targets', 'FILE', '--reduction', 'sum'],
    judge(input, output) {
      const { type, values } = npyArray(input);
      const targets = type.startsWith('f') ? Float32Array.from(values) : Int32Array.from(values);
      return sameScalars(
        npyScalars(output),
        Array.from(engine.crossEntropy(LOGITS, targets, 3, { reduction: 'none' })),
      );
    },
  },
  {
    format: 'npy',
    args: ['entropy', 'FILE', '--axis', '0'],
    judge: (input, output) =>
      sameScalars(
        npyScalars(output),
        npyRows(input, 0).rows.map((row) => entropy(row!)),
      ),
  },
  {
    format: 'npy',
    args: ['top-k', 'FILE', '--k', '1', '--axis', '0'],
    judge: (input, output) => sameRows(npyRows(output, 0).rows, tops(npyRows(input, 0), 1)),
  },
  {
    format: 'npy',
    args: ['softmax', 'FILE', '--axis', '0'],
    judge: (input, output) => sameRows(npyRows(output, 0).rows, mapped(npyRows(input, 0))),
  },
  {
    format: 'npy',
    args: ['softmax', 'FILE', '--dtype', 'bfloat16'],
    judge: (input, output) => sameRows(npyRows(output).rows, mapped(npyRows(input, -1, floatOfBfloat16))),
  },
  {
    format: 'npy',
    args: ['softmax', 'LOGITS', '--mask', 'FILE', '--empty-rows', 'zero'],
    judge(input, output) {
      const { type, values } = npyArray(input);
      const of = (i: number) => values[i % values.length]!;
      const takes = type.endsWith('4')
        ? (r: number, j: number) => ((of(r) >> j) & 1) === 1
        : (r: number, j: number) => of(3 * r + j) !== 0;
      return sameRows(npyRows(output).rows, partly(takes, 'zero'));
    },
  },
  {
    format: 'npy',
    args: ['softmax', 'LOGITS', '--ends', 'FILE'],
    judge(input, output) {
      const { values } = npyArray(input);
      return sameRows(
        npyRows(output).rows,
        partly((r, j) => j < values[r % values.length]!, 'nan'),
      );
    },
  },
  {
    format: 'npz',
    args: ['softmax', 'FILE'],
    fileOnly: true,
    judge: (_, output) => sameRows(npyRows(output).rows, mapped(npyRows(NPZ_ARRAY))),
  },
  {
    format: 'rowbinary',
    args: ['softmax', 'FILE'],
    judge: (input, output) => sameRows(rowBinaryRows(output, false).rows, mapped(rowBinaryRows(input, false))),
  },
  {
    format: 'rowbinary',
    args: ['log-sum-exp', 'FILE'],
    judge: (input, output) => sameScalars(floats(output), sums(rowBinaryRows(input, false))),
  },
  {
    format: 'rowbinary',
    args: ['top-k', 'FILE', '--k', '2'],
    judge: (input, output) => sameRows(rowBinaryRows(output, false).rows, tops(rowBinaryRows(input, false), 2)),
  },
  {
    format: 'rowbinary',
    args: ['argmax', 'FILE', '--text'],
    judge(input, output) {
      const lines = rowBinaryRows(input, false).rows.map((row, r) => `${r}: ${argmax(row!)}`);
      return difference(output.toString().split('\n').slice(0, -1), lines);
    },
  },
  {
    format: 'rowbinary',
    args: LOSSES,
    judge: (input, output) => sameScalars(floats(output), losses(rowBinaryRows(input, true))),
  },
  {
    format: 'arrow',
    args: ['softmax', 'FILE'],
    judge(input, output) {
      const [before, after] = [arrowRows(input, false), arrowRows(output, false)];
      if (before.others !== after.others) return `other columns are ${after.others}, expected ${before.others}`;
      return sameRows(after.rows, mapped(before));
    },
  },
  {
    format: 'arrow',
    args: ['log-sum-exp', 'FILE'],
    judge: (input, output) => sameScalars(arrowScalars(output), sums(arrowRows(input, false))),
  },
  {
    format: 'arrow',
    args: ['top-k', 'FILE', '--k', '2'],
    judge: (input, output) => sameRows(arrowRows(output, false).rows, tops(arrowRows(input, false), 2)),
  },
  {
    format: 'arrow',
    args: [...LOSSES, '--target-column', 'label'],
    judge: (input, output) => sameScalars(arrowScalars(output), losses(arrowRows(input, true))),
  },
];
