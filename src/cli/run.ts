import { mainHelp, NO_SAMPLE, type Command } from './command.js';
import { crossEntropy } from './cross-entropy.js';
import { BrokenPipe, CommandError, UsageError } from './errors.js';
import { ROW_OPS } from './row-ops.js';
import { version } from './version.js';

const COMMANDS: readonly Command[] = [...ROW_OPS, crossEntropy];

/** Functions of the library that are no operation here. */
const ELSEWHERE: readonly string[] = ['sample', 'filter-logits'];

/** Runs one command line; returns the exit code, 0. */
export async function run([op, ...args]: string[]): Promise<number> {
  if (op === '--help' || op === '-h') print(mainHelp(COMMANDS));
  else if (op === '--version') print(version());
  else
    await commandOf(op)
      .run(args)
      .catch((error: unknown) => {
        throw error instanceof UsageError ? error.of(op!) : error;
      });
  return 0;
}

function commandOf(op: string | undefined): Command {
  const found = COMMANDS.find((command) => command.op === op);
  if (found !== undefined) return found;
  if (op !== undefined && ELSEWHERE.includes(op)) throw new CommandError(`no operation ${op}: ${NO_SAMPLE}`);
  const got = op === undefined ? '' : `, got ${JSON.stringify(op)}`;
  throw new CommandError(`expected an operation${got}; softmax-simd --help lists them`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Ends the process: with 2 for a bad file or bad usage, with 1 for anything else. When the reader of the output has
 * gone, it ends without a word of the signal that says so, as other filters do.
 */
export function exitOnError(error: unknown): never {
  if (error instanceof BrokenPipe) dieOfBrokenPipe();
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`softmax-simd: ${onOneLine(message)}\n`);
  // Not by itself: the sender of a pipe that is no longer read would keep the process waiting.
  process.exit(error instanceof CommandError ? error.exitCode : 1);
}

/** Names of files and columns may hold anything: what would break the line or reach for the terminal is spelt out. */
function onOneLine(message: string): string {
  return message.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n') return '\\n';
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

function dieOfBrokenPipe(): never {
  if (process.platform !== 'win32') {
    // Node ignores the signal; who has listened for it and no longer does is ended by it.
    process.once('SIGPIPE', () => undefined).removeAllListeners('SIGPIPE');
    process.kill(process.pid, 'SIGPIPE');
  }
  process.exit(141);
}
