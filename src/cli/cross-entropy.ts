import type { CrossEntropyOptions, Targets as LibraryTargets } from '../index.js';
import { checkArguments } from './arguments.js';
import type { Block, Run } from './block.js';
import { openInput } from './byte-input.js';
import type { Compute } from './compute.js';
import { CommandError, FileError, usageError } from './errors.js';
import { checkOutputs, commonOptions, fileName, numberFlag, type CROSS_ENTROPY_FLAGS, type Flags } from './flags.js';
import { formatShape, type RowReader } from './format.js';
import { runJob, type Output } from './job.js';
import { NpyFile } from './npy-file.js';
import { Targets, weightOf } from './targets.js';

type CrossEntropyFlags = Flags<typeof CROSS_ENTROPY_FLAGS>;

const IGNORE_INDEX = -100;

/** Prints the reduced loss, unless standard output has other use; writes row losses with -o and dlogits with --grad. */
export async function runCrossEntropy(flags: CrossEntropyFlags): Promise<void> {
  const { op, values } = flags;
  const options = optionsOf(flags);
  checkArguments(op, (scalar) => scalar.crossEntropy(new Float32Array(0), new Int32Array(0), 1, options));
  const outputs: Output[] = [];
  if (values.output !== undefined) outputs.push({ path: values.output, shape: 'scalar' });
  if (values.grad !== undefined) outputs.push({ path: values.grad, shape: 'row' });
  const common = commonOptions(flags, values.targets === undefined, values['target-column']);
  const inputs = [common.input, values.targets, values['class-weights']].filter((path) => path !== undefined);
  checkOutputs(op, outputs, common.format, inputs);
  if (values.targets === undefined && (common.format === 'npy' || common.format === 'f32')) {
    throw usageError(op, 'expected --targets with a .npy of class indices or probabilities');
  }
  const streamed = new CrossEntropy(flags, options, common.shard !== null);
  const toStdout = outputs.some(({ path }) => path === '-');
  await runJob(op, common, {
    outputs,
    extraValues: 1,
    start: (compute, reader) => streamed.start(compute, reader),
    read: (block) => streamed.read(block),
    end: () => streamed.end(),
    report: () => {
      if (toStdout) {
        if (!common.quiet) process.stderr.write(`${op}: loss ${streamed.loss}\n`);
      } else process.stdout.write(`${streamed.loss}\n`);
    },
    close: () => streamed.close(),
  });
}

function optionsOf({ op, values }: CrossEntropyFlags): CrossEntropyOptions & { reduction: 'mean' | 'sum' } {
  const { reduction = 'mean' } = values;
  if (reduction === 'none') throw usageError(op, 'expected --reduction to be mean or sum (-o writes the row losses)');
  if (reduction !== 'mean' && reduction !== 'sum') {
    throw usageError(op, `expected --reduction to be mean or sum, got ${JSON.stringify(reduction)}`);
  }
  return {
    reduction,
    ignoreIndex: numberFlag(op, 'ignore-index', values['ignore-index']),
    labelSmoothing: numberFlag(op, 'label-smoothing', values['label-smoothing']),
    zLoss: numberFlag(op, 'z-loss', values['z-loss']),
    scale: numberFlag(op, 'scale', values.scale),
    temperature: numberFlag(op, 'temperature', values.temperature),
  };
}

/**
 * Cross-entropy of rows that come in parts: the bits are those of one call over all of them. Row losses are summed in row
 * order; what 'mean' divides by belongs to all rows, so the gradient needs it beforehand.
 */
