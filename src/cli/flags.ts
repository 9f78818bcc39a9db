import { fstatSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { TierName } from './compute.js';
import { usageError } from './errors.js';
import { FORMATS, type FormatName, type ResultShape, type RowOptions } from './format.js';
import type { Output } from './job.js';
import type { Shard } from './shard.js';

type FlagSpecs = NonNullable<ParseArgsConfig['options']>;

const COMMON_FLAGS = {
  output: { type: 'string', short: 'o' },
  format: { type: 'string' },
  cols: { type: 'string' },
  column: { type: 'string' },
  shard: { type: 'string' },
  threads: { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
  temperature: { type: 'string' },
  tier: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies FlagSpecs;

export const ROW_OP_FLAGS = COMMON_FLAGS;

export type CommonFlags = Flags<typeof COMMON_FLAGS>;

export const CROSS_ENTROPY_FLAGS = {
  ...COMMON_FLAGS,
  targets: { type: 'string' },
  'target-column': { type: 'string' },
  grad: { type: 'string' },
  reduction: { type: 'string' },
  'ignore-index': { type: 'string' },
  'label-smoothing': { type: 'string' },
  'class-weights': { type: 'string' },
  'z-loss': { type: 'string' },
  scale: { type: 'string' },
} as const satisfies FlagSpecs;

/** What stands on the command line behind the operation. */
export interface Flags<S extends FlagSpecs> {
  readonly op: string;
  readonly values: { readonly [K in keyof S]?: S[K]['type'] extends 'boolean' ? boolean : string };
  /** The arguments without a flag. */
  readonly files: readonly string[];
}

export function parse<S extends FlagSpecs>(op: string, args: string[], specs: S): Flags<S> {
  try {
    const { values, tokens, positionals } = parseArgs({
      args: joinNegativeNumbers(args, specs),
      options: specs,
      allowPositionals: true,
      tokens: true,
    });
    const seen = new Set<string>();
    for (const token of tokens as readonly { kind: string; name?: string; rawName?: string; value?: string }[]) {
      if (token.kind !== 'option') continue;
      if (seen.has(token.name!)) throw usageError(op, `expected ${token.rawName} once`);
      if (token.rawName === '-o' && token.value?.startsWith('=')) {
        throw usageError(op, `expected -o FILE or --output=FILE, got "-o${token.value}"`);
      }
      seen.add(token.name!);
    }
    return { op, values: values as Flags<S>['values'], files: positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [, flag] = /^Option '(\S+?),?[ '].*argument (?:missing|is ambiguous)/.exec(error.message) ?? [];
    if (flag !== undefined) throw usageError(op, `expected ${flag} to have a value`);
    // parseArgs explains in its first sentence and gives advice in the next ones.
    throw usageError(op, error.message.split(/\. |\n/)[0]!);
  }
}

/** `--scale -2` as `--scale=-2`, which parseArgs would take for two flags. */
function joinNegativeNumbers(args: readonly string[], specs: FlagSpecs): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const flag = joined.at(-1)?.match(/^--([^=]+)$/)?.[1];
    if (flag !== undefined && specs[flag]?.type === 'string' && /^-[\d.]/.test(arg))
      joined[joined.length - 1] += `=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** The one input; standard input when there is none. */
function inputFile({ op, files }: CommonFlags): string {
  if (files.length > 1) {
    const got = files.map((file) => JSON.stringify(file)).join(' ');
    throw usageError(op, `expected one file of logits (-o names the output), got ${got}`);
  }
  if (files.length === 1) return fileName(op, files[0]!);
  if (isatty(0)) throw usageError(op, 'expected a file of logits, or logits on standard input');
  return '-';
}

export function fileName(op: string, file: string): string {
  if (file === '') throw usageError(op, 'expected the name of a file, got ""');
  return file;
}

/** Refuses two outputs under one name, one that is an input or is named as of another format, and bytes on a terminal. */
export function checkOutputs(
  op: string,
  outputs: readonly Output[],
  format: FormatName,
  inputs: readonly string[],
): void {
  const paths = outputs.map(({ path }) => path);
  const places = paths.map((path) => (path === '-' ? path : resolve(fileName(op, path))));
  const twice = paths.findIndex((_, i) => places.indexOf(places[i]!) < i);
  if (twice >= 0) {
    const first = paths[places.indexOf(places[twice]!)];
    throw usageError(op, `expected two files to write, got ${JSON.stringify(first)} twice`);
  }
  if (paths.includes('-') && isatty(1)) {
    throw usageError(op, 'expected -o with a file to write, or standard output to be no terminal');
  }
  for (const { path, shape } of outputs) {
    if (path === '-') continue;
    const file = fileBehind(path);
    const input = file === null ? undefined : inputs.find((name) => fileBehind(name) === file);
    const got = JSON.stringify(path);
    if (input !== undefined) {
      throw usageError(op, `expected a file to write other than the input ${JSON.stringify(input)}, got ${got}`);
    }
    const named = formatOfName(path);
    if (named !== null && contentOf(named, shape) !== contentOf(format, shape)) {
      const rule = `expected a file to write in the format of the logits, ${format} (--format says which)`;
      throw usageError(op, `${rule}, got ${got}`);
    }
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

function formatOfName(path: string): FormatName | null {
  return FORMATS.find((format) => format === extname(path).slice(1)) ?? null;
}

/** RowBinary of one number a row is nothing but float32, whichever of the two it is called. */
function contentOf(format: FormatName, shape: ResultShape): FormatName {
  return format === 'rowbinary' && shape === 'scalar' ? 'f32' : format;
}

export function numberFlag(op: string, flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw usageError(op, `expected --${flag} to be a number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function countFlag(op: string, flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count === 0 || !Number.isSafeInteger(count)) {
    throw usageError(op, `expected --${flag} to be a positive integer, got ${JSON.stringify(text)}`);
  }
  return count;
}

function shardFlag(op: string, text: string | undefined): Shard | null {
  if (text === undefined) return null;
  const found = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  const [index, count] = [Number(found?.[1]), Number(found?.[2])];
  if (found === null || index < 1 || index > count) {
    throw usageError(op, `expected --shard to be i/n with i from 1 to n, got ${JSON.stringify(text)}`);
  }
  return { index, count };
}

function tierFlag(op: string, tier = 'auto'): TierName {
  if (tier === 'auto' || tier === 'relaxed' || tier === 'simd' || tier === 'scalar') return tier;
  throw usageError(op, `expected --tier to be auto, relaxed, simd or scalar, got ${JSON.stringify(tier)}`);
}

/** What the flag says, else what the input's name ends in, else npy. */
function formatFlag(op: string, format: string | undefined, input: string): FormatName {
  if (format === undefined) return formatOfName(input) ?? 'npy';
  const found = FORMATS.find((known) => known === format);
  if (found !== undefined) return found;
  const formats = `${FORMATS.slice(0, -1).join(', ')} or ${FORMATS.at(-1)}`;
  throw usageError(op, `expected --format to be ${formats}, got ${JSON.stringify(format)}`);
}

export interface CommonOptions extends RowOptions {
  readonly input: string;
  readonly format: FormatName;
  readonly threads: number;
  readonly tier: TierName;
  readonly quiet: boolean;
}

/** What all operations are told; `labels` when the class indices come with the rows. */
export function commonOptions(flags: CommonFlags, labels = false, labelColumn?: string): CommonOptions {
  const { op, values } = flags;
  const input = inputFile(flags);
  return {
    input,
    format: formatFlag(op, values.format, input),
    cols: countFlag(op, 'cols', values.cols),
    column: values.column ?? null,
    labels,
    labelColumn: labelColumn ?? null,
    shard: shardFlag(op, values.shard),
    threads: countFlag(op, 'threads', values.threads) ?? 1,
    tier: tierFlag(op, values.tier),
    quiet: values.quiet ?? false,
  };
}
