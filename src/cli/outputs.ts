import { fstatSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { fileOf, isNpz } from './array-input.js';
import { UsageError } from './errors.js';
import { formatOfName, type FormatName } from './formats.js';
import type { ByteOutput } from './output-file.js';
import type { Result, RowReader, RowWriter } from './rows.js';
import type { Shard } from './shard.js';
import { isClosed, STDOUT } from './standard-streams.js';

export interface Output {
  readonly path: string;
  readonly result: Result;
  /** Writes lines of text, in the place of the writer of the format of the logits. */
  readonly text?: (output: ByteOutput, reader: RowReader) => RowWriter;
}

/**
 * Refuses two outputs under one name, one that is an input or is named as of another format, bytes on a terminal, and
 * results for a standard output that is closed.
 */
export function checkOutputs(
  outputs: readonly Output[],
  format: FormatName,
  inputs: readonly (string | undefined)[],
): void {
  const paths = outputs.map(({ path }) => path);
  const places = paths.map((path) => (path === '-' ? path : resolve(path)));
  const twice = paths.findIndex((_, i) => places.indexOf(places[i]!) < i);
  if (twice >= 0) {
    const first = paths[places.indexOf(places[twice]!)];
    throw new UsageError(`expected two files to write, got ${JSON.stringify(first)} twice`);
  }
  if (outputs.some(({ path, text }) => path === '-' && text === undefined) && isatty(1)) {
    throw new UsageError('expected -o with a file to write, or standard output to be no terminal');
  }
  if ((paths.includes('-') || paths.length === 0) && isClosed(STDOUT)) {
    throw new UsageError('expected -o with a file to write, or standard output to be open');
  }
  for (const output of outputs) {
    const { path } = output;
    if (path === '-') continue;
    const file = fileBehind(path);
    const input =
      file === null ? undefined : inputs.find((name) => name !== undefined && fileBehind(fileOf(name)) === file);
    const got = JSON.stringify(path);
    if (input !== undefined) {
      throw new UsageError(`expected a file to write other than the input ${JSON.stringify(input)}, got ${got}`);
    }
    checkName(output, format, got);
  }
}

/** Names of what is not written here: a program that reads by names would get bytes. */
const FOREIGN =
  /\.(csv|tsv|txt|md|json|jsonl|ndjson|xml|html|ya?ml|parquet|feather|safetensors|h5|pt|mat|xlsx|zip|gz)$/i;

/** A name that ends as that of a format must hold it. */
function checkName({ path, result, text }: Output, format: FormatName, got: string): void {
  const named = formatOfName(path);
  const isForeign = text === undefined && FOREIGN.test(path);
  if (!isNpz(path) && named === null && !isForeign) return;
  if (text !== undefined)
    throw new UsageError(`expected another name than that of ${named ?? 'npz'} for text, got ${got}`);
  if (isNpz(path) || isForeign || contentOf(named!, result) !== contentOf(format, result)) {
    const rule = `expected a file to write in the format of the logits, ${format} (--format says which)`;
    throw new UsageError(`${rule}, got ${got}`);
  }
  if (named === 'f32' && result.of === 'indices') {
    throw new UsageError(`expected another name than that of f32 for columns, which are int32, got ${got}`);
  }
}

/** What `--join` asks for: a shard, and files. */
export function checkJoin(
  outputs: readonly Output[],
  { join, shard }: { join?: true; shard?: Shard | undefined },
): void {
  if (join === undefined) return;
  if (shard === undefined) throw new UsageError('expected --shard with --join');
  if (outputs.some(({ text }) => text !== undefined)) {
    throw new UsageError('expected no --join with --text, as the place of a line is not known before those above it');
  }
  if (outputs.length === 0 || outputs.some(({ path }) => path === '-')) {
    throw new UsageError('expected files to write with --join (-o names them)');
  }
}

/** Which ordinary file a name leads to, the same for all of its names; null for a pipe, a device, or nothing yet. */
function fileBehind(path: string): string | null {
  try {
    const stats = path === '-' ? fstatSync(0, { bigint: true }) : statSync(path, { bigint: true });
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : null;
  } catch {
    return null; // Who opens it says what is wrong.
  }
}

/** RowBinary of one number a row is nothing but float32, whichever of the two it is called. */
function contentOf(format: FormatName, { of, k }: Result): FormatName {
  return format === 'rowbinary' && of === 'values' && k === undefined ? 'f32' : format;
}
