/**
 * Whether the metadata of an Arrow message, a FlatBuffer, may be read: all that they point to lies inside of them, and
 * nothing that they count is more than they hold. apache-arrow believes every offset and length.
 *
 * The tables: https://github.com/apache/arrow/blob/main/format/Message.fbs and Schema.fbs
 */

/** What may stand in a table's place: a number of so many bytes, one of two that must be 0, text, or what an offset leads to. */
type Slot =
  | number
  | { readonly zero: string }
  | 'string'
  | { readonly table: () => Table; readonly required?: boolean }
  | { readonly vectorOf: number | (() => Table) }
  /** Which table, the byte in the place before says. One that is unknown is left to apache-arrow, which has its words. */
  | { readonly union: Readonly<Record<number, Table>> };

type Table = readonly Slot[];

const KEY_VALUE: Table = ['string', 'string'];
const KEY_VALUES: Slot = { vectorOf: () => KEY_VALUE };

const INT: Table = [4, 1];
const NOTHING: Table = [];
/** By their numbers in the union Type: Null, Int, FloatingPoint, … */
const TYPES: Readonly<Record<number, Table>> = {
  1: NOTHING,
  2: INT,
  3: [2], // FloatingPoint
  4: NOTHING,
  5: NOTHING,
  6: NOTHING,
  7: [4, 4, 4], // Decimal
  8: [2], // Date
  9: [2, 4], // Time
  10: [2, 'string'], // Timestamp
  11: [2], // Interval
  12: NOTHING,
  13: NOTHING,
  14: [2, { vectorOf: 4 }], // Union
  15: [4], // FixedSizeBinary
  16: [4], // FixedSizeList
  17: [1], // Map
  18: [2], // Duration
  19: NOTHING,
  20: NOTHING,
  21: NOTHING,
  23: NOTHING,
  24: NOTHING,
};

const DICTIONARY: Table = [8, { table: () => INT }, 1, 2];
const FIELD: Table = [
  'string',
  1,
  1,
  { union: TYPES },
  { table: () => DICTIONARY },
  { vectorOf: () => FIELD },
  KEY_VALUES,
];
const SCHEMA: Table = [{ zero: 'big-endian numbers' }, { vectorOf: () => FIELD }, KEY_VALUES, { vectorOf: 8 }];
const COMPRESSION: Table = [1, 1];
/** Nodes and buffers are two int64 each. */
const RECORD_BATCH: Table = [8, { vectorOf: 16 }, { vectorOf: 16 }, { table: () => COMPRESSION }, { vectorOf: 8 }];
const DICTIONARY_BATCH: Table = [8, { table: () => RECORD_BATCH, required: true }, 1];
const MESSAGE: Table = [2, 1, { union: { 1: SCHEMA, 2: DICTIONARY_BATCH, 3: RECORD_BATCH } }, 8, KEY_VALUES];

/** Fields in fields, and more tables than any schema has: each becomes some objects. */
const MOST_DEPTH = 64;
const MOST_TABLES = 1 << 18;
/** Parts may be shared, so that they are read more than once; all in all not more often than this. */
const MOST_READINGS = 4;

/** Null where metadata may be read, else what is wrong with them. */
export function problemOfMetadata(bytes: Uint8Array): string | null {
  try {
    const reader = new Reader(bytes);
    reader.visit(reader.offset(0), MESSAGE, 0);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

class Problem extends Error {}

class Reader {
  private readonly view: DataView;
  private tables = 0;
  private bytesRead = 0;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the offset at this place leads. */
  offset(at: number): number {
    this.expect(at, 4);
    return at + this.view.getInt32(at, true);
  }

  visit(at: number, slots: Table, depth: number): void {
    if (++this.tables > MOST_TABLES) throw new Problem(`more than ${MOST_TABLES} tables`);
    if (depth > MOST_DEPTH) throw new Problem(`more than ${MOST_DEPTH} tables inside of each other`);
    this.expect(at, 4);
    const vtable = at - this.view.getInt32(at, true);
    this.expect(vtable, 4);
    const vtableBytes = this.small(vtable);
    const tableBytes = this.small(vtable + 2);
    // Of half a slot apache-arrow would read the other half from what follows.
    if (vtableBytes % 2 !== 0) throw new Problem('a table with half a slot');
    this.expect(vtable, vtableBytes);
    this.read(at, tableBytes);
    slots.forEach((slot, i) => {
      const entry = 4 + 2 * i;
      const offset = entry + 2 <= vtableBytes ? this.small(vtable + entry) : 0;
      if (offset === 0) return requireNone(slot);
      if (offset + bytesOf(slot) > tableBytes) throw new Problem('a value outside of its table');
      const tag = entry >= 6 ? this.small(vtable + entry - 2) : 0;
      this.follow(at + offset, slot, tag === 0 ? 0 : this.view.getUint8(at + tag), depth);
    });
  }

  /** What a slot leads to; `tag` is the byte in the slot before. */
  private follow(at: number, slot: Slot, tag: number, depth: number): void {
    if (typeof slot === 'number') return;
    if (typeof slot === 'object' && 'zero' in slot) {
      if (this.view.getInt16(at) !== 0) throw new Problem(slot.zero);
      return;
    }
    const target = this.offset(at);
    if (slot === 'string') return this.read(target + 4, this.count(target));
    if ('table' in slot) return this.visit(target, slot.table(), depth + 1);
    if ('union' in slot) {
      const table = slot.union[tag];
      return table === undefined ? undefined : this.visit(target, table, depth + 1);
    }
    const { vectorOf } = slot;
    const count = this.count(target);
    this.read(target + 4, count * (typeof vectorOf === 'number' ? vectorOf : 4));
    if (typeof vectorOf === 'number') return;
    for (let i = 0; i < count; i++) this.visit(this.offset(target + 4 + 4 * i), vectorOf(), depth + 1);
  }

  private count(at: number): number {
    this.expect(at, 4);
    return this.view.getUint32(at, true);
  }

  /** What apache-arrow takes for a signed number. */
  private small(at: number): number {
    const value = this.view.getUint16(at, true);
    if (value >= 0x8000) throw new Problem('a table that is too large');
    return value;
  }

  private read(at: number, bytes: number): void {
    this.expect(at, bytes);
    this.bytesRead += bytes;
    if (this.bytesRead > MOST_READINGS * this.view.byteLength) throw new Problem('the same bytes used again and again');
  }

  private expect(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.view.byteLength) throw new Problem('something that lies outside of them');
  }
}

function bytesOf(slot: Slot): number {
  if (typeof slot === 'number') return slot;
  return typeof slot === 'object' && 'zero' in slot ? 2 : 4;
}

/** A slot that is not there. */
function requireNone(slot: Slot): void {
  if (typeof slot !== 'object') return;
  if ('union' in slot || ('required' in slot && slot.required)) throw new Problem('a table that is missing');
}
