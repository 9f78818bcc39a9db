import { Block } from './block.js';
import { openInput } from './byte-input.js';
import { openCompute, type Compute } from './compute.js';
import { CommandError, FileError } from './errors.js';
import { formatOf } from './formats.js';
import type { JobOptions } from './job-options.js';
import { openOutput, type ByteOutput } from './output-file.js';
import type { Output } from './outputs.js';
import { pipeline } from './pipeline.js';
import { Progress } from './progress.js';
import type { RowReader, RowWriter } from './rows.js';

/** One is read, one computed, one written. */
const BLOCKS = 3;
/** Room that `alloc` may need to begin at a multiple of 16 bytes. */
const PADDING_BYTES = 64;

/** What an operation does with the rows; the rest is the same for all. */
export interface Job {
  readonly outputs: readonly Output[];
  /** More arrays as large as a block's logits than its own. */
  readonly extraValues?: number;
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
  const open = await formatOf(options.format);
  const input = await openInput(options.input);
  const outputs: ByteOutput[] = [];
  let reader: RowReader | undefined;
  let compute: Compute | undefined;
  let progress: Progress | undefined;
  try {
    reader = await open(input, options);
    const rows = reader.blockRows ?? 0;
    const elements = rows * (reader.cols ?? 0);
    const blockBytes = 4 * (elements * (1 + (job.extraValues ?? 0)) + rows) + PADDING_BYTES;
    const arenaBytes = reader.blockRows === undefined ? null : BLOCKS * blockBytes;
    compute = await openCompute(options.tier, options.threads, arenaBytes);
    const computeBlock = await job.start(compute, reader);
    const blocks = makeBlocks(compute, reader);
    const writers: RowWriter[] = [];
    for (const { path, shape } of job.outputs) {
      const output = await openOutput(path);
      outputs.push(output);
      writers.push(await reader.writer(output, shape));
    }
    progress = new Progress(op, reader, options.quiet);
    await progress.start();
    await pipeline(blocks, {
      read: async (block, demand) => {
        if (!(await reader!.read(block, demand))) return false;
        await job.read?.(block);
        return true;
      },
      compute: computeBlock,
      write: async (block) => {
        await Promise.all(writers.map((writer) => writer.write(block)));
        progress!.add(block);
      },
    });
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
    await job.close?.();
    await input.close();
  }
}

function makeBlocks({ memory }: Compute, { input, cols, blockRows = 0 }: RowReader): Block[] {
  try {
    return Array.from({ length: BLOCKS }, () => new Block(memory, blockRows * (cols ?? 0), blockRows));
  } catch (error) {
    // A block of one row is as long as the file, or who called, says that a row is.
    if (blockRows !== 1 || !(error instanceof CommandError)) throw error;
    throw new FileError(input.name, `expected rows that fit memory, got ${cols} elements (${4 * cols!} bytes) in each`);
  }
}
