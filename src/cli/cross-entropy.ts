import { command, type Command } from './command.js';
import { dryRun } from './dry-run.js';
import { UsageError } from './errors.js';
import { libraryOptions, type CommandLine } from './flag.js';
import { CROSS_ENTROPY } from './flags.js';
import { runJob } from './job.js';
import { jobOptions, partFilesOf } from './job-options.js';
import { LossInParts } from './loss-in-parts.js';
import { checkOutputs, type Output } from './outputs.js';
import { ROW, VALUE } from './rows.js';

/** Prints the reduced loss; writes row losses with -o and dlogits with --grad. */
export const crossEntropy: Command = command(
  {
    op: 'cross-entropy',
    gives: 'loss and gradient',
    what: 'Cross-entropy of logits and targets: prints the reduced loss.',
    usage: '[logits] --targets <file.npy>',
    flags: CROSS_ENTROPY,
    notes: `The loss goes to standard output, unless -o or --grad is -: then to standard error. The mean of a shard
is its part of the whole one: the losses of all shards add up to it.`,
    example: 'logits.npy --targets labels.npy --grad dlogits.npy',
    more: '-o losses.npy',
  },
  run,
);

async function run(line: CommandLine<typeof CROSS_ENTROPY>): Promise<void> {
  const { targets, output, grad, 'class-weights': classWeights, 'target-column': labelColumn } = line.values;
  const options = libraryOptions(CROSS_ENTROPY, line.values);
  dryRun(CROSS_ENTROPY, (scalar) => scalar.crossEntropy(new Float32Array(0), new Int32Array(0), 1, options));
  const outputs: Output[] = [];
  if (output !== undefined) outputs.push({ path: output, result: VALUE });
  if (grad !== undefined) outputs.push({ path: grad, result: ROW });
  const job = { ...jobOptions(line), labels: targets === undefined, labelColumn };
  checkOutputs(outputs, job.format, [job.input, ...partFilesOf(line.values), targets, classWeights]);
  if (targets === undefined && (job.format === 'npy' || job.format === 'f32')) {
    throw new UsageError('expected --targets with a .npy of class indices or probabilities');
  }
  await runJob('cross-entropy', job, new LossInParts(outputs, line.values, options));
}
