import type { HalfKind } from '../index.js';
import type { ArrayLayout } from './array-layout.js';
import type { Block } from './block.js';
import type { ByteInput, Demand } from './byte-input.js';
import { UsageError } from './errors.js';
import type { ByteOutput } from './output-file.js';
import type { Shard } from './shard.js';

/** What the command line says about the rows. */
export interface RowOptions {
  readonly cols?: number | undefined;
  readonly shard?: Shard | undefined;
  /** The axis that a row goes along, from the end where it is negative; the last. */
  readonly axis?: number | undefined;
  /** What 16 bits without a type are. */
  readonly dtype?: HalfKind | undefined;
  /** The name of the column that holds the logits, in a format of many. */
  readonly column?: string | undefined;
  /** Class indices come with the rows instead of in a file of their own; in a format of many columns, in this one. */
  readonly labels?: boolean | undefined;
  readonly labelColumn?: string | undefined;
}

/** What an output has of each row. */
export interface Result {
  /** Float32 as long as the row, or float32 or the int32 of columns, one a row or `k` of them. */
  readonly of: 'row' | 'values' | 'indices';
  /** How many, in the place of the classes; of rows that each have their own length, of shorter ones as many as these have. */
  readonly k?: number | undefined;
}

export const ROW: Result = { of: 'row' };
export const VALUE: Result = { of: 'values' };

/** The rows of an input, from the first to the last. */
export interface RowReader {
  readonly input: ByteInput;
  /** How many rows will come, and all rows of the input, of which a shard is a part; where that is known beforehand. */
  readonly rows?: number | undefined;
  readonly from: number;
  readonly allRows?: number | undefined;
  /** The length of every row; null where each has its own. */
  readonly cols: number | null;
  /** Of an array of more axes than rows and columns. */
  readonly layout?: ArrayLayout;
  /** Elements from one of a row to the next, 1 without it: a block holds whole parts of as many rows. */
  readonly inner?: number;
  /** What the logits are, where they are no float32. */
  readonly half?: HalfKind | null;
  /** How many rows a block holds at most, all of one length; without it, a block grows with what comes. */
  readonly blockRows?: number;
  /** Fills the block with the next rows: false when there are none. */
  read(block: Block, demand: Demand): Promise<boolean>;
  /** Writes the results of these rows in the same format. */
  writer(output: ByteOutput, result: Result): Promise<RowWriter>;
}

export interface RowWriter {
  write(block: Block): Promise<void>;
  /** To be called after the last block. */
  end(): Promise<void>;
}

export type Open = (input: ByteInput, options: RowOptions) => Promise<RowReader>;

/** Bytes of logits that are read, computed and written at once, unless a row is longer. */
export const BLOCK_BYTES = 1 << 21;

/** Rows of this length in a block. */
export function blockRows(cols: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / 4 / cols));
}

/** `--cols` and what the input says must agree. */
export function checkCols(name: string, asked: number | undefined, got: number): void {
  if (asked !== undefined && asked !== got) {
    throw new UsageError(`expected --cols to be the ${got} columns of ${name}, got ${asked}`, false);
  }
}
