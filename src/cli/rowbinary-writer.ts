import { bytesOf, type Block } from './block.js';
import type { ByteOutput } from './output-file.js';
import type { ResultShape, RowWriter } from './rows.js';

/** The length of a row that is allowed takes five bytes at most. */
export const LENGTH_BYTES = 5;
/** Shorter rows are copied element by element: a view of them would cost more. */
export const FEW = 32;

/** Array(Float32), or Float32. */
export class RowBinaryWriter implements RowWriter {
  private bytes = new Uint8Array(0);

  constructor(
    private readonly output: ByteOutput,
    private readonly shape: ResultShape,
  ) {}

  async write(block: Block): Promise<void> {
    if (this.shape === 'scalar') return this.output.write(bytesOf(block.scalars, block.rows));
    let most = 0;
    for (const { rows, cols } of block.runs) most += rows * (LENGTH_BYTES + 4 * cols);
    if (this.bytes.length < most) this.bytes = new Uint8Array(most);
    await this.output.write(this.bytes.subarray(0, this.encode(block)));
  }

  private encode({ runs, values }: Block): number {
    const { bytes } = this;
    const view = new DataView(bytes.buffer);
    const words = new Int32Array(values.buffer, values.byteOffset, values.length);
    const source = bytesOf(values);
    let at = 0;
    for (const { element, rows, cols } of runs) {
      for (let r = 0, start = element; r < rows; r++, start += cols) {
        let length = cols;
        for (; length > 127; length >>>= 7) bytes[at++] = (length & 127) | 128;
        bytes[at++] = length;
        if (cols < FEW) for (let i = 0; i < cols; i++) view.setInt32(at + 4 * i, words[start + i]!, true);
        else bytes.set(source.subarray(4 * start, 4 * (start + cols)), at);
        at += 4 * cols;
      }
    }
    return at;
  }

  end(): Promise<void> {
    return this.output.commit();
  }
}
