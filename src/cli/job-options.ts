import { isatty } from 'node:tty';
import { UsageError } from './errors.js';
import type { CommandLine, Values } from './flag.js';
import { ARRAY_FLAGS, type COMMON } from './flags.js';
import { formatOfName, type FormatName } from './formats.js';
import type { RowOptions } from './rows.js';
import { file } from './values.js';

/** What all operations are told. */
export type JobOptions = Values<typeof COMMON> & RowOptions & { readonly input: string; readonly format: FormatName };

export function jobOptions({ values, files }: CommandLine<typeof COMMON>): JobOptions {
  const input = inputFile(files);
  const format = values.format ?? formatOfName(input) ?? 'npy';
  const flag = ARRAY_FLAGS.find((name) => values[name] !== undefined);
  if (flag !== undefined && format !== 'npy') throw new UsageError(`expected npy with --${flag}, got ${format}`);
  return { ...values, input, format };
}

/** The files that say which columns take part. */
export function partFilesOf({ mask, starts, ends }: Values<typeof COMMON>): string[] {
  return [mask, starts, ends].filter((name) => name !== undefined);
}

/** The one input; standard input when there is none. */
function inputFile(files: readonly string[]): string {
  if (files.length > 1) {
    const got = files.map((name) => JSON.stringify(name)).join(' ');
    throw new UsageError(`expected one file of logits (-o names the output), got ${got}`);
  }
  if (files.length === 1) return file(files[0]!, '');
  if (isatty(0)) throw new UsageError('expected a file of logits, or logits on standard input');
  return '-';
}
