import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { npzOf } from './npz-bytes.js';
import { runCli } from './run-cli.js';

// Arrays of a .npz give what the same .npy give.

const { folder, put } = temporaryFolder();
vi.setConfig({ testTimeout: 60_000 });
const [ROWS, COLS] = [3000, 50];
const LOGITS = npyOf(
  '<f4',
  `(${ROWS}, ${COLS})`,
  Array.from({ length: ROWS * COLS }, (_, i) => 9 * Math.sin(i * i)),
);
const LABELS = npyOf(
  '<i8',
  `(${ROWS}, 1)`,
  Array.from({ length: ROWS }, (_, r) => (r * 7) % COLS),
);
const MASK = npyOf(
  '|b1',
  `(${COLS},)`,
  Array.from({ length: COLS }, (_, i) => Number(i % 3 > 0)),
);
const MEMBERS = { 'logits.npy': LOGITS, 'labels.npy': LABELS, 'mask.npy': MASK, 'notes.txt': Buffer.from('none') };

for (const [name, bytes] of Object.entries(MEMBERS)) put(name, bytes);
put('stored.npz', npzOf(MEMBERS, false));
put('packed.npz', npzOf(MEMBERS, true));

const file = (name: string) => join(folder, name);
const cli = (...args: string[]) => runCli(folder, ...args, '-q', '--tier', 'simd');
const run = (...args: string[]) => {
  const answer = cli(...args);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  return answer.stdout;
};
const written = (...args: string[]) => {
  run(...args, '-o', 'out.npy');
  return readFileSync(file('out.npy'));
};

describe.each(['stored.npz', 'packed.npz'])('%s', (npz) => {
  it('--key, and the mask of the same file', () => {
    const expected = written('softmax', 'logits.npy', '--mask', 'mask.npy');
    expect(written('softmax', npz, '--key', 'logits', '--mask', `${npz}/mask`)).toEqual(expected);
    expect(written('softmax', `${npz}/logits`, '--mask', `${npz}/mask`)).toEqual(expected);
  });

  it('targets, read twice', () => {
    const loss = run('cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--grad', 'expected.npy');
    expect(run('cross-entropy', npz, '--key', 'logits', '--targets', `${npz}/labels`, '--grad', 'grad.npy')).toBe(loss);
    expect(readFileSync(file('grad.npy'))).toEqual(readFileSync(file('expected.npy')));
  });

  it('shards, joined', () => {
    rmSync(file('joint.npy'), { force: true });
    for (const shard of ['2/3', '1/3', '3/3']) {
      run('softmax', npz, '--key', 'logits', '--shard', shard, '--join', '-o', 'joint.npy');
    }
    expect(readFileSync(file('joint.npy'))).toEqual(written('softmax', 'logits.npy'));
  });

  it('one byte that is another, anywhere among the data', () => {
    const bytes = readFileSync(file(npz));
    bytes[2000]! ^= 1;
    put('bad.npz', bytes);
    const { code, stderr } = cli('softmax', 'bad.npz', '--key', 'logits', '-o', 'none.npy');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^softmax-simd: bad\.npz\/logits: expected (the bytes that were packed|a \.npz: )/);
    expect(existsSync(file('none.npy'))).toBe(false);
  });
});

it('the only array needs no name', () => {
  put('one.npz', npzOf({ 'arr_0.npy': LOGITS }, true));
  expect(written('softmax', 'one.npz')).toEqual(written('softmax', 'logits.npy'));
});

it('in a plan of shards, another array of the same file', () => {
  const args = (array: string, shard: string) =>
    cli('softmax', 'two.npz/' + array, '-o', 'planned.npy', '--join', '--shard', shard);
  put('two.npz', npzOf({ 'a.npy': LOGITS, 'b.npy': LOGITS }, false));
  expect(args('a', '1/2').code).toBe(0);
  expect(args('b', '2/2')).toMatchObject({ code: 2 });
  expect(args('a', '2/2').code).toBe(0);
});

describe('what is refused', () => {
  const refusal = (...args: string[]) => {
    const { code, stderr } = cli('softmax', ...args, ...(args.includes('-o') ? [] : ['-o', 'none.npy']));
    expect(code).toBe(2);
    expect(existsSync(file('none.npy'))).toBe(false);
    return stderr
      .replace('softmax-simd: ', '')
      .replace(/; softmax-simd .*/, '')
      .trimEnd();
  };

  it('no name or a wrong one', () => {
    const got = 'got logits, labels, mask';
    expect(refusal('stored.npz')).toBe(`stored.npz: expected one array, ${got}: --key, or stored.npz/NAME, says which`);
    expect(refusal('stored.npz', '--key', 'probs')).toBe(`stored.npz: expected one array "probs", ${got}`);
    expect(refusal('stored.npz/notes')).toBe(`stored.npz: expected one array "notes", ${got}`);
  });

  it('what is no .npz', () => {
    put('text.npz', Buffer.from('none'));
    expect(refusal('text.npz')).toMatch(/^text\.npz: expected a \.npz: end of central directory/);
    put('short.npz', readFileSync(file('stored.npz')).subarray(0, -100));
    expect(refusal('short.npz')).toMatch(/^short\.npz: expected a \.npz: /);
    expect(refusal('missing.npz')).toBe('missing.npz: no such file or directory (ENOENT)');
    expect(refusal('-', '--key', 'logits')).toBe(
      'softmax: expected the name of the .npz, as its directory is at its end',
    );
  });

  it('a .npz to write, and --key of another format', () => {
    expect(refusal('logits.npy', '-o', 'out.npz')).toContain(
      'expected a file to write in the format of the logits, npy',
    );
    expect(refusal('logits.npy', '--format', 'f32', '--cols', '3', '--key', 'a')).toBe(
      'softmax: expected npy with --key, got f32',
    );
  });
});
