import type { Block, Run } from './block.js';
import type { Functions, RowArguments } from './compute.js';
import { dryRun } from './dry-run.js';
import { UsageError } from './errors.js';
import { libraryOptions, type CommandLine, type Flags, type Values } from './flag.js';
import type { ARGMAX, ROW_OP, TOP_K } from './flags.js';
import { runJob } from './job.js';
import { jobOptions, partFilesOf } from './job-options.js';
import { checkOutputs, type Output } from './outputs.js';
import type { Result, RowReader } from './rows.js';
import { openLines } from './text-lines.js';

/** An operation of logits alone: a function of the library, and what it gives. */
export interface RowOp {
  readonly op: string;
  readonly name: Exclude<keyof Functions, `crossEntropy${string}`>;
  /** With `k` among them the function takes it, and gives as many of each row. */
  readonly flags: Flags;
  /** By the flag that names the file. */
  readonly results: { readonly output: Result['of']; readonly indices?: Result['of'] };
  /** The one number of a row without elements, which the library does not know: that of nothing but masks. */
  readonly ofNothing: number;
}

/** Of some of them, whichever an operation has. */
type RowValues = Values<typeof ROW_OP & typeof ARGMAX & typeof TOP_K>;

export async function runRowOp(rowOp: RowOp, line: CommandLine<Flags>): Promise<void> {
  const { op, name, flags, results } = rowOp;
  const values = line.values as RowValues;
  const { k } = values;
  if (k === undefined && 'k' in flags) throw new UsageError('expected --k with the number of classes of each row');
  const given = libraryOptions(flags, line.values);
  const call = (functions: Functions, logits: Float32Array | Uint16Array, cols: number, to: object) => {
    const options = { ...given, ...to };
    const rest: RowArguments = k === undefined ? [options] : [Math.min(k, cols), options];
    return functions[name](logits, cols, ...rest);
  };
  dryRun(flags, (scalar) => call(scalar as unknown as Functions, new Float32Array(0), 1, {}));
  const job = jobOptions({ ...line, values });
  const outputs = await outputsOf(rowOp, values);
  checkOutputs(outputs, job.format, [job.input, ...partFilesOf(values), values.names]);
  await runJob(op, job, {
    outputs,
    room: { k, indices: Object.values(results).includes('indices') },
    start({ functions }, reader) {
      checkK(k, reader);
      return Promise.resolve(async (block: Block) => {
        for (const run of block.runs) {
          if (run.cols === 0) block.resultsOf(run, results.output).fill(rowOp.ofNothing);
          else
            await call(functions, block.logitsOf(run), run.cols, { ...block.layout, ...placesOf(rowOp, block, run) });
        }
      });
    },
  });
}

/** Where the results of a run go. */
function placesOf({ results: { output, indices } }: RowOp, block: Block, run: Run): object {
  const out = block.resultsOf(run, output);
  return indices === undefined ? { out } : { out, indices: block.resultsOf(run, indices) };
}

/** The files; one that shows the classes as text has the values beside them. */
async function outputsOf({ results }: RowOp, values: RowValues): Promise<Output[]> {
  const { k, text, names, indices, output = text || indices === undefined ? '-' : undefined } = values;
  if (names !== undefined && !text) throw new UsageError('expected --text with --names');
  if (text && indices !== undefined) throw new UsageError('expected --text or --indices, got both');
  const outputs: Output[] = [];
  if (output !== undefined) outputs.push({ path: output, result: { of: results.output, k } });
  if (indices !== undefined) outputs.push({ path: indices, result: { of: results.indices!, k } });
  if (!text) return outputs;
  const lines = await openLines(names, results.output === 'values');
  return outputs.map((one) => ({ ...one, text: lines }));
}

function checkK(k: number | undefined, { cols, input }: RowReader): void {
  if (k === undefined || cols === null || k <= cols) return;
  throw new UsageError(`expected --k to be at most the ${cols} columns of ${input.name}, got ${k}`, false);
}
