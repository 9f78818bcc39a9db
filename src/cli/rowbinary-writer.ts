import { bytesOf, type Block } from './block.js';
import type { ByteOutput } from './output-file.js';
import type { Result, RowWriter } from './rows.js';

/** The length of a row that is allowed takes five bytes at most. */
export const LENGTH_BYTES = 5;
/** Shorter rows are copied element by element: a view of them would cost more. */
export const FEW = 32;

/** Array(Float32) or Array(Int32), or one of them a row. */
export class RowBinaryWriter implements RowWriter {
  private bytes = new Uint8Array(0);

  constructor(
    private readonly output: ByteOutput,
    private readonly result: Result,
  ) {}

  async write(block: Block): Promise<void> {
    const array = block.arrayOf(this.result);
    const isRow = this.result.of === 'row';
    if (!isRow && this.result.k === undefined) return this.output.write(bytesOf(array, block.rows));
    let most = 0;
    for (const { rows, cols, width } of block.runs) most += rows * (LENGTH_BYTES + 4 * (isRow ? cols : width));
    if (this.bytes.length < most) this.bytes = new Uint8Array(most);
    await this.output.write(this.bytes.subarray(0, this.encode(block, array, isRow)));
  }

  private encode({ runs }: Block, array: Float32Array | Int32Array, isRow: boolean): number {
    const { bytes } = this;
    const view = new DataView(bytes.buffer);
    const words = new Int32Array(array.buffer, array.byteOffset, array.length);
    const source = bytesOf(array);
    let at = 0;
    for (const { element, rows, cols, result, width } of runs) {
      const count = isRow ? cols : width;
      for (let r = 0, start = isRow ? element : result; r < rows; r++, start += count) {
        let length = count;
        for (; length > 127; length >>>= 7) bytes[at++] = (length & 127) | 128;
        bytes[at++] = length;
        if (count < FEW) for (let i = 0; i < count; i++) view.setInt32(at + 4 * i, words[start + i]!, true);
        else bytes.set(source.subarray(4 * start, 4 * (start + count)), at);
        at += 4 * count;
      }
    }
    return at;
  }

  end(): Promise<void> {
    return this.output.commit();
  }
}
