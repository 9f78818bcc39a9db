import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { MAIN, runCli } from './run-cli.js';

// Shards that write into one file: it has the bytes of one run, whoever comes when, and appears when all are done.

const { folder, put } = temporaryFolder();
const [ROWS, COLS] = [23, 7];
const LOGITS = Array.from({ length: ROWS * COLS }, (_, i) => Math.fround(9 * Math.sin(i * i)));
const LABELS = Array.from({ length: ROWS }, (_, r) => (r % 5 === 0 ? -100 : r % COLS));

const file = (name: string) => join(folder, name);
const cli = (...args: string[]) => runCli(folder, ...args, '-q', '--tier', 'simd');
const softmax = (shard: string, ...more: string[]) =>
  cli('softmax', 'logits.npy', '-o', 'out.npy', '--join', '--shard', shard, ...more);
const expectDone = (answer: { code: number | null; stderr: string }) =>
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
const whole = (...args: string[]) => {
  expectDone(cli(...args, '-o', 'whole'));
  return readFileSync(file('whole'));
};

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(file(name), { recursive: true });
  put('logits.npy', npyOf('<f4', `(${ROWS}, ${COLS})`, LOGITS));
  put('labels.npy', npyOf('<i4', `(${ROWS},)`, LABELS));
  put('logits.f32', Buffer.from(Float32Array.from(LOGITS).buffer));
});

describe('--join', () => {
  it.each([1, 2, 5, 23, 30])('%i shards in any order are the file of one run', (count) => {
    const order = Array.from({ length: count }, (_, i) => ((i * 7) % count) + 1);
    for (const [i, shard] of order.entries()) {
      expect(existsSync(file('out.npy'))).toBe(false);
      expectDone(softmax(`${shard}/${count}`));
      expect(existsSync(file('out.npy.shards'))).toBe(i < count - 1);
    }
    expect(readFileSync(file('out.npy'))).toEqual(whole('softmax', 'logits.npy'));
  });

  it('of other operations and formats, with the gradient and the losses', () => {
    const loss = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy'];
    for (const shard of ['2/2', '1/2']) {
      expectDone(cli('log-sum-exp', 'logits.npy', '-o', 'lse.npy', '--join', '--shard', shard));
      expectDone(cli('log-softmax', 'logits.f32', '--cols', String(COLS), '-o', 'log.f32', '--join', '--shard', shard));
      expectDone(cli(...loss, '-o', 'losses.npy', '--grad', 'grad.npy', '--join', '--shard', shard));
    }
    expect(readFileSync(file('lse.npy'))).toEqual(whole('log-sum-exp', 'logits.npy'));
    expect(readFileSync(file('log.f32'))).toEqual(whole('log-softmax', 'logits.f32', '--cols', String(COLS)));
    expect(readFileSync(file('losses.npy'))).toEqual(whole(...loss, '--grad', 'whole-grad.npy'));
    expect(readFileSync(file('grad.npy'))).toEqual(readFileSync(file('whole-grad.npy')));
  });

  it('all at once', async () => {
    const args = (i: number) => [
      'softmax',
      'logits.npy',
      '-o',
      'out.npy',
      '--join',
      '--shard',
      `${i}/8`,
      '-q',
      '--tier',
      'simd',
    ];
    const codes = Array.from({ length: 8 }, (_, i) => {
      const child = spawn(process.execPath, [MAIN, ...args(i + 1)], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return new Promise((resolve) => child.on('exit', resolve));
    });
    expect(await Promise.all(codes)).toEqual(new Array(8).fill(0));
    expect(readFileSync(file('out.npy'))).toEqual(whole('softmax', 'logits.npy'));
    expect(readdirSync(folder).sort()).toEqual(['labels.npy', 'logits.f32', 'logits.npy', 'out.npy', 'whole']);
  });

  it.skipIf(process.platform === 'win32')('a shard that is killed in the midst runs again', async () => {
    // Holes are zeros: enough of them to be in the midst for a while.
    const rows = 200_000;
    put('large.npy', npyOf('<f4', `(${rows}, 1000)`, []));
    truncateSync(file('large.npy'), 128 + 4 * rows * 1000);
    const args = ['softmax', 'large.npy', '-o', 'large-out.npy', '--join', '--tier', 'scalar', '-q', '--shard'];
    const child = spawn(process.execPath, [MAIN, ...args, '1/200'], { cwd: folder });
    await expect.poll(() => existsSync(file('large-out.npy.shards/data')), { timeout: 20_000, interval: 1 }).toBe(true);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('exit', resolve));
    expect(readdirSync(file('large-out.npy.shards')).sort()).toEqual(['data', 'plan']);
    expectDone(runCli(folder, ...args, '1/200'));
    expect(readdirSync(file('large-out.npy.shards')).sort()).toEqual(['data', 'done-1', 'plan']);
    const part = readFileSync(file('large-out.npy.shards/data')).subarray(128, 128 + 4 * 1000 * 1000);
    const expected = Math.fround(0.001);
    expect(new Float32Array(part.buffer, part.byteOffset, part.length / 4).every((value) => value === expected)).toBe(
      true,
    );
  });

  it('a shard that is done is not computed again, and completes what another has left', () => {
    expectDone(softmax('1/2'));
    expectDone(softmax('2/2', '--threads', '1'));
    rmSync(file('out.npy'));
    // All are done, but the one that found out was killed before it could say so.
    expectDone(softmax('1/2'));
    const data = file('out.npy.shards/data');
    // A row of the first shard is another one: it stays, as nobody computes it again.
    const before = readFileSync(data);
    before.writeFloatLE(42, 128);
    writeFileSync(data, before);
    writeFileSync(file('out.npy.shards/done-2'), '');
    expectDone(softmax('1/2'));
    expect(readFileSync(file('out.npy'))).toEqual(before);
  });

  it('shards of different jobs do not mix', () => {
    expectDone(softmax('1/2'));
    const refusal = (answer: { code: number | null; stderr: string }) => {
      expect(answer.code).toBe(2);
      expect(answer.stderr).toMatch(/; remove the folder to begin again\n$/);
      return /out\.npy: (expected .*), as the shards in/.exec(answer.stderr)![1];
    };
    expect(refusal(softmax('2/3'))).toBe('expected shards 2');
    expect(refusal(softmax('2/2', '--temperature', '2'))).toBe('expected temperature none');
    const scalar = ['softmax', 'logits.npy', '-o', 'out.npy', '--join', '--shard', '2/2', '-q', '--tier', 'scalar'];
    expect(refusal(runCli(folder, ...scalar))).toBe('expected tier "simd"');
    expect(refusal(cli('log-softmax', 'logits.npy', '-o', 'out.npy', '--join', '--shard', '2/2'))).toBe(
      'expected op "softmax"',
    );
    utimesSync(file('logits.npy'), 1, 1);
    expect(refusal(softmax('2/2'))).toMatch(/^expected files \[/);
  });

  it('what is there already is not replaced', () => {
    put('out.npy', Buffer.of(1));
    expect(softmax('1/2')).toMatchObject({
      code: 2,
      stderr: 'softmax-simd: out.npy: expected no such file with --join: remove it to have it made again\n',
    });
    expect(statSync(file('out.npy')).size).toBe(1);
  });

  it('needs a shard and a file', () => {
    expect(cli('softmax', 'logits.npy', '-o', 'out.npy', '--join').stderr).toContain('expected --shard with --join');
    const { stderr } = cli('softmax', 'logits.npy', '--join', '--shard', '1/2');
    expect(stderr).toContain('expected files to write with --join');
    expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout).not.toContain('shards');
  });
});
