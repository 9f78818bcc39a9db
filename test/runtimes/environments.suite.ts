import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectFound, type Found } from './right.js';
import { missing, RUNTIMES } from './runtimes.mjs';

// Runtimes in which something is missing: right answers on the best tier left, and the reason. What is taken away is
// taken by the runtime's own flags where it has them.

const REPORT = fileURLToPath(new URL('./report.mjs', import.meta.url));

interface Way {
  /** Before the script. */
  flags?: string[];
  env?: Record<string, string>;
  /** A global that the process deletes before it imports the package. */
  without?: string;
  /** KiB of address space. */
  addresses?: number;
}

interface Environment {
  where: string;
  /** By runtime; those without one of their own have no way to it. */
  in: Record<string, Way>;
  /** Undefined: the fastest of the runtime's tiers. */
  tier?: 'simd' | 'scalar';
  says: RegExp;
}

/** The same flag of V8 in every Node and in Deno. */
const v8 = (flag: string): Record<string, Way> => ({
  'Node 20': { flags: [flag] },
  'Node 22': { flags: [flag] },
  'Node 24': { flags: [flag] },
  'Node 26': { flags: [flag] },
  Deno: { flags: [`--v8-flags=${flag}`] },
});
const everywhere = (way: Way): Record<string, Way> => Object.fromEntries(RUNTIMES.map(({ name }) => [name, way]));

const ENVIRONMENTS: Environment[] = [
  {
    where: 'no WebAssembly',
    in: { ...v8('--jitless'), Bun: { without: 'WebAssembly' } },
    tier: 'scalar',
    says: /WebAssembly/,
  },
  {
    where: 'no SIMD',
    in: { ...v8('--no-enable-sse4-1'), Bun: { env: { BUN_JSC_useWasmSIMD: '0' } } },
    tier: 'scalar',
    says: /SIMD unsupported|doesn't parse/,
  },
  {
    where: 'no relaxed SIMD',
    in: { 'Node 20': {}, Bun: { env: { BUN_JSC_useWasmRelaxedSIMD: '0' } } },
    tier: 'simd',
    says: /relaxed/,
  },
  {
    where: 'no SharedArrayBuffer',
    in: { ...everywhere({ without: 'SharedArrayBuffer' }), Bun: { env: { BUN_JSC_useSharedArrayBuffer: '0' } } },
    says: /relaxed/,
  },
  {
    where: 'no memory for an engine',
    in: v8('--wasm-max-mem-pages=16'),
    tier: 'scalar',
    says: /expected arenaBytes to be memory|relaxed-simd/,
  },
  // V8 then does without the 10 GB that it sets aside for each memory otherwise.
  { where: '2 GB of address space (ulimit -v)', in: { 'Node 24': { addresses: 2_000_000 } }, says: /./ },
];

const only = process.env.SOFTMAX_ONLY?.split(',') ?? RUNTIMES.map(({ name }) => name);
const here = RUNTIMES.filter((runtime) => only.includes(runtime.name) && missing(runtime) === undefined);

describe.each(here)('$name', ({ name, file, start, tiers }) => {
  const environments = ENVIRONMENTS.filter((environment) => name in environment.in);

  it.for(environments.map((environment) => [environment.where, environment] as const))(
    '%s',
    ([where, environment], { task }) => {
      const { in: ways, tier = tiers[0]!, says } = environment;
      const { flags = [], env, without, addresses } = ways[name]!;
      const command = [file, ...start, ...flags, REPORT, ...(without ? [without] : [])];
      const limited = addresses ? ['sh', '-c', `ulimit -v ${addresses} && exec "$0" "$@"`] : [];
      const [first, ...args] = [...limited, ...command];
      const { status, stdout, stderr } = spawnSync(first!, args, { encoding: 'utf8', env: { ...process.env, ...env } });
      expect(status, stderr).toBe(0);
      // V8 prints warnings about its flags to stdout.
      const found = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Found;
      expectFound(found, tier, says);
      expect(found.shared).toBe(where !== 'no SharedArrayBuffer');
      task.meta.environment = { where, runtime: name, tier, reason: found.backend.reason };
    },
  );
});
