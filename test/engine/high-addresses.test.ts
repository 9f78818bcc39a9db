import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { type Call, callsOn, newOutput, OPS, type Operand, run } from '../calls.js';
import { bitsOf, openThreads, poolCalls, sharedCall } from '../pool/pool-calls.js';
import { callOn } from '../calls.js';
import { makeFunction } from '../../src/call.js';
import type { Runner } from '../../src/operation.js';
import { OPERATIONS } from '../../src/ops/operations.js';
import { PLAIN } from '../../src/rows.js';
import { Area } from '../../src/wasm/area.js';
import type { Kernels } from '../../src/wasm/kernels.js';
import { Views } from '../../src/wasm/linear-memory.js';
import { moduleOf, readerModuleOrNull } from '../../src/wasm/load.js';
import type { Reader } from '../../src/wasm/reader-module.js';
import { RowTiles } from '../../src/wasm/row-tiles.js';
import { Tiles } from '../../src/wasm/tiles.js';
import { LAID_OPS } from '../rows/case.js';
import { expectedOf, expectWrittenOut } from '../rows/compare.js';
import { laidCalls } from '../rows/specs.js';
import { tiers } from '../tiers.js';
import { expectSame } from '../ulp.js';

// Addresses above 2 GiB are negative as int32: everything there has the bits that it has below. Pages are taken only where
// something is written, so an engine of nearly 4 GiB costs little.

const MB = 2 ** 20;
/** About as much as there can be. */
const ARENA = 4092 * MB;
/** Megabytes before the arrays: they lie across 2 GiB, above it, and where the memory ends. */
const PLACES = { 'across 2 GiB': 2045.9, 'above 2 GiB': 3000, 'at the end': 4079 };
const SHAPES = [
  [9, 10],
  [5, 64],
  [3, 1000],
] as const;
const bytesBefore = (megabytes: number) => 16 * Math.floor((megabytes * MB) / 16);

/** Arrays of an engine, freed at the end. */
function arraysOf(engine: Engine): { put: (array: Operand) => Operand; free: () => void } {
  const held: Float32Array[] = [];
  const put = (array: Operand): Operand => {
    const block = engine.alloc(Math.ceil(array.byteLength / 4));
    held.push(block);
    const Class = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Operand;
    const view = new Class(block.buffer, block.byteOffset, array.length);
    view.set(array);
    return view;
  };
  return { put, free: () => held.splice(0).forEach((block) => engine.free(block)) };
}

const isArray = (value: unknown): value is Operand => ArrayBuffer.isView(value) && !(value instanceof DataView);
function moved({ arrays, options, ...call }: Call, put: (array: Operand) => Operand): Call {
  const given = Object.entries(options).map(([name, value]) => [name, isArray(value) ? put(value) : value] as const);
  return { ...call, arrays: arrays.map(put), options: Object.fromEntries(given) };
}

/** Those that the kernels alone compute. */
const COPIED = OPERATIONS.filter(({ decision }) => decision === null);
const COPIED_OPS = OPS.filter((op) => COPIED.some((operation) => operation.name === op.name));

/** Every operation over ordinary arrays, whose copies lie from a byte on. */
function engineOfCopies(tier: 'simd' | 'relaxed', base: number): Engine {
  const kernels = new WebAssembly.Instance(moduleOf(tier)).exports as unknown as Kernels;
  const { memory } = kernels;
  memory.grow(ARENA / 65536);
  const reader = new WebAssembly.Instance(readerModuleOrNull()!, { env: { memory } }).exports as unknown as Reader;
  const area = new Area(kernels, memory, 1024);
  const views = new Views(memory.buffer as ArrayBuffer);
  const nothing = { has: () => false };
  const tiles = new Tiles(area, views, nothing, base);
  const rowTiles = new RowTiles(area, views, nothing, base, reader);
  const runner: Runner = {
    tier,
    strays: () => false,
    run: (call) => void (call.layout === PLAIN ? tiles : rowTiles).run(call, ARENA),
  };
  const host = { runner, open: () => runner };
  return Object.fromEntries(COPIED.map((op) => [op.name, makeFunction(host, op)])) as unknown as Engine;
}