class CrossEntropy {
  private readonly options: CrossEntropyOptions;
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
    private readonly flags: CrossEntropyFlags,
    options: CrossEntropyOptions,
    private readonly isShard: boolean,
  ) {
    this.mean = options.reduction === 'mean';
    this.ignoreIndex = options.ignoreIndex ?? IGNORE_INDEX;
    this.options = options;
  }

  async start(threads: Compute, reader: RowReader): Promise<(block: Block) => Promise<void>> {
    const { op, values } = this.flags;
    this.threads = threads;
    this.reader = reader;
    if (values['class-weights'] !== undefined) {
      if (reader.cols === null)
        throw usageError(op, 'expected no --class-weights with rows that each have their own length');
      this.weights = await loadWeights(fileName(op, values['class-weights']), reader.cols);
    }
    if (values.targets !== undefined) this.targets = await Targets.open(fileName(op, values.targets), reader);
    const { targets } = this;
    const beforehand = (this.mean && (values.grad !== undefined || this.isShard)) || this.weights !== undefined;
    if (beforehand) {
      if (targets === null) {
        throw usageError(
          op,
          'expected --reduction sum with --grad, as the divisor of the mean is not known before the last row',
        );
      }
      this.divisor = await targets.divisor(values.targets!, reader.cols ?? Infinity, this.ignoreIndex, this.weights);
      if (values.grad !== undefined && !Number.isFinite(this.divisor)) {
        throw new CommandError(
          `${values['class-weights']}: expected weights whose sum over the targets is finite, got ${this.divisor}`,
        );
      }
    }
    return (block) => this.compute(block);
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

  get loss(): number {
    return this.mean ? this.sum / (this.divisor ?? this.divisorSoFar) : this.sum;
  }

  private async compute(block: Block): Promise<void> {
    for (const run of block.runs) await this.computeRun(block, run);
    for (let r = 0; r < block.rows; r++) this.sum += block.scalars[r]!;
  }

  private async computeRun(block: Block, run: Run): Promise<void> {
    const { row, element, rows, cols } = run;
    const logits = block.values.subarray(element, element + rows * cols);
    const losses = block.scalars.subarray(row, row + rows);
    const labels = this.targets === null || this.targets.areLabels ? block.labels.subarray(row, row + rows) : null;
    const counted = labels === null ? rows : this.count(block, run, labels);
    this.divisorSoFar += counted;
    if (cols === 0) return void losses.fill(0);
    if (this.divisor === 0) {
      losses.fill(0);
      logits.fill(0);
    } else if (counted === 0 && labels !== null && this.weights !== undefined) {
      await this.computeWeightless(logits, labels, cols, losses);
    } else {
      await this.call(logits, labels ?? block.probs.subarray(element, element + rows * cols), cols, losses);
    }
  }

  /** Loss and gradient in one pass, each with its own scale: the row losses are not divided. */
  private async call(logits: Float32Array, targets: LibraryTargets, cols: number, losses: Float32Array) {
    const divisor = this.mean ? (this.divisor ?? 1) : 1;
    const options = { ...this.options, reduction: 'mean', divisor, classWeights: this.weights, losses } as const;
    const { functions } = this.threads;
    if (this.flags.values.grad === undefined) await functions.crossEntropy(logits, targets, cols, options);
    else await functions.crossEntropyWithGrad(logits, targets, cols, { ...options, out: logits });
  }

  /** The library makes rows whose weights sum to 0 all 0. Of all rows they do not, which one more row tells it. */
  private async computeWeightless(logits: Float32Array, labels: Int32Array, cols: number, losses: Float32Array) {
    const some = this.weights!.findIndex((weight, label) => weight !== 0 && label !== this.ignoreIndex);
    const moreLogits = new Float32Array(logits.length + cols);
    moreLogits.set(logits);
    const moreLabels = new Int32Array(labels.length + 1);
    moreLabels.set(labels);
    moreLabels[labels.length] = some;
    const moreLosses = new Float32Array(losses.length + 1);
    await this.call(moreLogits, moreLabels, cols, moreLosses);
    logits.set(moreLogits.subarray(0, logits.length));
    losses.set(moreLosses.subarray(0, losses.length));
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
    if (this.targets === null) throw new FileError(this.reader.name, `expected the label of row ${row} ${rule}`);
    throw new FileError(this.targets.name, `expected element ${this.targets.nameOf(row)} ${rule}`);
  }
}

async function loadWeights(path: string, cols: number): Promise<Float32Array> {
  const file = await NpyFile.open(await openInput(path));
  try {
    if (formatShape(file.shape) !== formatShape([cols])) {
      throw new FileError(
        path,
        `expected class weights of shape ${formatShape([cols])}, got ${formatShape(file.shape)}`,
      );
    }
    file.expectFloats();
    const weights = new Float32Array(cols);
    await file.readFloats(weights);
    await file.end();
    return weights;
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(`${path}: ${error.message}`, 1);
    throw error;
  } finally {
    await file.close();
  }
}
