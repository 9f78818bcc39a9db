import { UsageError } from './errors.js';
import type { Read } from './flag.js';
import type { Shard } from './shard.js';

/** A reader that gives null for what breaks the rule. */
function rule<T>(expected: string, read: (text: string) => T | null): Read<T> {
  return (text, flag) => {
    const value = read(text);
    if (value !== null) return value;
    throw new UsageError(`expected ${flag} to be ${expected}, got ${JSON.stringify(text)}`);
  };
}

export const text: Read<string> = (text) => text;

export const file: Read<string> = (name) => {
  if (name === '') throw new UsageError('expected the name of a file, got ""');
  return name;
};

export const number = rule('a number', (text) =>
  /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null,
);

export const integer = rule('an integer', (text) => {
  const integer = Number(text);
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(integer) ? integer : null;
});

export const count = rule('a positive integer', (text) => {
  const count = Number(text);
  return /^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count) ? count : null;
});

/** Elements of a row, whose bytes are a safe integer too. */
export const cols: Read<number> = (text, flag) => {
  const cols = count(text, flag);
  if (cols < 2 ** 50) return cols;
  throw new UsageError(`expected ${flag} to be below 2^50, got ${JSON.stringify(text)}`);
};

export const shard = rule('i/n with i from 1 to n', (text): Shard | null => {
  const found = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  const [index, count] = [Number(found?.[1]), Number(found?.[2])];
  return found !== null && index >= 1 && index <= count ? { index, count } : null;
});

export function oneOf<T extends string>(...names: readonly T[]): Read<T> {
  const list = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return rule(list, (text) => names.find((name) => name === text) ?? null);
}
