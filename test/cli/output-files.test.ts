import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { MAIN, runCli } from './run-cli.js';

// What becomes of files that are there already, of links and names, and of standard streams that are not.

const { folder, put } = temporaryFolder();
const posix = process.platform !== 'win32';
const LOGITS = npyOf('<f4', '(2, 2)', [0, 0, 1, 1]);
const HALVES = Buffer.from(Float32Array.of(0.5, 0.5, 0.5, 0.5).buffer);

const softmax = (output: string) => runCli(folder, 'softmax', 'logits.npy', '-o', output, '-q');
const written = (name: string) => readFileSync(join(folder, name)).subarray(128);
const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o7777;
/** Runs a line of shell in which $CLI is the command. */
const shell = (line: string) => {
  const env = { ...process.env, CLI: `${process.execPath} ${MAIN}` };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8', env });
  return { status, stdout, stderr };
};

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  put('logits.npy', LOGITS);
});

describe.runIf(posix)('a file that is replaced', () => {
  it.each([0o666, 0o640, 0o600, 0o755])('keeps the mode %o, whatever the umask', (mode) => {
    put('out.npy', Buffer.of(1));
    chmodSync(join(folder, 'out.npy'), mode);
    expect(softmax('out.npy')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(modeOf('out.npy')).toBe(mode);
    expect(written('out.npy')).toEqual(HALVES);
  });

  it('a new one has what the umask leaves', () => {
    expect(shell('umask 027; $CLI softmax logits.npy -o new.npy -q')).toMatchObject({ status: 0 });
    expect(modeOf('new.npy')).toBe(0o640);
  });

  it.runIf(process.getuid?.() === 0)('keeps its owner where that is allowed', () => {
    put('out.npy', Buffer.of(1));
    chownSync(join(folder, 'out.npy'), 65534, 12345);
    expect(softmax('out.npy').code).toBe(0);
    expect(statSync(join(folder, 'out.npy'))).toMatchObject({ uid: 65534, gid: 12345 });
  });

  it('is not replaced by who may not write to it', () => {
    // Root may: then the command runs as another user, from a copy which that user may read, in a folder of its own.
    const root = process.getuid?.() === 0;
    const place = mkdtempSync(join(tmpdir(), 'softmax-simd-owner-'));
    try {
      const home = dirname(dirname(MAIN));
      cpSync(home, join(place, 'dist'), { recursive: true });
      cpSync(join(dirname(home), 'package.json'), join(place, 'package.json'));
      mkdirSync(join(place, 'work'));
      cpSync(join(folder, 'logits.npy'), join(place, 'work/logits.npy'));
      cpSync(join(folder, 'logits.npy'), join(place, 'work/out.npy'));
      chmodSync(join(place, 'work/out.npy'), 0o444);
      chmodSync(place, 0o755);
      if (root) chownSync(join(place, 'work'), 65534, 65534);
      const args = [join(place, 'dist/cli/main.js'), 'softmax', 'logits.npy', '-o', 'out.npy'];
      const { status, stderr } = spawnSync(process.execPath, args, {
        cwd: join(place, 'work'),
        encoding: 'utf8',
        ...(root ? { uid: 65534, gid: 65534 } : {}),
      });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'softmax-simd: out.npy: permission denied (EACCES)\n',
      });
      expect(readFileSync(join(place, 'work/out.npy'))).toEqual(LOGITS);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

describe.runIf(posix)('links and names', () => {
  it('a link that leads to nothing yet is followed, through others and other folders', () => {
    mkdirSync(join(folder, 'far'));
    symlinkSync('far/second', join(folder, 'first'));
    symlinkSync('../target.npy', join(folder, 'far/second'));
    expect(softmax('first')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(lstatSync(join(folder, 'first')).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(folder, 'far/second')).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(folder, 'target.npy')).isFile()).toBe(true);
    expect(written('target.npy')).toEqual(HALVES);
  });

  it('links in a circle, and a name that ends as a folder’s', () => {
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    expect(softmax('a')).toMatchObject({ code: 2, stderr: expect.stringContaining('(ELOOP)') as unknown });
    expect(softmax('none/')).toMatchObject({ code: 2, stderr: expect.stringContaining('got a directory') as unknown });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it.each([
    ['x', 244],
    ['x', 255],
    ['\u{1f600}', 252],
  ])('%s, again and again, to a name of %i bytes', (character, bytes) => {
    const name = character.repeat(bytes / Buffer.byteLength(character));
    expect(softmax(name)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(written(name)).toEqual(HALVES);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('a longer one is refused before a row is computed', () => {
    expect(runCli(folder, 'softmax', 'logits.npy', '-o', 'x'.repeat(256)).stderr).toMatch(
      /: name too long \(ENAMETOOLONG\)\n$/,
    );
  });

  it('what kill -9 leaves can be seen, and the help speaks of it', async () => {
    const child = spawn(process.execPath, [MAIN, 'softmax', '--format', 'f32', '--cols', '4', '-o', 'out.f32'], {
      cwd: folder,
    });
    child.stdin.write(Buffer.alloc(1600));
    const left = () => readdirSync(folder).filter((name) => name !== 'logits.npy');
    await expect.poll(left, { timeout: 10_000 }).toHaveLength(1);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    expect(left()).toEqual([expect.stringMatching(/^out\.f32\.[0-9a-f]{12}\.tmp$/)]);
    expect(runCli(folder, '--help').stdout).toContain('NAME.*.tmp');
  });
});

describe.runIf(process.platform === 'linux')('standard streams that are closed', () => {
  const rule = 'expected -o with a file to write, or standard output to be open';

  it('rows and the loss for a closed standard output', () => {
    put('labels.npy', npyOf('<i1', '(2,)', [0, 1]));
    const loss = 'cross-entropy logits.npy --targets labels.npy -q';
    for (const [op, line] of [
      ['softmax', 'softmax logits.npy -q'],
      ['log-sum-exp', 'log-sum-exp logits.npy -o - -q'],
      ['cross-entropy', loss],
      ['cross-entropy', `${loss} --grad - -o losses.npy`],
    ] as const) {
      expect(shell(`$CLI ${line} >&-`)).toMatchObject({
        status: 2,
        stderr: `softmax-simd: ${op}: ${rule}; softmax-simd ${op} --help shows how\n`,
      });
      expect(shell(`$CLI ${line} > /dev/null`)).toEqual({ status: 0, stdout: '', stderr: '' });
    }
    // Here the loss is not all that was asked for.
    expect(shell(`$CLI ${loss} --grad grad.npy >&-`)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('a closed standard input', () => {
    expect(shell('$CLI softmax --format f32 --cols 2 -o out.f32 <&-')).toMatchObject({
      status: 2,
      stderr: 'softmax-simd: standard input: expected it to be open, got a closed one\n',
    });
    expect(shell('$CLI softmax --format f32 --cols 2 -o out.f32 -q < /dev/null')).toMatchObject({ status: 0 });
  });
});