describe.each(tiers.filter(({ name }) => name !== 'scalar'))(
  'addresses above 2 GiB, $name',
  ({ name, engine: open }) => {
    const low = open();
    const engine = open({ arenaBytes: ARENA });
    it('runs on the tier it names', () => expect([engine.tier, low.tier]).toEqual([name, name]));

    describe.each(Object.entries(PLACES))('%s', (_, megabytes) => {
      it.each(SHAPES)('every operation, %i × %i', (rows, cols) => {
        const filler = engine.alloc(bytesBefore(megabytes) / 4);
        const { put, free } = arraysOf(engine);
        for (const call of callsOn(rows, cols)) {
          const want = run(low, call);
          const outs = Object.fromEntries(call.op.outputs.map((o) => [o.name, put(newOutput(o, rows, cols))]));
          const got = run(engine, moved(call, put), outs);
          for (const output of call.op.outputs) expectSame(got[output.name], want[output.name]);
          free();
        }
        engine.free(filler);
      });

      it('rows as they are', () => {
        const filler = engine.alloc(bytesBefore(megabytes) / 4);
        const { put, free } = arraysOf(engine);
        for (const op of LAID_OPS) {
          fc.assert(
            fc.property(laidCalls(op), ({ laid, half }) => {
              expectWrittenOut(laid, run(engine, moved(laid.call, put)), expectedOf(low, laid), half);
              free();
            }),
            { numRuns: 25, seed: 11 },
          );
        }
        engine.free(filler);
      });
    });

    describe('copies that lie there, as those of very long rows do', () => {
      const high = engineOfCopies(name as 'simd' | 'relaxed', 2100 * MB);

      it.each(SHAPES)('every operation, %i × %i', (rows, cols) => {
        for (const call of callsOn(rows, cols, COPIED_OPS)) {
          const want = run(low, call);
          const got = run(high, call);
          for (const output of call.op.outputs) expectSame(got[output.name], want[output.name]);
        }
      });

      it('rows as they are', () => {
        for (const op of LAID_OPS.filter((one) => COPIED_OPS.includes(one))) {
          fc.assert(
            fc.property(laidCalls(op), ({ laid, half }) => {
              expectWrittenOut(laid, run(high, laid.call), expectedOf(low, laid), half);
            }),
            { numRuns: 25, seed: 12 },
          );
        }
      });
    });

    it('long rows, in place, to the last byte', () => {
      const cols = 300_000;
      const call = callsOn(
        2,
        cols,
        OPS.filter((op) => op.name === 'softmax'),
      )[0]!;
      const want = run(low, { ...call, arrays: [call.arrays[0].slice()] as Operand[] });
      const filler = engine.alloc(ARENA / 4 - 2 * cols);
      const last = engine.alloc(2 * cols);
      last.set(call.arrays[0] as Float32Array);
      engine.softmax(last, cols, { out: last });
      expectSame(last, want.out);
      engine.free(filler);
      engine.free(last);
    });

    it('an arena of 4 GiB is more than can be had', () => {
      expect(() => open({ arenaBytes: 2 ** 32 - 65536 })).toThrow('expected arenaBytes to be memory that can be had');
    });
  },
);

describe('a pool whose memory goes beyond 2 GiB', () => {
  it.each(tiers)('has the same bits, $name', async ({ name: tier, engine: open }) => {
    const pool = await openThreads({ threads: 2, tier });
    const engine = open();
    const filler = pool.alloc((2200 * MB) / 4);
    const got: boolean[] = [];
    for (const call of poolCalls(300, 65)) {
      const want = bitsOf(callOn(engine, call));
      const { shared, free } = sharedCall(pool, call);
      expect(shared.arrays[0].byteOffset).toBeGreaterThan(2 ** 31);
      got.push(bitsOf(await (callOn(pool, shared) as Promise<unknown>)).equals(want));
      free();
    }
    expect(got).not.toContain(false);
    pool.free(filler);
    await pool.close();
  });
});
