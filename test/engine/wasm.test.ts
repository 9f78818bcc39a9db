import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { callsOn, run } from '../calls.js';
import { OPERATIONS } from '../../src/ops/operations.js';
import { AREA_BYTES } from '../../src/wasm/area.js';
import { ABI } from '../../src/wasm/kernels.js';
import { tiers } from '../tiers.js';

/** CONTRACT section 5: each raw module at most 20 KB. */
const MOST_BYTES = 20_000;

// Ids of a module's sections, and of what it exports.
const IMPORTS = 2;
const MEMORIES = 5;
const GLOBALS = 6;
const EXPORTS = 7;
const START = 8;
const DATA = 11;
const KINDS = ['function', 'table', 'memory', 'global'] as const;
const I32_CONST = 0x41;
const END = 0x0b;

interface Global {
  mutable: boolean;
  value: number;
}

function read(tier: 'simd' | 'relaxed'): Uint8Array<ArrayBuffer> {
  const path = new URL(`../../dist/wasm/${tier}.wasm`, import.meta.url);
  if (!existsSync(path)) throw new Error(`dist/wasm/${tier}.wasm is missing: npm run build makes it`);
  return new Uint8Array(readFileSync(path));
}

/** Walks a module's bytes: magic and version, then sections of one id byte, a length and that many bytes. */
class Cursor {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private at: number;

  constructor(bytes: Uint8Array, from: number, end: number) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.done) throw new Error('the module ends too early');
    return this.bytes[this.at++]!;
  }

  /** LEB128, signed or not. */
  number(signed: boolean): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return signed && shift + 7 < 32 && byte & 64 ? value | (-1 << (shift + 7)) : value;
    }
  }

  part(length: number): Cursor {
    const part = new Cursor(this.bytes, this.at, this.at + length);
    this.at += length;
    return part;
  }
}

function sections(bytes: Uint8Array): Map<number, Cursor> {
  expect([...bytes.subarray(0, 8)]).toEqual([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const found = new Map<number, Cursor>();
  const cursor = new Cursor(bytes, 8, bytes.length);
  while (!cursor.done) found.set(cursor.byte(), cursor.part(cursor.number(false)));
  return found;
}

function list<T>(cursor: Cursor | undefined, read: (cursor: Cursor) => T): T[] {
  if (cursor === undefined) return [];
  return Array.from({ length: cursor.number(false) }, () => read(cursor));
}

function readGlobal(cursor: Cursor): Global {
  const type = cursor.byte();
  const mutable = cursor.byte() === 1;
  expect([type, cursor.byte()]).toEqual([0x7f, I32_CONST]);
  const value = cursor.number(true);
  expect(cursor.byte()).toBe(END);
  return { mutable, value };
}

function readExport(cursor: Cursor): { name: string; kind: (typeof KINDS)[number]; index: number } {
  const length = cursor.number(false);
  const name = Array.from({ length }, () => String.fromCharCode(cursor.byte())).join('');
  return { name, kind: KINDS[cursor.byte()]!, index: cursor.number(false) };
}

// By their bytes, so that a runtime which cannot compile a module checks it too.
describe.each([
  { name: 'simd', number: 1 },
  { name: 'relaxed', number: 2 },
] as const)('the module $name', ({ name, number }) => {
  const bytes = read(name);
  const found = sections(bytes);
  const globals = list(sections(bytes).get(GLOBALS), readGlobal);
  const exports = list(sections(bytes).get(EXPORTS), readExport);

  it(`has at most ${MOST_BYTES} bytes`, () => expect(bytes.length).toBeLessThanOrEqual(MOST_BYTES));

  it('imports nothing, holds no data and runs nothing when it is instantiated', () => {
    expect([IMPORTS, DATA, START].filter((id) => found.has(id))).toEqual([]);
  });

  it('has no global that changes, and exports its tier, abi and layout', () => {
    expect(globals.filter(({ mutable }) => mutable)).toEqual([]);
    const exported = exports.filter(({ kind }) => kind === 'global');
    const values = Object.fromEntries(exported.map(({ name, index }) => [name, globals[index]!.value]));
    const { tier, abi, CALL_BYTES, TABLE_BYTES, STATE_BYTES, ...offsets } = values;
    expect({ tier, abi }).toEqual({ tier: number, abi: ABI });
    expect(CALL_BYTES + 2 * TABLE_BYTES + STATE_BYTES).toBeLessThanOrEqual(AREA_BYTES);
    expect(Object.keys(offsets).every((key) => key.startsWith('CALL_') && offsets[key] < CALL_BYTES)).toBe(true);
  });

  it('exports a kernel for every operation, and no passes of one', () => {
    const functions = exports.filter(({ kind }) => kind === 'function').map((entry) => entry.name);
    const kernels = new Set(OPERATIONS.flatMap(({ kernel }) => kernel ?? []));
    expect(functions.sort()).toEqual(['constants', ...kernels].sort());
  });

  it('has one memory, of its own, with one page to begin with and no limit', () => {
    expect(exports.filter(({ kind }) => kind === 'memory')).toEqual([{ name: 'memory', kind: 'memory', index: 0 }]);
    const memories = list(sections(bytes).get(MEMORIES), (cursor) => [cursor.byte(), cursor.number(false)]);
    expect(memories).toEqual([[0, 1]]);
  });
});

describe('both modules', () => {
  it('differ in their tier, and are what the package inlines', async () => {
    const url = new URL('../../build/lib/wasm/modules.js', import.meta.url).href;
    const { bytesOf } = (await import(url)) as { bytesOf: (tier: 'simd' | 'relaxed') => Uint8Array };
    for (const tier of ['simd', 'relaxed'] as const) {
      expect(Buffer.from(bytesOf(tier)).equals(read(tier))).toBe(true);
    }
    expect(Buffer.from(read('simd')).equals(read('relaxed'))).toBe(false);
  });
});

/** Every operation in every way on `x`, into new arrays and in place. */
function useEverything(engine: Engine, x: Float32Array<ArrayBuffer>, rows: number, cols: number): void {
  for (const call of callsOn(rows, cols)) {
    x.set(call.arrays[0]);
    const onX = { ...call, arrays: [x, ...call.arrays.slice(1)] };
    run(engine, onX);
    const [{ name, width, over }] = call.op.outputs;
    if (width === 'cols' && over) run(engine, onX, { [name]: x });
  }
}

/** Rows that are narrow, wide, longer than a tile, and too long for the engine's own memory. */
const SHAPES = [
  [3000, 7],
  [40, 1000],
  [8, 100],
  [2, 9000],
  [1, 300_000],
] as const;

const wasmTiers = tiers.filter(({ name }) => name !== 'scalar');

describe.each(wasmTiers)('the memory of an engine, $name', ({ name, engine: open }) => {
  it('keeps its size and its buffer through every operation', () => {
    const arenaBytes = 4 << 20;
    const engine = open({ arenaBytes });
    expect(engine.tier).toBe(name);
    const first = engine.alloc(4);
    const { buffer } = first;
    const { byteLength } = buffer;
    expect(byteLength).toBeGreaterThan(arenaBytes);
    for (const [rows, cols] of SHAPES) {
      useEverything(engine, new Float32Array(rows * cols), rows, cols);
      const x = engine.alloc(rows * cols) as Float32Array<ArrayBuffer>;
      useEverything(engine, x, rows, cols);
      engine.free(x);
    }
    expect(() => engine.alloc(arenaBytes)).toThrow(RangeError);
    expect(engine.alloc(4).buffer).toBe(buffer);
    expect([buffer.byteLength, first.length]).toEqual([byteLength, 4]);
  });
});
