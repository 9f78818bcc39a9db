import { readFileSync } from 'node:fs';
import { runCrossEntropy } from './cross-entropy.js';
import { BrokenPipe, CommandError } from './errors.js';
import { CROSS_ENTROPY_HELP, MAIN_HELP, rowOpHelp } from './help.js';
import { CROSS_ENTROPY_FLAGS, parse, ROW_OP_FLAGS } from './flags.js';
import { isRowOp, runRowOp } from './row-ops.js';

/** Runs one command line; returns the exit code, 0. */
export async function run(args: string[]): Promise<number> {
  await dispatch(args);
  return 0;
}

/**
 * Ends the process: with 2 for a bad file or bad usage, with 1 for anything else. When the reader of the output has
 * gone, it ends without a word of the signal that says so, as other filters do.
 */
export function exitOnError(error: unknown): never {
  if (error instanceof BrokenPipe) dieOfBrokenPipe();
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`softmax-simd: ${message}\n`);
  // Not by itself: the sender of a pipe that is no longer read would keep the process waiting.
  process.exit(error instanceof CommandError ? error.exitCode : 1);
}

function dieOfBrokenPipe(): never {
  if (process.platform !== 'win32') {
    // Node ignores the signal; who has listened for it and no longer does is ended by it.
    process.once('SIGPIPE', () => undefined).removeAllListeners('SIGPIPE');
    process.kill(process.pid, 'SIGPIPE');
  }
  process.exit(141);
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
