import { parseArgs } from 'node:util';
import { UsageError } from './errors.js';

/** How the text behind a flag becomes its value; throws a UsageError that calls the flag `--name`. */
export type Read<T> = (text: string, flag: string) => T;

/** A flag that has a value, declared once: parsing, help and the library's options follow from it. */
export interface ValueFlag<T> {
  readonly type: 'string';
  /** What the help calls the value. */
  readonly value: string;
  readonly read: Read<T>;
  /** Lines for the help. */
  readonly help: string;
  readonly short?: string;
}

export function flag<T>(value: string, read: Read<T>, help: string, short?: { short: string }): ValueFlag<T> {
  return { type: 'string', value, read, help, ...short };
}

/** A flag that the library takes as the option of this name in camel case, and checks. */
export type OptionFlag<T> = ValueFlag<T> & { readonly isOption: true };

export function option<T>(value: string, read: Read<T>, help: string): OptionFlag<T> {
  return { type: 'string', value, read, help, isOption: true };
}

/** A flag that is there or not. */
interface Switch {
  readonly type: 'boolean';
  readonly help: string;
  readonly short?: string;
}

/** By their names without `--`, in the order of the help. */
export type Flags = Readonly<Record<string, ValueFlag<unknown> | Switch>>;

/** The values of the flags that are given. */
export type Values<F extends Flags> = {
  readonly [K in keyof F]?: F[K] extends ValueFlag<infer T> ? T : true;
};

type Camel<S> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;
type OptionValues<F extends Flags> = {
  [K in keyof F as F[K] extends OptionFlag<unknown> ? Camel<K> : never]?: Values<F>[K] | undefined;
};

/** What the flags say to the library: `--z-loss` is its `zLoss`. */
export function libraryOptions<F extends Flags>(flags: F, values: Values<F>): OptionValues<F> {
  const given = Object.keys(values).filter((name) => 'isOption' in flags[name]!);
  const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(given.map((name) => [camel(name), values[name]])) as OptionValues<F>;
}

/** What the library says of an option, said of the flag of that name; any other error as it is. */
export function asFlagError(flags: Flags, error: unknown): unknown {
  if (!(error instanceof Error && 'argument' in error)) return error;
  const argument = String(error.argument);
  const flag = argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (!Object.hasOwn(flags, flag)) return error;
  // `createEngine: expected tier to be one that …`
  const rule = error.message.slice(error.message.indexOf(argument) + argument.length);
  return new UsageError(`expected --${flag}${rule}`, false);
}

export interface CommandLine<F extends Flags> {
  readonly values: Values<F>;
  /** The arguments without a flag. */
  readonly files: readonly string[];
}

/** Reads what stands behind the operation; null when it asks for help. */
export function parse<F extends Flags>(args: string[], flags: F): CommandLine<F> | null {
  // Not strict: its errors are texts for people, the tokens say what we need for ours.
  const { tokens } = parseArgs({ args, options: flags, allowPositionals: true, strict: false, tokens: true });
  const texts = new Map<string, string | undefined>();
  const files: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') files.push(token.value);
    if (token.kind !== 'option') continue;
    checkToken(token, flags);
    if (texts.has(token.name)) throw new UsageError(`expected ${token.rawName} once`);
    texts.set(token.name, token.value);
  }
  if (texts.has('help')) return null;
  const values: Record<string, unknown> = {};
  for (const [name, text] of texts) {
    const flag = flags[name]!;
    values[name] = flag.type === 'string' ? flag.read(text!, `--${name}`) : true;
  }
  return { values: values as Values<F>, files };
}

type Token = Record<'name' | 'rawName', string> & { value?: string | undefined; inlineValue?: boolean | undefined };

function checkToken({ name, rawName, value, inlineValue }: Token, flags: Flags): void {
  if (!Object.hasOwn(flags, name)) throw new UsageError(`Unknown option '${rawName}'`);
  if (flags[name]!.type === 'boolean') {
    if (value === undefined) return;
    throw new UsageError(`expected ${rawName} without a value, got ${JSON.stringify(value)}`);
  }
  // What looks like a flag is one, but for `--scale -2`.
  const isFlag = inlineValue === false && /^-./.test(value!) && !(rawName.startsWith('--') && /^-[\d.]/.test(value!));
  if (value === undefined || isFlag) throw new UsageError(`expected ${rawName} to have a value`);
  if (inlineValue && rawName.length === 2 && value.startsWith('=')) {
    throw new UsageError(`expected ${rawName} FILE or --${name}=FILE, got ${JSON.stringify(rawName + value)}`);
  }
}
