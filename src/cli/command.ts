import { parse, type CommandLine, type Flags } from './flag.js';

/** What the help says of an operation. */
export interface Described {
  readonly op: string;
  /** In the list of operations. */
  readonly gives: string;
  readonly what: string;
  /** Between the operation and `[flags]`. */
  readonly usage: string;
  readonly flags: Flags;
  readonly notes?: string;
  /** A command line that runs, and more for the operation's own help. */
  readonly example: string;
  readonly more?: string;
}

/** An operation of the command line. */
export interface Command extends Described {
  run(args: string[]): Promise<void>;
}

/** Runs what the flags say, or shows the help that follows from them. */
export function command<F extends Flags>(
  described: Described & { readonly flags: F },
  run: (line: CommandLine<F>) => Promise<void>,
): Command {
  return {
    ...described,
    async run(args) {
      const line = parse(args, described.flags);
      if (line === null) process.stdout.write(`${commandHelp(described)}\n`);
      else await run(line);
    },
  };
}

const FLAG_COLUMNS = 23;

/** Why tokens are not drawn here. */
export const NO_SAMPLE =
  'a file of rows has no history and no draws so far, as a sequence has; call sample or filterLogits in a program';

const FILES = `Rows stream through, so input and output may be larger than memory. Formats, results being of the
format of the logits and f32, classes int32 (of f32 nothing but int32):

  npy        NumPy's .npy, f4 or f2 (f8 is converted), bfloat16 with --dtype, or an array of a .npz; a row
             goes along the last axis, or --axis. Any file beside it may be FILE.npz/NAME, too.
  f32        nothing but float32; --cols says how long a row is
  arrow      an Arrow IPC stream, uncompressed, with a column of lists of float32 (fixed size or not);
             other columns stay; needs the package apache-arrow
  rowbinary  ClickHouse's RowBinary of a column Array(Float32); rows may differ in length

An output file appears when it is complete; one of the same name is replaced then, with its mode, but no
input is. Until then it is called NAME.*.tmp, and so is what a run leaves that is killed without a chance
to clean up (kill -9).`;

export function mainHelp(commands: readonly Described[]): string {
  const list = commands.map(({ op, gives, example }) => {
    return `  ${op.padEnd(15)}${`${gives}:`.padEnd(22)}softmax-simd ${op} ${example}\n`;
  });
  return `Softmax and cross-entropy over files and streams of logits.

Usage: softmax-simd <operation> [logits] [-o file] [flags]

${list.join('')}
  softmax-simd <operation> --help      the operation's flags
  softmax-simd --version

No tokens are drawn: ${NO_SAMPLE.replace('; ', ';\n')}.

- is standard input or output, as is a file that is not named.

${FILES}

Exit code: 0; 2 for a file or flag that is wrong; 1 for anything else that fails.`;
}

function commandHelp({ op, what, usage, flags, notes, example, more }: Described): string {
  const list = Object.entries(flags).map(([name, flag]) => {
    const names = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
    const left = flag.type === 'string' ? `  ${names} ${flag.value} ` : `  ${names} `;
    return left.padEnd(FLAG_COLUMNS) + flag.help.replaceAll('\n', `\n${' '.repeat(FLAG_COLUMNS)}`);
  });
  const line = [op, example, more].filter((part) => part !== undefined).join(' ');
  const parts = [what, `Usage: softmax-simd ${op} ${usage} [flags]`, list.join('\n'), notes];
  return [...parts, `Example: softmax-simd ${line}`, FILES].filter((part) => part !== undefined).join('\n\n');
}
