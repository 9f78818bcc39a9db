import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type * as Package from '../../src/index.js';
import { createEngine } from '../../src/index.js';
import { expectRight, type Found } from '../runtimes/right.js';
import { tiers } from '../tiers.js';

// What a runtime lacks is taken from a process of its own: the built package there falls back and says why.

const ENTRY = new URL('../../dist/index.js', import.meta.url);
const PROBE = new URL('../runtimes/probe.mjs', import.meta.url);

/** The tier and reason of a runtime that lacks nothing, as the process that runs this finds them. */
const { backend } = (await import(/* @vite-ignore */ ENTRY.href)) as typeof Package;
const usual = backend();

/** Runs in the other process: what the package gives, and what createEngine does with each of the options. */
function program(options: object[], before: string): string {
  return `
${before}
const api = await import('${ENTRY.href}');
const { probe } = await import('${PROBE.href}');
console.log(JSON.stringify(probe(api, ${JSON.stringify(options)})));`;
}

function run(flags: string[], options: object[] = [], before = ''): Found {
  if (!existsSync(ENTRY)) throw new Error('dist/index.js is missing: npm run build makes it');
  const args = [...flags, '--input-type=module', '--eval', program(options, before)];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
  // V8 prints warnings about its flags to stdout.
  return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Found;
}

const NO_SIMD = 'WebAssembly.Module(): Wasm SIMD unsupported';

describe('a runtime', () => {
  it.each([
    { lacks: 'SIMD', flags: ['--no-enable-sse4-1'], before: '', says: NO_SIMD },
    { lacks: 'WebAssembly', flags: ['--jitless'], before: '', says: 'WebAssembly is not defined' },
    {
      lacks: 'leave to compile WebAssembly',
      flags: [],
      before: `WebAssembly.Module = function () { throw new WebAssembly.CompileError('blocked by the page'); };`,
      says: 'blocked by the page',
    },
    {
      lacks: 'synchronous compilation of more than a few bytes',
      flags: [],
      before: `WebAssembly.Module = function () { throw new RangeError('disallowed, if the buffer is larger than 4KB'); };`,
      says: 'disallowed, if the buffer is larger than 4KB',
    },
  ])('that lacks $lacks goes on with scalar and says why', ({ flags, before, says }) => {
    const found = run(flags, [{}, { tier: 'simd' }, { tier: 'relaxed' }, { arenaBytes: 64 }], before);
    const { tier, reason } = found.backend;
    expect(tier).toBe('scalar');
    expect(reason!.split('; ')).toEqual([expect.stringMatching(/^relaxed: ./), expect.stringMatching(/^simd: ./)]);
    for (const part of reason!.split('; ')) expect(part).toContain(says);
    const [auto, simd, relaxed, arena] = found.engines;
    expect(auto).toEqual({ options: {}, tier, reason });
    expect(arena).toMatchObject({ tier, reason });
    for (const [name, attempt] of [
      ['simd', simd],
      ['relaxed', relaxed],
    ] as const) {
      expect(attempt).toMatchObject({ error: 'Error', argument: 'tier' });
      const rule = `createEngine: expected tier to be one that this runtime compiles, got '${name}' (`;
      expect(attempt!.message!.startsWith(rule)).toBe(true);
      expect(attempt!.message).toContain(says);
    }
    expectRight(found);
  });

  it('that lacks nothing takes its fastest tier', () => {
    const found = run([], [{}]);
    expect(found.backend).toEqual(usual);
    expect(found.engines).toEqual([{ options: {}, ...usual }]);
    expect(['relaxed', 'simd']).toContain(usual.tier);
    if (usual.tier === 'simd') expect(usual.reason).toMatch(/^relaxed: [^;]+$/);
    else expect(usual.reason).toBe(null);
    for (const { name } of tiers)
      expect(run([], [{ tier: name }]).engines[0]).toMatchObject({ tier: name, reason: null });
    expectRight(found);
  });

  it('that has no TextEncoder, like jsdom in Jest, takes its fastest tier too', () => {
    const found = run([], [{}], 'delete globalThis.TextEncoder;');
    expect(found.backend).toEqual(usual);
    expectRight(found);
  });

  // On Node 20 relaxed SIMD is behind a flag, which later ones no longer know.
  const relaxed = usual.tier === 'relaxed' ? [] : ['--experimental-wasm-relaxed-simd'];

  it('with relaxed SIMD takes relaxed, whether its FMA is fused or not', () => {
    for (const flags of [relaxed, [...relaxed, '--no-enable-fma3']]) {
      const found = run(flags, [{ tier: 'relaxed' }]);
      expect(found.backend).toEqual({ tier: 'relaxed', reason: null });
      expectRight(found);
    }
  });

  it('without FMA gives the same bits on simd', () => {
    const pinned = (flags: string[]) => run(flags, [], `(await import('${ENTRY.href}')).init({ tier: 'simd' });`);
    const found = pinned(['--no-enable-fma3']);
    expect(found.backend).toEqual({ tier: 'simd', reason: null });
    expect(found).toEqual(pinned([]));
    expectRight(found);
  });
});

