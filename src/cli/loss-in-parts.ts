import type { CrossEntropyOptions, Targets as LibraryTargets } from '../index.js';
import type { Block, Run } from './block.js';
import type { Compute } from './compute.js';
import { FileError, UsageError } from './errors.js';
import type { Values } from './flag.js';
import type { CROSS_ENTROPY } from './flags.js';
import type { Job } from './job.js';
import { NpyFile } from './npy-file.js';
import type { Output } from './outputs.js';
import type { RowReader } from './rows.js';
import { formatShape } from './shape.js';
import { Targets, weightOf } from './targets.js';

const IGNORE_INDEX = -100;

/**
 * Cross-entropy of rows that come in parts: the bits are those of one call over all of them. Row losses are summed in row
 * order; what 'mean' divides by belongs to all rows, so the gradient needs it beforehand.
 */
export class LossInParts implements Job {
  readonly extraValues = 1;
  readonly inputs: readonly string[];
  private readonly mean: boolean;
  private readonly ignoreIndex: number;
  private threads!: Compute;
  private reader!: RowReader;
  private targets: Targets | null = null;
  private weights: Float32Array | undefined;
  /** Of all rows, where it is known before them. */
  private divisor: number | null = null;
  /** Of the rows so far. */
  private sum = 0;
  private divisorSoFar = 0;

  constructor(
    readonly outputs: readonly Output[],
    private readonly values: Values<typeof CROSS_ENTROPY>,
    private readonly options: CrossEntropyOptions,
  ) {
    this.inputs = [values.targets, values['class-weights']].filter((name) => name !== undefined);
    this.mean = values.reduction !== 'sum';
    this.ignoreIndex = options.ignoreIndex ?? IGNORE_INDEX;
  }

  async start(threads: Compute, reader: RowReader): Promise<(block: Block) => Promise<void>> {
    const { targets, 'class-weights': weights, grad, shard } = this.values;
    this.threads = threads;
    this.reader = reader;
    if (weights !== undefined) {
      if (reader.cols === null) {
        throw new UsageError('expected no --class-weights with rows that each have their own length');
      }
      this.weights = await loadWeights(weights, reader.cols);
    }
    if (targets !== undefined) this.targets = await Targets.open(targets, reader);
    const beforehand = this.mean && (grad !== undefined || shard !== undefined);
    if (beforehand || weights !== undefined) this.divisor = await this.countAll();
    return (block) => this.compute(block);
  }

  private async countAll(): Promise<number> {
    const { targets, 'class-weights': weights, grad } = this.values;
    if (targets === undefined) {
      const why = 'as the divisor of the mean is not known before the last row';
      throw new UsageError(`expected --reduction sum with --grad, ${why}`);
    }
    const cols = this.reader.cols ?? Infinity;
    const divisor = await this.targets!.divisor(targets, cols, this.ignoreIndex, this.weights);
    if (this.mean && grad !== undefined && !Number.isFinite(divisor)) {
      throw new FileError(weights!, `expected weights whose sum over the targets is finite, got ${divisor}`);
    }
    return divisor;
  }

  async read(block: Block): Promise<void> {
    await this.targets?.fill(block);
  }

  async end(): Promise<void> {
    await this.targets?.end();
  }

  async close(): Promise<void> {
    await this.targets?.close();
  }

  /** Prints the reduced loss, on standard error where standard output has other use. */
  report(): void {
    const loss = this.mean ? this.sum / (this.divisor ?? this.divisorSoFar) : this.sum;
    if (!this.outputs.some(({ path }) => path === '-')) process.stdout.write(`${loss}\n`);
    else if (!this.values.quiet) process.stderr.write(`cross-entropy: loss ${loss}\n`);
  }

  private async compute(block: Block): Promise<void> {
    for (const run of block.runs) await this.computeRun(block, run);
    for (let r = 0; r < block.rows; r++) this.sum += block.scalars[r]!;
  }

  private async computeRun(block: Block, run: Run): Promise<void> {
    const { row, element, rows, cols } = run;
    const losses = block.scalars.subarray(row, row + rows);
    const labels = this.targets === null || this.targets.areLabels ? block.labels.subarray(row, row + rows) : null;
    this.divisorSoFar += labels === null ? rows : this.count(block, run, labels);
    if (cols === 0) return void losses.fill(0);
    if (this.divisor === 0) {
      losses.fill(0);
      block.resultsOf(run, 'row').fill(0);
    } else {
      await this.call(block, run, labels ?? block.probs.subarray(element, element + rows * cols), losses);
    }
  }

  /**
   * Loss and gradient in one pass, each with its own scale: the row losses are not divided. A divisor is always given, as
   * rows that come in parts count as they do in the whole, whatever is in the part.
   */
  private async call(block: Block, run: Run, targets: LibraryTargets, losses: Float32Array) {
    const options = { ...this.options, ...block.layout, classWeights: this.weights, losses, divisor: 1 };
    const { functions } = this.threads;
    const logits = block.logitsOf(run);
    if (this.values.grad === undefined) {
      await functions.crossEntropy(logits, targets, run.cols, options);
    } else {
      const divisor = this.mean ? this.divisor! : 1;
      const out = block.resultsOf(run, 'row');
      await functions.crossEntropyWithGrad(logits, targets, run.cols, { ...options, divisor, out });
    }
  }

  /** What the rows of a run add to the divisor. Throws a FileError for the first label that is no class. */
  private count(block: Block, { row, rows, cols }: Run, labels: Int32Array): number {
    const { ignoreIndex, weights } = this;
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      const label = labels[r]!;
      if (label !== ignoreIndex && (label < 0 || label >= cols)) this.failLabel(block.first + row + r, label, cols);
      sum += weightOf(label, cols, ignoreIndex, weights);
    }
    return sum;
  }

  private failLabel(row: number, label: number, cols: number): never {
    const rule = `to be in [0, ${cols}) or --ignore-index ${this.ignoreIndex}, got ${label}`;
    if (this.targets === null) throw new FileError(this.reader.input.name, `expected the label of row ${row} ${rule}`);
    throw new FileError(this.targets.name, `expected element ${this.targets.nameOf(row)} ${rule}`);
  }
}

async function loadWeights(path: string, cols: number): Promise<Float32Array> {
  const file = await NpyFile.openPath(path);
  try {
    const [want, got] = [formatShape([cols]), formatShape(file.shape)];
    if (got !== want) throw new FileError(path, `expected class weights of shape ${want}, got ${got}`);
    file.expectFloats();
    const weights = new Float32Array(cols);
    await file.readFloats(weights);
    await file.end();
    return weights;
  } catch (error) {
    if (error instanceof RangeError) throw new FileError(path, `expected weights that fit memory, got ${cols} of them`);
    throw error;
  } finally {
    await file.close();
  }
}
