import type { Block } from './block.js';
import type { ByteInput, Demand } from './byte-input.js';
import { CommandError } from './errors.js';
import type { ByteOutput } from './output-file.js';
import type { Shard } from './shard.js';

/** What the command line says about the rows. */
export interface RowOptions {
  readonly cols: number | null;
  readonly shard: Shard | null;
  /** The name of the column that holds the logits, in a format of many. */
  readonly column: string | null;
  /** Class indices come with the rows instead of in a file of their own; in a format of many columns, in this one. */
  readonly labels: boolean;
  readonly labelColumn: string | null;
}

/** Results as long as the rows, or one a row. */
export type ResultShape = 'row' | 'scalar';

/** The rows of an input, from the first to the last. */
export interface RowReader {
  readonly name: string;
  /** How many rows will come, and all rows of the input, of which a shard is a part; null where nobody knows yet. */
  readonly rows: number | null;
  readonly from: number;
  readonly allRows: number | null;
  /** The length of every row; null where each has its own. */
  readonly cols: number | null;
  /** The shape that elements are named by in messages: axes before the last one. */
  readonly rowShape: readonly number[] | null;
  /** How much a block holds at most; null where it grows with what comes. */
  readonly blockElements: number | null;
  readonly blockRows: number | null;
  /** Fills the block with the next rows: false when there are none. */
  read(block: Block, demand: Demand): Promise<boolean>;
  /** Writes the results of these rows in the same format. */
  writer(output: ByteOutput, shape: ResultShape): Promise<RowWriter>;
  close(): Promise<void>;
}

export interface RowWriter {
  write(block: Block): Promise<void>;
  /** To be called after the last block. */
  end(): Promise<void>;
}

export type Open = (input: ByteInput, op: string, options: RowOptions) => Promise<RowReader>;

/** Bytes of logits that are read, computed and written at once, unless a row is longer. */
export const BLOCK_BYTES = 1 << 21;

/** Rows of this length in a block. */
export function blockRows(cols: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / 4 / cols));
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

/** A shape as Python writes it: `()`, `(3,)`, `(3, 4)`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Where the element with this number in row-major order lies: `[1, 2]`. */
export function formatElement(element: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    index.unshift(element % length);
    element = Math.floor(element / length);
  }
  return `[${index.join(', ')}]`;
}

export const FORMATS = ['npy', 'f32', 'arrow', 'rowbinary'] as const;
export type FormatName = (typeof FORMATS)[number];

/** Loads one format's code; each is read only when it is used. */
export async function formatOf(name: FormatName): Promise<Open> {
  if (name === 'npy') return (await import('./npy.js')).openNpy;
  if (name === 'f32') return (await import('./f32.js')).openF32;
  if (name === 'rowbinary') return (await import('./rowbinary.js')).openRowBinary;
  return (await import('./arrow.js')).openArrow;
}

/** `--cols` and what the input says must agree. */
export function checkCols(op: string, name: string, asked: number | null, got: number): void {
  if (asked !== null && asked !== got) {
    throw new CommandError(`${op}: expected --cols to be the ${got} columns of ${name}, got ${asked}`);
  }
}
