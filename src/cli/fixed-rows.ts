import { bytesOf, type Block } from './block.js';
import type { ByteOutput } from './output-file.js';
import type { ResultShape, RowWriter } from './rows.js';

/** Results of rows of one length, back to back as they lie in the block. */
export class FixedRowWriter implements RowWriter {
  constructor(
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
