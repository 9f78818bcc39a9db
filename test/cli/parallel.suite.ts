import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/index.js';
import { temporaryFolder } from './npy-bytes.js';
import { MAIN } from './run-cli.js';

// GNU parallel (Debian: parallel) and shards, as docs/batch.md has them.

const { folder, put } = temporaryFolder();
const COLS = 100;
const ROWS = 100_000;
const logits = Float32Array.from({ length: ROWS * COLS }, (_, i) => 5 * Math.sin(i * 1.7));
const probs = createEngine({ tier: 'simd' }).softmax(logits, COLS);
put('logits.f32', new Uint8Array(logits.buffer));

function shell(line: string): void {
  const env = { ...process.env, CLI: `${process.execPath} ${MAIN}`, PARALLEL_HOME: folder };
  const { status, stderr } = spawnSync('bash', ['-c', `set -eo pipefail; ${line}`], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

function expectProbs(name: string): void {
  expect(readFileSync(join(folder, name)).equals(Buffer.from(probs.buffer))).toBe(true);
}

describe('GNU parallel', () => {
  it('splits a stream into blocks of whole rows', () => {
    shell(
      `parallel -k -j2 --pipe --block ${4 * COLS * 10_000} --recend '' $CLI softmax --format f32 --cols ${COLS} --tier simd -q ` +
        '< logits.f32 > probs.f32',
    );
    expectProbs('probs.f32');
  });

  it('runs the shards of a file', () => {
    shell(
      `parallel -k -j2 $CLI softmax logits.f32 --cols ${COLS} --shard {}/4 -o part-{}.f32 --tier simd -q ::: 1 2 3 4; ` +
        'cat part-1.f32 part-2.f32 part-3.f32 part-4.f32 > shards.f32',
    );
    expectProbs('shards.f32');
  });
});

describe('a Slurm array', () => {
  it('gives each task a shard', () => {
    const task = `$CLI softmax logits.f32 --cols ${COLS} --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT -o slurm-$SLURM_ARRAY_TASK_ID.f32 --tier simd -q`;
    shell(
      `export SLURM_ARRAY_TASK_COUNT=3; for SLURM_ARRAY_TASK_ID in 1 2 3; do ${task}; done; cat slurm-?.f32 > slurm.f32`,
    );
    expectProbs('slurm.f32');
  });
});
