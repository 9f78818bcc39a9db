// Mutants of files: of their bits, and of what they are made of.
import { SEEDS, withHeader, type Format } from './seeds.js';

type Chance = () => number;

const WORDS = [
  0, 1, 2, 3, 4, 8, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x10000000, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff,
];
const LONGS = [0n, 1n, -1n, 8n, 2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 62n, -(2n ** 63n)];
const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '4',
  '12',
  '-1',
  '00',
  '1L',
  '255',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '1' + '0'.repeat(20),
  '1e3',
  '1.5',
];
const DESCRS = [
  ...['<f4', '>f4', '<f8', '>f8', '<f2', '|u1', '<i8', '>i2', '<c8', '|O', '<f16', '=f4', 'f4', '<V4', ''],
  ...['|b1', 'b1', '=b1', '<b2', '=i8', 'u2', '>u2', '<u4', '<V2', '|V2', '>V2', '|f4'],
];

/** A mutant of one of the valid files. */
export function mutant(chance: Chance, format: Format): Buffer {
  let bytes = pick(chance, SEEDS[format]);
  for (let i = Math.floor(3 * chance()) + 1; i > 0; i--) {
    bytes = chance() < 0.5 ? ofBits(chance, bytes, format) : OF_STRUCTURE[format](chance, bytes);
  }
  return bytes;
}

function ofBits(chance: Chance, bytes: Buffer, format: Format): Buffer {
  const copy = Buffer.from(bytes);
  const at = below(chance, copy.length + 1);
  const to = at + below(chance, Math.min(64, copy.length - at) + 1);
  const edits: (() => Buffer)[] = [
    () => (at < copy.length ? withByte(copy, at, copy[at]! ^ (1 << below(chance, 8))) : copy),
    () => (at < copy.length ? withByte(copy, at, below(chance, 256)) : copy),
    () => copy.subarray(0, at),
    () => Buffer.concat([copy.subarray(0, at), copy.subarray(to)]),
    () => Buffer.concat([copy.subarray(0, to), copy.subarray(at)]),
    () => Buffer.concat([copy.subarray(0, at), noise(chance, 1 + below(chance, 40)), copy.subarray(at)]),
    () => Buffer.concat([copy.subarray(0, at), pick(chance, SEEDS[format]).subarray(at)]),
    () => withWord(chance, copy),
  ];
  return pick(chance, edits)();
}

const OF_STRUCTURE: Record<Format, (chance: Chance, bytes: Buffer) => Buffer> = {
  npy: ofHeader,
  npz: withWord,
  arrow: ofMessages,
  rowbinary: ofRows,
};

/** Another header before the same numbers; its length fits, mostly. */
function ofHeader(chance: Chance, bytes: Buffer): Buffer {
  const length = bytes.length > 10 ? Math.min(bytes.readUInt16LE(8), bytes.length - 10) : 0;
  const text = bytes.toString('latin1', 10, 10 + length);
  const blanks = () => pick(chance, [' ', '\t', '\n', '\u00a0']).repeat(10 ** below(chance, 5));
  const edits: (() => string)[] = [
    () => replaceOne(chance, text, /\d+/g, pick(chance, NUMBERS)),
    () => replaceOne(chance, text, /'[^']*'/g, `'${pick(chance, DESCRS)}'`),
    () => replaceOne(chance, text, /True|False/g, pick(chance, ['True', 'False', '1', 'None'])),
    () => replaceOne(chance, text, /[(),:{}' ]/g, pick(chance, ['(', ')', ',', '{', '}', '[', "'", '"', ''])),
    () => replaceOne(chance, text, /[(),:{}]/g, blanks(), true),
    () => replaceOne(chance, text, /\d+,?/g, `${pick(chance, NUMBERS)}, `.repeat(1 + below(chance, 80))),
    () => replaceOne(chance, text, /'[a-z_]*': [^,]*,/g, ''),
    () => text.trimEnd() + text,
  ];
  const file = withHeader(pick(chance, edits)(), bytes.subarray(10 + length));
  return chance() < 0.9 ? file : withByte(file, 6 + below(chance, 4), pick(chance, [0, 1, 2, 3, 4, 255]));
}

/** Other words among the metadata, and messages left out, doubled or in another order. */
function ofMessages(chance: Chance, bytes: Buffer): Buffer {
  if (chance() < 0.7) return withWord(chance, bytes);
  const starts = [0];
  for (let at = bytes.indexOf('ffffffff', 4, 'hex'); at >= 0; at = bytes.indexOf('ffffffff', at + 4, 'hex'))
    starts.push(at);
  const messages = starts.map((at, i) => bytes.subarray(at, starts[i + 1] ?? bytes.length));
  const i = below(chance, messages.length);
  const edits: (() => Buffer[])[] = [
    () => messages.filter((_, j) => j !== i),
    () => messages.flatMap((message, j) => (j === i ? [message, message] : [message])),
    () => [...messages].sort(() => chance() - 0.5),
    () => [...messages, ...messages],
  ];
  return Buffer.concat(pick(chance, edits)());
}

/** A length written in another way, or another one, somewhere. */
function ofRows(chance: Chance, bytes: Buffer): Buffer {
  const at = below(chance, bytes.length + 1);
  const value = pick(chance, WORDS);
  const long = 1 + below(chance, pick(chance, [5, 12, 300]));
  const length: number[] = [];
  for (let i = 0, rest = value; i < long; i++, rest = Math.floor(rest / 128)) length.push((rest & 127) | 128);
  length.push(below(chance, 2));
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(length), bytes.subarray(chance() < 0.5 ? at : at + 1)]);
}

/** A number of 16, 32 or 64 bits, at a place where one may be. */
function withWord(chance: Chance, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const size = pick(chance, [2, 4, 4, 4, 8]);
  const places = Math.floor(copy.length / Math.min(size, 4)) - 1;
  if (places < 2) return copy;
  const at = below(chance, places) * Math.min(size, 4);
  if (size === 8) copy.writeBigInt64LE(pick(chance, LONGS), at);
  else if (size === 4) copy.writeUInt32LE(pick(chance, WORDS), at);
  else copy.writeUInt16LE(pick(chance, WORDS) & 0xffff, at);
  return copy;
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

/** Puts `by` in the place of one that matches, or behind it. */
function replaceOne(chance: Chance, text: string, pattern: RegExp, by: string, behind = false): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const match = pick(chance, found);
  const end = match.index + match[0].length;
  return text.slice(0, behind ? end : match.index) + by + text.slice(end);
}

function noise(chance: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(chance, 256)));
}

export function below(chance: Chance, count: number): number {
  return Math.floor(chance() * count);
}

export function pick<T>(chance: Chance, list: readonly T[]): T {
  return list[below(chance, list.length)]!;
}
