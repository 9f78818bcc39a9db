import { openArray } from './array-input.js';
import { Block, type ResultRoom } from './block.js';
import { openInput } from './byte-input.js';
import { openCompute, type Compute } from './compute.js';
import { CommandError, FileError } from './errors.js';
import { formatOf } from './formats.js';
import { partFilesOf, type JobOptions } from './job-options.js';
import { openOutput, type ByteOutput } from './output-file.js';
import { checkJoin, type Output } from './outputs.js';
import { JointOutput } from './joint-output.js';
import { planOf } from './plan.js';
import { pipeline } from './pipeline.js';
import { Progress } from './progress.js';
import type { RowReader, RowWriter } from './rows.js';
import { TakingPart } from './taking-part.js';

/** One is read, one computed, one written. */
const BLOCKS = 3;
/** Room that `alloc` may need to begin at a multiple of 16 bytes. */
const PADDING_BYTES = 64;

/** One of many may have been written by a run before. */
type AnyOutput = ByteOutput & { readonly complete?: boolean };

/** What an operation does with the rows; the rest is the same for all. */
export interface Job {
  readonly outputs: readonly Output[];
  /** Files that are read beside the rows, but for what says which columns take part. */
  readonly inputs?: readonly string[];
  /** More arrays as large as a block's logits than its own. */
  readonly extraValues?: number;
  /** Results that are not as long as the rows; one a row without it. */
  readonly room?: ResultRoom;
  /** Reads what goes with the rows into the block. */
  readonly read?: (block: Block) => Promise<void>;
  /** Called before any output is opened; returns what computes a block in place. */
  start(compute: Compute, reader: RowReader): Promise<(block: Block) => Promise<void>>;
  /** Called when all rows are computed, before the outputs get their names; a file beside the input ends here, too. */
  readonly end?: () => Promise<void>;
  /** Called when all is done. */
  readonly report?: () => void;
  readonly close?: () => Promise<void>;
}

/** Streams the rows of the input through the operation into the outputs. */
export async function runJob(op: string, options: JobOptions, job: Job): Promise<void> {
  checkJoin(job.outputs, options);
  const open = await formatOf(options.format);
  const input = await (options.format === 'npy' ? openArray(options.input, options.key) : openInput(options.input));
  const outputs: AnyOutput[] = [];
  let reader: RowReader | undefined;
  let part: TakingPart | undefined;
  let compute: Compute | undefined;
  let progress: Progress | undefined;
  try {
    reader = await open(input, options);
    part = await TakingPart.open(options, reader);
    compute = await openCompute(options.tier, options.threads, arenaBytesFor(reader, job));
    const computeBlock = await job.start(compute, reader);
    const blocks = makeBlocks(compute, reader, job);
    const writers = await openOutputs(op, options, job, compute, reader, outputs);
    if (job.report === undefined && outputs.every(({ complete }) => complete)) {
      // Whether all are is looked at again: the one that should have may have died of it.
      for (const output of outputs) await output.commit();
      return;
    }
    progress = new Progress(op, reader, options.quiet);
    await progress.start();
    await pipeline(blocks, {
      read: async (block, demand) => {
        if (!(await reader!.read(block, demand))) return false;
        await part!.fill(block);
        await job.read?.(block);
        return true;
      },
      compute: computeBlock,
      write: async (block) => {
        await Promise.all(writers.map((writer) => writer.write(block)));
        progress!.add(block);
      },
    });
    await part.end();
    await job.end?.();
    for (const writer of writers) await writer.end();
    progress.finish(compute);
    job.report?.();
  } catch (error) {
    progress?.clear();
    for (const output of outputs) await output.discard();
    throw error;
  } finally {
    await compute?.close();
    await part?.close();
    await job.close?.();
    await input.close();
  }
}

/** Opens the outputs one by one, so that whatever fails finds those before it in `outputs`. */
async function openOutputs(
  op: string,
  options: JobOptions,
  job: Job,
  { tier }: Compute,
  reader: RowReader,
  outputs: AnyOutput[],
) {
  const { join, shard, input } = options;
  const inputs = [input, ...partFilesOf(options), ...(job.inputs ?? [])].filter((name) => name !== '-');
  const plan = join === undefined ? null : await planOf(op, options, tier, inputs);
  const writers: RowWriter[] = [];
  for (const { path, result, text } of job.outputs) {
    const output = plan === null ? await openOutput(path) : await JointOutput.open(path, shard!, plan);
    outputs.push(output);
    writers.push(text === undefined ? await reader.writer(output, result) : text(output, reader));
  }
  return writers;
}

/** Room for all blocks; null where they grow. */
function arenaBytesFor(
  reader: RowReader,
  { extraValues = 0, room: { k = 1, indices = false } = {} }: Job,
): number | null {
  const { blockRows, cols, half } = reader;
  if (blockRows === undefined) return null;
  const elements = blockRows * (cols ?? 0) * (1 + extraValues + (half ? 0.5 : 0));
  return blocksFor(reader) * (4 * (elements + blockRows * k * (indices ? 2 : 1)) + PADDING_BYTES);
}

/** What is read in few blocks needs no more: one may be as large as the file. */
function blocksFor({ rows, blockRows }: RowReader): number {
  return rows === undefined || !blockRows ? BLOCKS : Math.min(Math.ceil(rows / blockRows), BLOCKS);
}

function makeBlocks({ memory }: Compute, reader: RowReader, { room }: Job): Block[] {
  const { input, cols, inner = 1, half, blockRows = 0 } = reader;
  try {
    return Array.from(
      { length: blocksFor(reader) },
      () => new Block(memory, blockRows * (cols ?? 0), blockRows, Boolean(half), room),
    );
  } catch (error) {
    // The smallest block is as long as the file, or who called, says that a row is.
    if (blockRows !== inner || !(error instanceof CommandError)) throw error;
    const elements = `${inner * cols!} elements (${4 * inner * cols!} bytes)`;
    const what = inner === 1 ? 'rows' : 'rows that lie side by side';
    throw new FileError(
      input.name,
      `expected ${what} that fit memory, got ${elements} in ${inner === 1 ? 'each' : 'all'}`,
    );
  }
}
