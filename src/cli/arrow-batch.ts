import type { ColumnSize, Located, LogitsColumn } from './arrow-layout.js';
import type { FileError } from './errors.js';

interface Node {
  readonly length: number;
  readonly nullCount: number;
}

interface Region {
  readonly offset: number;
  readonly length: number;
}

/** What a record batch says of itself. */
interface Header {
  readonly length: number;
  readonly nodes: readonly Node[];
  readonly buffers: readonly Region[];
}

const NO_BYTES = new Uint8Array(0);

/** One record batch in the bytes of a frame. `check` comes first. */
export class Batch {
  constructor(
    private readonly header: Header,
    private readonly frame: Uint8Array,
    private readonly bodyAt: number,
    private readonly firstRow: number,
    readonly fail: (problem: string) => FileError,
  ) {}

  get rows(): number {
    return this.header.length;
  }

  /**
   * Holds what the batch says of itself against the schema and against the bytes that carry it, before anything of it is
   * used. What replaces the logits must not replace another column's bytes.
   */
  check(size: ColumnSize | null, logits: LogitsColumn, labels: Located | null): void {
    const { length: rows, nodes, buffers } = this.header;
    if (rows < 0) throw this.fail(`expected a number of rows, got ${rows}`);
    if (size !== null && (size.nodes !== nodes.length || size.buffers !== buffers.length)) {
      throw this.fail(
        `expected ${size.nodes} nodes and ${size.buffers} buffers for the schema's columns, got ${nodes.length} and ${buffers.length}`,
      );
    }
    for (const column of labels === null ? [logits] : [logits, labels]) {
      const got = this.node(column.node).length;
      if (got !== rows) throw this.fail(`expected ${rows} rows in column "${column.name}", got ${got}`);
    }
    const bodyBytes = this.frame.length - this.bodyAt;
    const values = buffers[logits.valuesBuffer];
    for (const region of buffers) {
      const { offset, length } = region;
      if (offset < 0 || length < 0 || offset + length > bodyBytes) throw this.outside();
      if (values !== undefined && region !== values && overlap(region, values)) {
        throw this.fail(`column "${logits.name}" shares bytes with another`);
      }
    }
  }

  private node(node: number): Node {
    const found = this.header.nodes[node];
    if (found === undefined) throw this.fail('a column is missing');
    const { length, nullCount } = found;
    if (length < 0 || nullCount < 0 || nullCount > length) {
      throw this.fail(`expected a length and nulls of a column, got ${length} and ${nullCount}`);
    }
    return found;
  }

  private nulls(node: number): number {
    return this.node(node).nullCount;
  }

  /** Bit i is 0 where row i is missing; null where none is. A copy. */
  validity({ node, buffer }: Located): Uint8Array | null {
    return this.nulls(node) === 0 ? null : this.bytes(buffer, Math.ceil(this.rows / 8)).slice();
  }

  /** Nulls may lie in rows that are null themselves, and nowhere else. `startOf(rows)` is where the last row ends. */
  checkNoNulls(column: LogitsColumn, startOf: (row: number) => number, validity: Uint8Array | null): void {
    if (this.nulls(column.valuesNode) === 0) return;
    const bits = this.bytes(column.valuesBuffer - 1, Math.ceil(startOf(this.rows) / 8));
    for (let row = 0; row < this.rows; row++) {
      if (validity !== null && !bit(validity, row)) continue;
      for (let i = startOf(row), end = startOf(row + 1); i < end; i++) {
        if (!bit(bits, i)) throw this.fail(`row ${this.firstRow + row}: expected no null in a row of "${column.name}"`);
      }
    }
  }

  /** Where the elements of all rows begin, counted in f32 from the frame's first byte, and how many there are. */
  values({ valuesBuffer }: LogitsColumn): { start: number; count: number } {
    const bytes = this.bytes(valuesBuffer, 0);
    return { start: (bytes.byteOffset - this.frame.byteOffset) / 4, count: Math.floor(bytes.length / 4) };
  }

  /** Where each row begins among the elements, and how many it has. */
  lists({ offsetsBuffer, offsetBytes }: LogitsColumn, count: number): { starts: Float64Array; lengths: Float64Array } {
    const { rows } = this;
    // An empty column may have no offsets at all.
    const bytes = rows === 0 ? NO_BYTES : this.bytes(offsetsBuffer, offsetBytes * (rows + 1));
    const [starts, lengths] = [new Float64Array(rows), new Float64Array(rows)];
    if (rows === 0) return { starts, lengths };
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const offset = (i: number) =>
      offsetBytes === 4 ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true));
    let start = offset(0);
    for (let r = 0; r < rows; r++) {
      const end = offset(r + 1);
      if (start < 0 || end < start || end > count)
        throw this.fail(`row ${this.firstRow + r} lies outside of its column`);
      starts[r] = start;
      lengths[r] = end - start;
      start = end;
    }
    return { starts, lengths };
  }

  /** Class indices of every integer type. */
  labels({ node, buffer, name, type }: Located): Int32Array {
    if (this.nulls(node) > 0) throw this.fail(`expected no nulls in column "${name}"`);
    const { bitWidth, isSigned } = type as unknown as { bitWidth: 8 | 16 | 32 | 64; isSigned: boolean };
    const bytes = this.bytes(buffer + 1, (this.rows * bitWidth) / 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const read = {
      8: (i: number) => (isSigned ? view.getInt8(i) : view.getUint8(i)),
      16: (i: number) => (isSigned ? view.getInt16(2 * i, true) : view.getUint16(2 * i, true)),
      32: (i: number) => (isSigned ? view.getInt32(4 * i, true) : view.getUint32(4 * i, true)),
      64: (i: number) => Number(isSigned ? view.getBigInt64(8 * i, true) : view.getBigUint64(8 * i, true)),
    }[bitWidth];
    return Int32Array.from({ length: this.rows }, (_, r) => {
      const label = read(r);
      if ((label | 0) !== label)
        throw this.fail(`row ${this.firstRow + r}: expected the label to be an int32, got ${label}`);
      return label;
    });
  }

  private bytes(buffer: number, needed: number): Uint8Array {
    const region = this.header.buffers[buffer];
    if (region === undefined) throw this.fail('a column is missing');
    if (region.length < needed || region.offset % 4 !== 0) throw this.outside();
    const from = this.bodyAt + region.offset;
    return this.frame.subarray(from, from + region.length);
  }

  private outside(): FileError {
    return this.fail('a column lies outside of the batch');
  }
}

function overlap(a: Region, b: Region): boolean {
  return a.length > 0 && b.length > 0 && a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

function bit(bits: Uint8Array, i: number): boolean {
  return ((bits[i >> 3]! >> (i & 7)) & 1) === 1;
}
