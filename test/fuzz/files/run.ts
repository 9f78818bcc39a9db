// One file, one way: exit code 2, or the right rows.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/cli/run.js';
import { LOGITS_FILE, type Way } from './ways.js';

/**
 * Runs the command line in this process.
 *
 * @param folder for the files; it is made
 * @param piped whether the file comes through a pipe
 * @returns null, or what is wrong
 */
export async function fault(folder: string, way: Way, bytes: Buffer, piped: boolean): Promise<string | null> {
  mkdirSync(folder, { recursive: true });
  const [file, pipe, output, logits] = [`file.${way.format}`, 'pipe', 'output', 'logits'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(file, bytes);
  writeFileSync(logits, LOGITS_FILE);
  rmSync(output, { force: true });
  const names: Record<string, string> = { FILE: piped ? pipe : file, LOGITS: logits };
  const args = way.args.map((arg) => names[arg] ?? arg);
  const writing = piped ? writeTo(pipe, bytes) : Promise.resolve();
  const error = await quietly([
    ...args,
    '-o',
    output,
    '-q',
    '--format',
    way.format === 'npz' ? 'npy' : way.format,
    '--tier',
    'simd',
  ]);
  await writing;
  if (error !== null) return 'exitCode' in error && error.exitCode === 2 ? null : `exit 1: ${error.stack}`;
  if (!existsSync(output)) return 'exit 0 without an output';
  return judged(way, bytes, readFileSync(output));
}

function judged(way: Way, input: Buffer, output: Buffer): string | null {
  try {
    return way.judge(input, output);
  } catch (error) {
    // Of a stream that the command line has passed on, apache-arrow may not like the other columns.
    if (way.format === 'arrow') return null;
    return `exit 0, but not to be read: ${(error as Error).message}`;
  }
}

/** The error that a command line ends with, or null; what it prints is thrown away. */
async function quietly(args: string[]): Promise<(Error & { exitCode?: number }) | null> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    await run(args);
    return null;
  } catch (error) {
    return error as Error;
  } finally {
    process.stdout.write = write;
  }
}

async function writeTo(pipe: string, bytes: Buffer): Promise<void> {
  if (!existsSync(pipe)) spawnSync('mkfifo', [pipe]);
  const handle = await open(pipe, 'w');
  // Who has found what is wrong reads no further.
  await handle.writeFile(bytes).catch(() => undefined);
  await handle.close();
}
