/** What ends the command with one line on stderr and an exit code: 2 for a bad file or bad usage, 1 for the rest. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 2,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}

/** A command line that makes no sense; who knows which operation it is for says so first, and where its help is. */
export class UsageError extends CommandError {
  constructor(
    private readonly problem: string,
    private readonly helps = true,
  ) {
    super(problem);
  }

  of(op: string): CommandError {
    return new CommandError(`${op}: ${this.problem}${this.helps ? `; softmax-simd ${op} --help shows how` : ''}`);
  }
}

/** A problem of one file, which the message names first. */
export class FileError extends CommandError {
  constructor(path: string, problem: string, exitCode: 1 | 2 = 2) {
    super(`${path}: ${problem}`, exitCode);
    this.name = 'FileError';
  }
}

/** A system call on `path` that failed, as a FileError; anything else as it is. */
export function asFileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const code = String(error.code);
  if (code === 'EPIPE') return new BrokenPipe();
  // `ENOENT: no such file or directory, open 'logits.npy'`
  const description = error.message.replace(`${code}: `, '').split(`, ${String(error.syscall)}`)[0];
  // A full disk or a failing one is nobody's bad file.
  return new FileError(path, `${description} (${code})`, code === 'ENOSPC' || code === 'EIO' ? 1 : 2);
}

/** Who reads the output has gone: `| head` has enough. */
export class BrokenPipe extends Error {}
