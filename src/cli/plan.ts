import { stat } from 'node:fs/promises';
import { fileOf, memberOf } from './array-input.js';
import type { Plan } from './joint-output.js';
import type { JobOptions } from './job-options.js';
import { version } from './version.js';

/** Flags that do not change a result, or are in the plan as what they lead to. */
const APART = [
  ...['input', 'targets', 'class-weights', 'output', 'indices', 'grad'],
  ...['shard', 'join', 'threads', 'quiet', 'tier'],
];

/** Flags whose files are in the plan; it matters which of them they are given to. */
const FILES = ['mask', 'starts', 'ends'];

/** What the shards of a job must agree on: what is computed, on which tier, of which files. */
export async function planOf(op: string, options: JobOptions, tier: string, inputs: readonly string[]): Promise<Plan> {
  const flags = Object.entries(options)
    .filter(([name, value]) => !APART.includes(name) && value !== undefined)
    .map(([name, value]): [string, unknown] => [name, FILES.includes(name) || value]);
  const files = await Promise.all(
    inputs.map(async (path) => {
      const stats = await stat(fileOf(path));
      return stats.isFile() ? { array: memberOf(path), bytes: stats.size, changed: stats.mtime.toISOString() } : null;
    }),
  );
  return { version: version(), op, tier, files, ...Object.fromEntries(flags) };
}