describe('little memory', () => {
  const PAGE = 65536;
  const asked = (arenaBytes: number) =>
    new RegExp(
      `^createEngine: expected arenaBytes to be memory that can be had, got ${arenaBytes} \\((\\d+) bytes in all\\)$`,
    );

  it('too little for any wasm engine: auto goes on with scalar, who asked for simd is told how much was asked', () => {
    const pages = 16;
    const found = run(
      [`--wasm-max-mem-pages=${pages}`],
      [{}, { tier: 'simd' }, { arenaBytes: PAGE }, { tier: 'scalar' }],
    );
    expect(found.backend.tier).toBe('scalar');
    expect(found.backend.reason).toMatch(
      /^relaxed: .+; simd: createEngine: expected arenaBytes to be memory .+ got 0 \(/,
    );
    const [auto, simd, arena, scalar] = found.engines;
    expect(auto).toMatchObject(found.backend);
    expect(arena).toMatchObject({ tier: 'scalar' });
    expect(arena!.reason).toContain(`got ${PAGE} (`);
    expect(simd).toMatchObject({ error: 'RangeError', argument: 'arenaBytes' });
    expect(simd!.message).toMatch(asked(0));
    expect(Number(asked(0).exec(simd!.message!)![1])).toBeGreaterThan(pages * PAGE);
    expect(scalar).toMatchObject({ tier: 'scalar', reason: null });
    expectRight(found);
  });

  it('too little for an arena: the engine of the functions, and those made afterwards, work', () => {
    const arenaBytes = 64 << 20;
    const found = run(
      ['--wasm-max-mem-pages=128'],
      [{ arenaBytes }, { arenaBytes, tier: 'simd' }, {}, { tier: 'simd' }],
    );
    expect(found.backend).toEqual(usual);
    const [auto, simd] = found.engines;
    expect(auto).toMatchObject({ tier: 'scalar' });
    expect(auto!.reason).toMatch(/^relaxed: .+; simd: createEngine: expected arenaBytes to be memory/);
    expect(simd).toMatchObject({ error: 'RangeError', argument: 'arenaBytes' });
    expect(simd!.message).toMatch(asked(arenaBytes));
    expect(found.engines.slice(2)).toMatchObject([usual, { tier: 'simd', reason: null }]);
    expectRight(found);
  });
});

describe.each(tiers)('results that no memory holds, $name', ({ name, engine: open }) => {
  const engine = open({ arenaBytes: 1024 });
  const row = new Float32Array(1 << 20).fill(0.5);

  it('are RangeErrors that say how much was asked, and the engine goes on', () => {
    expect(engine.tier).toBe(name);
    const [elements, bytes] = [2 ** 40, 2 ** 42];
    const message = `softmaxJacobian: expected memory for a result of ${elements} elements (${bytes} bytes), got none`;
    for (let i = 0; i < 3; i++) {
      expect(() => engine.softmaxJacobian(row, row.length)).toThrow(new RangeError(message));
      expect([...engine.softmaxJacobian(Float32Array.of(0.25, 0.75), 2)]).toEqual([0.1875, -0.1875, -0.1875, 0.1875]);
    }
    expect(row.every((v) => v === 0.5)).toBe(true);
  });

  it('so are arrays that no arena of this size has', () => {
    const fits = `alloc: expected length to fit the arena (1024 bytes, 1024 left), got ${2 ** 40} elements (${2 ** 42} bytes)`;
    expect(() => engine.alloc(2 ** 40)).toThrow(new RangeError(fits));
    expect([...engine.softmax(engine.alloc(4), 4)]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('and arenas larger than any memory', () => {
    const arenaBytes = 2 ** 45;
    const make = () => open({ arenaBytes }).alloc(arenaBytes / 4);
    expect(make).toThrow(RangeError);
    expect(make).toThrow(name === 'scalar' ? `${arenaBytes} bytes` : `got ${arenaBytes} (`);
    expect(() => createEngine({ arenaBytes })).toThrow(
      `expected arenaBytes to be memory that can be had, got ${arenaBytes}`,
    );
    expect(open().softmax(Float32Array.of(1, 1), 2)[0]).toBe(0.5);
  });
});
