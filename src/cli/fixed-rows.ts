import { bytesOf, type Block } from './block.js';
import type { ByteOutput } from './output-file.js';
import type { ResultShape, RowReader, RowWriter } from './rows.js';

/** Rows of one length, and which part of all rows they are. */
type FixedRows = Pick<RowReader, 'from' | 'rows' | 'allRows'> & { readonly cols: number };

/** Results of rows of one length, back to back as they lie in the block. */
export class FixedRowWriter implements RowWriter {
  /** `head` is what comes before all rows. */
  static async open(output: ByteOutput, shape: ResultShape, rows: FixedRows, head: Uint8Array): Promise<RowWriter> {
    const { cols, from, rows: own = 0, allRows = own } = rows;
    const rowBytes = 4 * (shape === 'row' ? cols : 1);
    if (output.place === undefined) await output.write(head);
    else await output.place({ head, before: from * rowBytes, own: own * rowBytes, all: allRows * rowBytes });
    return new FixedRowWriter(output, shape, cols);
  }

  private constructor(
    private readonly output: ByteOutput,
    private readonly shape: ResultShape,
    private readonly cols: number,
  ) {}

  write({ values, scalars, rows }: Block): Promise<void> {
    return this.output.write(this.shape === 'row' ? bytesOf(values, rows * this.cols) : bytesOf(scalars, rows));
  }

  end(): Promise<void> {
    return this.output.commit();
  }
}
