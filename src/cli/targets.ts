import { checkOrder, rowShapeOf, withCols } from './array-layout.js';
import type { Block } from './block.js';
import { CommandError, FileError } from './errors.js';
import { NpyFile } from './npy-file.js';
import type { RowReader } from './rows.js';
import { formatShape, sameShape } from './shape.js';

/** Class indices or probabilities in a .npy, read row by row beside the logits. */
export class Targets {
  private read = 0;

  private constructor(
    private readonly file: NpyFile,
    private readonly reader: RowReader,
  ) {}

  static async open(path: string, reader: RowReader): Promise<Targets> {
    const file = await NpyFile.openPath(path);
    const targets = new Targets(file, reader);
    try {
      targets.checkShape();
      await file.skip(reader.from * targets.elementsPerRow);
      return targets;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get name(): string {
    return this.file.name;
  }

  get areLabels(): boolean {
    return this.file.type !== 'float';
  }

  /** How many rows there are targets for. */
  get rows(): number {
    return this.file.shape[0] === undefined ? 1 : this.file.elements / this.elementsPerRow;
  }

  private get elementsPerRow(): number {
    return this.areLabels ? 1 : this.reader.cols!;
  }

  /** Class indices in the shape of the rows, or probabilities in the shape of the logits. */
  private checkShape(): void {
    const { reader, file, areLabels } = this;
    const { shape, name } = file;
    if (!areLabels && reader.cols === null) {
      throw new FileError(name, 'expected class indices for rows that each have their own length, got floats');
    }
    const logits = reader.layout ?? {
      shape: [reader.allRows ?? shape[0] ?? 1, reader.cols ?? 1],
      axis: 1,
      fortran: false,
    };
    // One a row may have kept the axis of the classes, as with NumPy's keepdims.
    const rowShapes = [rowShapeOf(logits), withCols(logits, 1)];
    const expected = areLabels ? rowShapes : [logits.shape];
    if (file.type !== 'bytes' && expected.some((one) => sameShape(one, shape))) return checkOrder(file, logits);
    const what = areLabels ? 'class indices' : 'probabilities';
    const got = file.type === 'bytes' ? file.typeName : formatShape(shape);
    const hint = !areLabels && sameShape(rowShapes[0]!, shape) ? ' (class indices are integers)' : '';
    throw new FileError(
      name,
      `expected ${what} of shape ${formatShape(expected[0]!)} for these logits, got ${got}${hint}`,
    );
  }

  /** Reads the targets of the block's rows. */
  async fill(block: Block): Promise<void> {
    const { file } = this;
    if (this.read + block.rows > this.rows) throw this.wrongCount(`more than ${this.read + block.rows - 1} rows`);
    this.read += block.rows;
    if (!this.areLabels) {
      const elements = block.rows * this.reader.cols!;
      block.growProbs();
      await file.readFloats(block.probs.subarray(0, elements));
      return;
    }
    if (block.labels.length < block.rows) block.labels = new Int32Array(block.scalars.length);
    await file.readInt32(block.labels.subarray(0, block.rows));
  }

  /** After the last row: none must be left over. */
  async end(): Promise<void> {
    const { reader } = this;
    if (reader.allRows === undefined && this.read !== this.rows) throw this.wrongCount(`${this.read} rows`);
    if (reader.allRows === undefined || reader.from + this.read === reader.allRows) await this.file.end();
  }

  /** An element of these targets, as messages name it; `row` is counted from the first that is read. */
  nameOf(row: number): string {
    return this.file.elementName(this.reader.from + row);
  }

  /** What the mean divides by, from all targets: the kept rows or the sum of their weights. */
  async divisor(path: string, cols: number, ignoreIndex: number, weights: Float32Array | undefined): Promise<number> {
    if (!this.areLabels) return this.rows;
    if (!this.file.isFile) {
      throw new CommandError(
        `${this.name}: expected a file, as the divisor of the mean is counted before the first row`,
      );
    }
    const file = await NpyFile.openPath(path);
    const part = new Int32Array(65536);
    let sum = 0;
    try {
      for (let left = this.rows; left > 0; left -= part.length) {
        const labels = part.subarray(0, Math.min(left, part.length));
        await file.readInt32(labels);
        for (const label of labels) sum += weightOf(label, cols, ignoreIndex, weights);
      }
      return sum;
    } finally {
      await file.close();
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private wrongCount(got: string): FileError {
    return new FileError(this.name, `expected targets for every row, got ${this.rows} for ${got}`);
  }
}

/** What a row with this label adds to the divisor; labels that are no class are found when their row is computed. */
export function weightOf(label: number, cols: number, ignoreIndex: number, weights: Float32Array | undefined): number {
  if (label === ignoreIndex || label < 0 || label >= cols) return 0;
  return weights === undefined ? 1 : weights[label]!;
}
