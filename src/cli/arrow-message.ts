import type { Schema } from 'apache-arrow';
import type { Arrow, Located, LogitsColumn } from './arrow-layout.js';
import { bytesOf, type Block } from './block.js';
import type { ByteInput } from './byte-input.js';
import { FileError } from './errors.js';

// The format: https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format

const PREFIX_BYTES = 8;
/** What claims to have longer metadata is no message. */
const MOST_METADATA_BYTES = 1 << 26;

type Message = ReturnType<Arrow['Message']['decode']>;

interface Region {
  offset: number;
  length: number;
}

/** The messages of a stream, one after the other. */
export class MessageReader {
  /** For errors: messages and bytes before the current one. */
  private messages = 0;
  private bytes = 0;

  constructor(
    private readonly input: ByteInput,
    private readonly arrow: Arrow,
  ) {}

  /** The first message, with the bytes that it came in. */
  async readSchema(): Promise<{ schema: Schema; frame: Uint8Array }> {
    const prefix = new Uint8Array(PREFIX_BYTES);
    const message = await this.readHead(prefix);
    if (message === null || !message.message.isSchema()) {
      throw this.fail('expected an Arrow IPC stream, which begins with a schema');
    }
    const frame = new Uint8Array(PREFIX_BYTES + message.metadata.length);
    frame.set(prefix);
    frame.set(message.metadata, PREFIX_BYTES);
    this.next(frame.length);
    return { schema: message.message.header(), frame };
  }

  /**
   * Reads a record batch, with the dictionaries before it, into the block's memory: `values` spans all bytes, `frame` is
   * what is to be written. Null at the end. `firstRow` is the number of its first row in the stream.
   */
  async readBatch(block: Block, firstRow: number): Promise<Batch | null> {
    let used = 0;
    for (;;) {
      const prefix = new Uint8Array(PREFIX_BYTES);
      const head = await this.readHead(prefix);
      if (head === null) return null;
      const { message, metadata } = head;
      const bodyAt = used + PREFIX_BYTES + metadata.length;
      const end = bodyAt + message.bodyLength;
      if (bodyAt % 8 !== 0)
        throw this.fail(`expected a body at a multiple of 8 bytes, got one behind ${metadata.length}`);
      const left = this.input.size === null ? Infinity : this.input.size - this.bytes - (bodyAt - used);
      if (message.bodyLength > left) throw this.truncated();
      const frame = room(block, used, end);
      frame.set(prefix, used);
      frame.set(metadata, used + PREFIX_BYTES);
      await this.fill(frame.subarray(bodyAt, end));
      this.next(end - used);
      used = end;
      if (message.isDictionaryBatch()) continue;
      if (!message.isRecordBatch()) throw this.fail('expected a record batch or a dictionary');
      block.frame = frame.subarray(0, end);
      return new Batch(message.header(), block.frame, bodyAt, firstRow, (problem) =>
        this.fail(problem, this.messages - 1),
      );
    }
  }

  /** What comes before a message's body; null at the end of the stream, which may be said or not. */
  private async readHead(prefix: Uint8Array): Promise<{ message: Message; metadata: Uint8Array } | null> {
    const got = await this.input.read(prefix);
    if (got === 0) return null;
    const text = String.fromCharCode(...prefix.subarray(0, 6));
    if (text === 'ARROW1') throw this.fail('expected an Arrow IPC stream, got an Arrow file (write it as a stream)');
    const view = new DataView(prefix.buffer);
    if (got >= 4 && view.getInt32(0, true) !== -1) {
      throw this.fail(`expected an Arrow IPC stream of version 0.15 or later, got ${JSON.stringify(text)}`);
    }
    if (got < prefix.length) throw this.truncated();
    const length = view.getInt32(4, true);
    if (length === 0) return null;
    if (length < 0 || length > MOST_METADATA_BYTES) throw this.fail(`expected metadata, got ${length} bytes of them`);
    const metadata = new Uint8Array(length);
    await this.fill(metadata);
    return { message: this.decode(metadata), metadata };
  }

  private decode(metadata: Uint8Array): Message {
    let message: Message;
    try {
      message = this.arrow.Message.decode(metadata);
      message.header();
    } catch (error) {
      throw this.fail(`corrupt metadata (${(error as Error).message})`);
    }
    const header: unknown = message.header();
    const batch = message.isDictionaryBatch() ? message.header().data : header;
    if ((batch as { compression?: unknown }).compression) {
      throw this.fail(
        'expected an uncompressed stream (pyarrow: IpcWriteOptions(compression=None); polars: compression="uncompressed"; ClickHouse: output_format_arrow_compression_method=\'none\')',
      );
    }
    if (!(message.bodyLength >= 0)) throw this.fail(`expected a body, got ${message.bodyLength} bytes of it`);
    return message;
  }

  private async fill(bytes: Uint8Array): Promise<void> {
    if ((await this.input.read(bytes)) < bytes.length) throw this.truncated();
  }

  private next(bytes: number): void {
    this.messages++;
    this.bytes += bytes;
  }

  private truncated(): FileError {
    return this.fail(`truncated: the data end inside of it`);
  }

  private fail(problem: string, message = this.messages): FileError {
    return new FileError(this.input.name, `message ${message}, before byte ${this.bytes}: ${problem}`);
  }
}

/** The block's memory as bytes, made to hold `needed` of them; the first `used` are kept. */
function room(block: Block, used: number, needed: number): Uint8Array {
  block.growValues(Math.ceil(needed / 8) * 2, Math.ceil(used / 4));
  return bytesOf(block.values);
}

/** One record batch in the bytes of a frame. */
export class Batch {
  constructor(
    private readonly header: {
      length: number;
      nodes: readonly { length: number; nullCount: number }[];
      buffers: readonly Region[];
    },
    private readonly frame: Uint8Array,
    private readonly bodyAt: number,
    private readonly firstRow: number,
    readonly fail: (problem: string) => FileError,
  ) {}

  get rows(): number {
    return this.header.length;
  }

  nulls(node: number): number {
    const found = this.header.nodes[node];
    if (found === undefined) throw this.fail('a column is missing');
    return found.nullCount;
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
    const [starts, lengths] = [new Float64Array(rows), new Float64Array(rows)];
    if (rows === 0) return { starts, lengths };
    const bytes = this.bytes(offsetsBuffer, offsetBytes * (rows + 1));
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
    const bodyBytes = this.frame.length - this.bodyAt;
    if (region === undefined) throw this.fail('a column is missing');
    if (
      region.offset < 0 ||
      region.length < needed ||
      region.offset + region.length > bodyBytes ||
      region.offset % 4 !== 0
    ) {
      throw this.fail(`a column lies outside of the batch`);
    }
    return this.frame.subarray(this.bodyAt + region.offset, this.bodyAt + region.offset + region.length);
  }
}

function bit(bits: Uint8Array, i: number): boolean {
  return ((bits[i >> 3]! >> (i & 7)) & 1) === 1;
}
