import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { createEngine, type Engine } from '../index.js';
import { CommandError } from './errors.js';

type FlagSpecs = NonNullable<ParseArgsConfig['options']>;

const COMMON_FLAGS = {
  output: { type: 'string', short: 'o' },
  temperature: { type: 'string' },
  tier: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies FlagSpecs;

export const ROW_OP_FLAGS = COMMON_FLAGS;

export const CROSS_ENTROPY_FLAGS = {
  ...COMMON_FLAGS,
  targets: { type: 'string' },
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
    for (const token of tokens as readonly { kind: string; name?: string; rawName?: string }[]) {
      if (token.kind !== 'option') continue;
      if (seen.has(token.name!)) throw usageError(op, `expected ${token.rawName} once`);
      seen.add(token.name!);
    }
    return { op, values: values as Flags<S>['values'], files: positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
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

export function usageError(op: string, problem: string): CommandError {
  return new CommandError(`${op}: ${problem}; softmax-simd ${op} --help shows how`);
}

/** The one file of logits. */
export function inputFile<S extends FlagSpecs>({ op, files }: Flags<S>): string {
  if (files.length !== 1) {
    const got = files.length === 0 ? 'none' : files.map((file) => JSON.stringify(file)).join(' ');
    throw usageError(op, `expected one file of logits, got ${got}`);
  }
  return fileName(op, files[0]!);
}

export function fileName(op: string, file: string): string {
  if (file === '' || file === '-') throw usageError(op, `expected the name of a file, got ${JSON.stringify(file)}`);
  return file;
}

/** Refuses two outputs under one name. */
export function checkOutputsDiffer(op: string, first: string | undefined, second: string | undefined): void {
  if (first !== undefined && second !== undefined && resolve(first) === resolve(second)) {
    throw usageError(op, `expected two files to write, got ${JSON.stringify(first)} twice`);
  }
}

export function numberFlag(op: string, flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw usageError(op, `expected --${flag} to be a number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** The engine of the tier that was asked for. */
export function engineOf(op: string, tier = 'auto'): Engine {
  if (tier !== 'auto' && tier !== 'relaxed' && tier !== 'simd' && tier !== 'scalar') {
    throw usageError(op, `expected --tier to be auto, relaxed, simd or scalar, got ${JSON.stringify(tier)}`);
  }
  try {
    return createEngine({ tier });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${op}: ${message.replace(/^createEngine: expected tier/, 'expected --tier')}`);
  }
}
