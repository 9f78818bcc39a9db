import type { Schema } from 'apache-arrow';
import { Batch } from './arrow-batch.js';
import type { Arrow } from './arrow-layout.js';
import { problemOfMetadata } from './arrow-metadata.js';
import { bytesOf, type Block } from './block.js';
import type { ByteInput } from './byte-input.js';
import { FileError } from './errors.js';
import { BLOCK_BYTES } from './rows.js';

// The format: https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format

const PREFIX_BYTES = 8;
/** What claims to have longer metadata is no message: a column takes some hundred bytes. */
const MOST_METADATA_BYTES = 1 << 24;
/** Older streams lay their buffers out in another way. */
const OLDEST_VERSION = 3; // V4

type Message = ReturnType<Arrow['Message']['decode']>;

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
      const before = room(block, used, bodyAt);
      before.set(prefix, used);
      before.set(metadata, used + PREFIX_BYTES);
      const frame = await this.readBody(block, bodyAt, end);
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
    if (length === 0) {
      // Of a pipe nobody knows whether more will come.
      const left = this.input.size === null ? 0 : this.input.size - this.bytes - PREFIX_BYTES;
      if (left > 0) throw this.fail(`expected nothing behind the end of the stream, got ${left} bytes`);
      return null;
    }
    if (length < 0 || length > MOST_METADATA_BYTES) throw this.fail(`expected metadata, got ${length} bytes of them`);
    const metadata = new Uint8Array(length);
    await this.fill(metadata);
    return { message: this.decode(metadata), metadata };
  }

  private decode(metadata: Uint8Array): Message {
    const problem = problemOfMetadata(metadata);
    if (problem !== null) throw this.fail(`corrupt metadata: ${problem}`);
    let message: Message;
    try {
      message = this.arrow.Message.decode(metadata);
      message.header();
    } catch (error) {
      // Its own errors are texts for people.
      const known = error instanceof Error && error.constructor === Error;
      throw this.fail(`corrupt metadata: ${known ? error.message : 'something that apache-arrow cannot read'}`);
    }
    const version: number = message.version;
    if (version < OLDEST_VERSION) throw this.fail('expected metadata of version 4 or 5');
    if (!(message.bodyLength >= 0)) throw this.fail(`expected a body, got ${message.bodyLength} bytes of it`);
    const header: unknown = message.header();
    const batch = message.isDictionaryBatch() ? message.header().data : header;
    if ((batch as { compression?: unknown }).compression) {
      throw this.fail(
        'expected an uncompressed stream (pyarrow: IpcWriteOptions(compression=None); polars: compression="uncompressed"; ClickHouse: output_format_arrow_compression_method=\'none\')',
      );
    }
    return message;
  }

  /** Reads bytes [from, to) of the block, in a larger one where they need it: of a pipe no more than has come. */
  private async readBody(block: Block, from: number, to: number): Promise<Uint8Array> {
    let frame = bytesOf(block.values);
    for (let have = from, next; have < to; have = next) {
      next = this.input.size === null ? Math.min(to, Math.max(2 * have, frame.length, BLOCK_BYTES)) : to;
      frame = room(block, have, next);
      await this.fill(frame.subarray(have, next));
    }
    return frame;
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
