import { readFileSync } from 'node:fs';
import { runCrossEntropy } from './cross-entropy.js';
import { CommandError } from './errors.js';
import { CROSS_ENTROPY_HELP, MAIN_HELP, rowOpHelp } from './help.js';
import { CROSS_ENTROPY_FLAGS, parse, ROW_OP_FLAGS } from './flags.js';
import { isRowOp, runRowOp } from './row-ops.js';

/** Runs one command line; returns the exit code: 0, 2 for a bad file or bad usage, 1 for anything else. */
export async function run(args: string[]): Promise<number> {
  try {
    await dispatch(args);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`softmax-simd: ${message}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

async function dispatch([op, ...args]: string[]): Promise<void> {
  if (op === '--help' || op === '-h') return print(MAIN_HELP);
  if (op === '--version') return print(version());
  if (op === undefined) throw new CommandError('expected an operation; softmax-simd --help lists them');
  if (isRowOp(op)) {
    const flags = parse(op, args, ROW_OP_FLAGS);
    return flags.values.help ? print(rowOpHelp(op)) : runRowOp(op, flags);
  }
  if (op === 'cross-entropy') {
    const flags = parse(op, args, CROSS_ENTROPY_FLAGS);
    return flags.values.help ? print(CROSS_ENTROPY_HELP) : runCrossEntropy(flags);
  }
  throw new CommandError(`expected an operation, got ${JSON.stringify(op)}; softmax-simd --help lists them`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
