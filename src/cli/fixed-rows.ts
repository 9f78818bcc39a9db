import { bytesOf, type Block } from './block.js';
import type { ByteOutput } from './output-file.js';
import type { Result, RowReader, RowWriter } from './rows.js';

/** Rows of one length, and which part of all rows they are. */
type FixedRows = Pick<RowReader, 'from' | 'rows' | 'allRows' | 'inner'> & { readonly cols: number };

/** Results of rows of one length, back to back as they lie in the block. */
export class FixedRowWriter implements RowWriter {
  /** `head` is what comes before all rows. */
  static async open(output: ByteOutput, result: Result, rows: FixedRows, head: Uint8Array): Promise<RowWriter> {
    const { cols, from, rows: own = 0, allRows = own, inner = 1 } = rows;
    const width = result.of === 'row' ? cols : (result.k ?? 1);
    const rowBytes = 4 * width;
    if (output.place === undefined) await output.write(head);
    else await output.place({ head, before: from * rowBytes, own: own * rowBytes, all: allRows * rowBytes });
    return new FixedRowWriter(output, result, width, result.of === 'row' ? 1 : inner);
  }

  private constructor(
    private readonly output: ByteOutput,
    private readonly result: Result,
    private readonly width: number,
    /** Rows that lie side by side, where the results of each lie together. */
    private readonly inner: number,
  ) {}

  write(block: Block): Promise<void> {
    const { result, width, inner } = this;
    const elements = block.arrayOf(result).subarray(0, block.rows * width);
    return this.output.write(bytesOf(inner === 1 || width === 1 ? elements : sideBySide(elements, inner, width)));
  }

  end(): Promise<void> {
    return this.output.commit();
  }
}

/** Of [outer, inner, width] as [outer, width, inner]: as the rows themselves lie. */
function sideBySide<T extends Float32Array | Int32Array>(elements: T, inner: number, width: number): T {
  const out = elements.slice() as T;
  for (let outer = 0; outer < elements.length; outer += inner * width) {
    for (let i = 0; i < inner; i++) {
      for (let j = 0; j < width; j++) out[outer + j * inner + i] = elements[outer + i * width + j]!;
    }
  }
  return out;
}
