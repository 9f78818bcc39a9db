import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'npyjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { MAIN, runCli } from './run-cli.js';
import { tiers } from '../tiers.js';

const { folder, put } = temporaryFolder();
const scalar = createEngine({ tier: 'scalar' });

// Processes take long to start on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const LOGITS = Float32Array.of(1, 2, 3, -1, 0.5, 20, 0, 0, 0, 7, -7, 1);
const LABELS = Int32Array.of(2, 0, 1, 2);

const cli = (...args: string[]) => runCli(folder, ...args);
const quiet = (...args: string[]) => cli(...args, '--quiet');
const onScalar = (...args: string[]) => quiet(...args, '--tier', 'scalar');

/** Runs a line of shell in which "$0" "$1" is the command. Unlike a socket of ours its pipes open as /dev/stdin. */
const shell = (line: string) =>
  spawnSync('sh', ['-c', line, process.execPath, MAIN], { cwd: folder, encoding: 'utf8' });

/** The file's shape and numbers, as npyjs reads them. */
async function loaded(name: string) {
  const { data, shape } = await load(new Uint8Array(readFileSync(join(folder, name))).buffer);
  return { shape, values: Array.from(data as Float32Array) };
}

beforeEach(() => {
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
  put('logits.npy', npyOf('<f4', '(4, 3)', Array.from(LOGITS)));
  put('labels.npy', npyOf('<i8', '(4,)', Array.from(LABELS)));
});

describe('row operations', () => {
  it.each([
    ['softmax', [4, 3], scalar.softmax],
    ['log-softmax', [4, 3], scalar.logSoftmax],
    ['log-sum-exp', [4], scalar.logSumExp],
    ['entropy', [4], scalar.entropy],
  ] as [string, number[], (logits: Float32Array, cols: number, options?: object) => Float32Array][])(
    '%s',
    async (op, shape, compute) => {
      expect(onScalar(op, 'logits.npy', '-o', 'out.npy')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await loaded('out.npy')).toEqual({ shape, values: Array.from(compute(LOGITS, 3)) });
      onScalar(op, 'logits.npy', '--output=out.npy', '--temperature', '0.7');
      expect((await loaded('out.npy')).values).toEqual(Array.from(compute(LOGITS, 3, { temperature: 0.7 })));
    },
  );

  it.each(tiers)('--tier $name gives the bits of that tier', async ({ name, engine }) => {
    expect(quiet('softmax', 'logits.npy', '-o', 'out.npy', '--tier', name)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect((await loaded('out.npy')).values).toEqual(Array.from(engine().softmax(LOGITS, 3)));
  });

  it('without --tier takes the fastest that runs here', async () => {
    cli('log-softmax', 'logits.npy', '-o', 'out.npy');
    expect((await loaded('out.npy')).values).toEqual(Array.from(createEngine().logSoftmax(LOGITS, 3)));
  });

  it('softmax is e^x over its sum', async () => {
    cli('softmax', 'logits.npy', '-o', 'out.npy');
    const { values } = await loaded('out.npy');
    values.forEach((value, i) => {
      const row = Array.from(LOGITS.subarray(i - (i % 3), i - (i % 3) + 3), Math.exp);
      const expected = Math.exp(LOGITS[i]!) / (row[0]! + row[1]! + row[2]!);
      // 6 ULP of f32 at most.
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(6 * 2 ** -23 * expected);
    });
  });

  it.each([
    ['(2, 2, 3)', [2, 2, 3], [2, 2], 3],
    ['(12,)', [12], [], 12],
    ['(12, 1)', [12, 1], [12], 1],
    ['(1, 12)', [1, 12], [1], 12],
  ])('shape %s', async (text, shape, rowShape, cols) => {
    put('logits.npy', npyOf('<f4', text, Array.from(LOGITS)));
    expect(onScalar('softmax', 'logits.npy', '-o', 'probs.npy').code).toBe(0);
    expect(await loaded('probs.npy')).toEqual({ shape, values: Array.from(scalar.softmax(LOGITS, cols)) });
    expect(onScalar('log-sum-exp', 'logits.npy', '-o', 'lse.npy').code).toBe(0);
    expect(await loaded('lse.npy')).toEqual({ shape: rowShape, values: Array.from(scalar.logSumExp(LOGITS, cols)) });
  });

  it('entropy of an empty row is NaN, as of one of nothing but masks', () => {
    put('rows.rowbinary', Buffer.from([0, 1, 0, 0, 0, 0]));
    expect(onScalar('entropy', 'rows.rowbinary', '-o', 'out').code).toBe(0);
    const out = readFileSync(join(folder, 'out'));
    expect([out.readFloatLE(0), out.readFloatLE(4), out.length]).toEqual([NaN, 0, 8]);
  });

  it('a batch of no rows', async () => {
    put('logits.npy', npyOf('<f4', '(0, 3)', []));
    expect(cli('softmax', 'logits.npy', '-o', 'out.npy').code).toBe(0);
    expect(await loaded('out.npy')).toEqual({ shape: [0, 3], values: [] });
  });

  it.each(['>f4', '<f8', '>f8'])('logits of type %s', async (descr) => {
    put('logits.npy', npyOf(descr, '(4, 3)', Array.from(LOGITS)));
    expect(onScalar('softmax', 'logits.npy', '-o', 'out.npy').code).toBe(0);
    expect((await loaded('out.npy')).values).toEqual(Array.from(scalar.softmax(LOGITS, 3)));
  });

  it.each(['<f2', '>f2'])('logits of type %s', async (descr) => {
    put('logits.npy', npyOf(descr, '(1, 3)', [0x3c00, 0xc000, 0xfc00]));
    expect(onScalar('softmax', 'logits.npy', '-o', 'out.npy').code).toBe(0);
    expect((await loaded('out.npy')).values).toEqual(Array.from(scalar.softmax(Float32Array.of(1, -2, -Infinity), 3)));
  });

  it('replaces a file, and a link keeps leading to it', async () => {
    put('old.npy', Buffer.from('old'));
    symlinkSync('old.npy', join(folder, 'link.npy'));
    expect(onScalar('softmax', 'logits.npy', '-o', 'link.npy').code).toBe(0);
    expect((await loaded('old.npy')).values).toEqual(Array.from(scalar.softmax(LOGITS, 3)));
    expect(readdirSync(folder).sort()).toEqual(['labels.npy', 'link.npy', 'logits.npy', 'old.npy']);
    expect(lstatSync(join(folder, 'link.npy')).isSymbolicLink()).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('writes to what is no ordinary file without replacing it', () => {
    expect(cli('softmax', 'logits.npy', '-o', '/dev/null').code).toBe(0);
    expect(readFileSync('/dev/null')).toHaveLength(0);
    const both = ['softmax', '/dev/null', '-o', '/dev/null', '--format', 'f32', '--cols', '3', '-q'];
    expect(cli(...both)).toEqual({ code: 0, stdout: '', stderr: '' });
    const dashes = shell('"$0" "$1" softmax -q --tier scalar - -o - < logits.npy | "$0" "$1" softmax -q -o out.npy');
    expect(dashes).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('cross-entropy', () => {
  const loss = (...args: string[]) => {
    const { code, stdout, stderr } = onScalar('cross-entropy', 'logits.npy', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\S+\n$/);
    return Number(stdout);
  };

  it('prints the mean loss alone', () => {
    expect(loss('--targets', 'labels.npy')).toBe(scalar.crossEntropy(LOGITS, LABELS, 3));
  });

  it('writes row losses and the gradient', async () => {
    const losses = new Float32Array(4);
    const expected = scalar.crossEntropyWithGrad(LOGITS, LABELS, 3, { losses });
    expect(loss('--targets', 'labels.npy', '-o', 'losses.npy', '--grad', 'dlogits.npy')).toBe(expected.loss);
    expect(await loaded('losses.npy')).toEqual({ shape: [4], values: Array.from(losses) });
    expect(await loaded('dlogits.npy')).toEqual({ shape: [4, 3], values: Array.from(expected.dlogits) });
    expect(loss('--targets', 'labels.npy', '-o', 'losses2.npy')).toBe(expected.loss);
    expect(await loaded('losses2.npy')).toEqual(await loaded('losses.npy'));
  });

  it.each([
    [['--reduction', 'sum'], { reduction: 'sum' }],
    [['--ignore-index', '0'], { ignoreIndex: 0 }],
    [['--label-smoothing', '.1'], { labelSmoothing: 0.1 }],
    [['--z-loss', '1e-2'], { zLoss: 0.01 }],
    [['--scale', '-2.5'], { scale: -2.5 }],
    [['--temperature=3'], { temperature: 3 }],
    [['--class-weights', 'w.npy'], { classWeights: Float32Array.of(0.5, 2, 1) }],
    [
      ['--class-weights', 'w.npy', '--label-smoothing', '0.2', '--z-loss', '1'],
      { classWeights: Float32Array.of(0.5, 2, 1), labelSmoothing: 0.2, zLoss: 1 },
    ],
  ] as const)('%j', async (flags, options) => {
    put('w.npy', npyOf('<f8', '(3,)', [0.5, 2, 1]));
    const expected = scalar.crossEntropyWithGrad(LOGITS, LABELS, 3, options);
    expect(loss('--targets', 'labels.npy', '--grad', 'dlogits.npy', ...flags)).toBe(expected.loss);
    expect((await loaded('dlogits.npy')).values).toEqual(Array.from(expected.dlogits));
    expect(expected.loss).not.toBe(scalar.crossEntropy(LOGITS, LABELS, 3));
  });

  it.each(['<i1', '|u1', '>i2', '<u2', '<i4', '>i4', '>u4', '>i8', '<u8'])('labels of type %s', (descr) => {
    put('labels.npy', npyOf(descr, '(4,)', Array.from(LABELS)));
    expect(loss('--targets', 'labels.npy')).toBe(scalar.crossEntropy(LOGITS, LABELS, 3));
  });

  it('ignored rows', () => {
    put('labels.npy', npyOf('<i2', '(4,)', [-100, 0, 1, -100]));
    const expected = scalar.crossEntropy(LOGITS.subarray(3, 9), LABELS.subarray(1, 3), 3);
    expect(loss('--targets', 'labels.npy')).toBe(expected);
    put('labels.npy', npyOf('<i2', '(4,)', [-1, 0, 1, -1]));
    expect(loss('--targets', 'labels.npy', '--ignore-index', '-1')).toBe(expected);
    expect(loss('--targets', 'labels.npy', '--ignore-index=-1')).toBe(expected);
  });

  it.each(['<f4', '>f4', '<f8'])('probability targets of type %s', (descr) => {
    const targets = Float32Array.of(0.5, 0.25, 0.25, 1, 0, 0, 0, 0.5, 0.5, 0, 0, 1);
    put('targets.npy', npyOf(descr, '(4, 3)', Array.from(targets)));
    expect(loss('--targets', 'targets.npy')).toBe(scalar.crossEntropy(LOGITS, targets, 3));
  });

  it('one row, whose label has no axis, and rows of two axes', () => {
    put('logits.npy', npyOf('<f4', '(3,)', [1, 2, 3]));
    put('label.npy', npyOf('|u1', '()', [1]));
    expect(loss('--targets', 'label.npy')).toBe(scalar.crossEntropy(LOGITS.subarray(0, 3), Int32Array.of(1), 3));
    put('logits.npy', npyOf('<f4', '(2, 2, 3)', Array.from(LOGITS)));
    put('labels.npy', npyOf('<i4', '(2, 2)', Array.from(LABELS)));
    expect(loss('--targets', 'labels.npy')).toBe(scalar.crossEntropy(LOGITS, LABELS, 3));
  });

  it('a mean over nothing', () => {
    put('labels.npy', npyOf('<i2', '(4,)', [-100, -100, -100, -100]));
    expect(loss('--targets', 'labels.npy')).toBeNaN();
    expect(loss('--targets', 'labels.npy', '--reduction', 'sum')).toBe(0);
  });
});

describe('errors of files: code 2, one line that names the file, and nothing written', () => {
  const refuses = (args: string[], message: string) => {
    const before = readdirSync(folder);
    expect(cli(...args)).toEqual({ code: 2, stdout: '', stderr: `softmax-simd: ${message}\n` });
    expect(readdirSync(folder)).toEqual(before);
  };
  const softmax = ['softmax', 'logits.npy', '-o', 'out.npy'];
  const crossEntropy = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '-o', 'a.npy', '--grad', 'b.npy'];

  it.each([
    ['missing', null, 'no such file or directory (ENOENT)'],
    ['empty', Buffer.alloc(0), 'expected a .npy file, which begins with "\\x93NUMPY", got an empty file'],
    ['integers', npyOf('<i4', '(1, 2)', [1, 2]), 'expected floats (f2, f4 or f8), got integers'],
    ['no axis', npyOf('<f4', '()', [1]), 'expected at least one axis (the classes), got shape ()'],
    ['no classes', npyOf('<f4', '(3, 0)', []), 'expected at least one class, got shape (3, 0)'],
    [
      'complex',
      npyOf('<f4', '(1,)', [1]).fill('c8', 22, 24),
      'expected type f2, f4, f8, i1 to i8, u1 to u8, b1 (bool) or V2 (bfloat16), got "<c8"',
    ],
    [
      'truncated',
      npyOf('<f4', '(2, 2)', [1, 2, 3]),
      'truncated: expected 16 bytes of data for shape (2, 2) of <f4, got 12 (4 are missing, from element [1, 1] on)',
    ],
    [
      'too long',
      npyOf('<f4', '(2, 2)', [1, 2, 3, 4, 5]),
      'expected the file to end after 16 bytes of data for shape (2, 2) of <f4, got 4 bytes after them',
    ],
  ])('logits: %s', (_, bytes, message) => {
    if (bytes === null) unlinkSync(join(folder, 'logits.npy'));
    else put('logits.npy', bytes);
    refuses(softmax, `logits.npy: ${message}`);
    refuses(crossEntropy, `logits.npy: ${message}`);
  });

  it.each([
    [
      'a label that is no class',
      npyOf('<i8', '(4,)', [2, 0, 3, 1]),
      'expected element [2] to be in [0, 3) or --ignore-index -100, got 3',
    ],
    [
      'a label out of int32',
      npyOf('<i8', '(4,)', [2, 0, 1, 2n ** 40n]),
      'expected element [3] to be an int32, got 1099511627776',
    ],
    [
      'labels of another shape',
      npyOf('<i8', '(3,)', [2, 0, 1]),
      'expected class indices of shape (4,) for these logits, got (3,)',
    ],
    [
      'labels of shape (1, 4)',
      npyOf('<i8', '(1, 4)', [2, 0, 1, 1]),
      'expected class indices of shape (4,) for these logits, got (1, 4)',
    ],
    [
      'bytes of no type',
      npyOf('<V2', '(4,)', [2, 0, 1, 1]),
      'expected class indices of shape (4,) for these logits, got V2',
    ],
    [
      'float labels',
      npyOf('<f4', '(4,)', [2, 0, 1, 1]),
      'expected probabilities of shape (4, 3) for these logits, got (4,) (class indices are integers)',
    ],
    ['no .npy', Buffer.from('2,0,1,1\n'), 'expected a .npy file, which begins with "\\x93NUMPY", got "2,0,1,"'],
  ])('targets: %s', (_, bytes, message) => {
    put('labels.npy', bytes);
    refuses(crossEntropy, `labels.npy: ${message}`);
  });

  it('class weights', () => {
    const args = [...crossEntropy, '--class-weights', 'w.npy'];
    refuses(args, 'w.npy: no such file or directory (ENOENT)');
    put('w.npy', npyOf('<f4', '(1, 3)', [1, 2, 3]));
    refuses(args, 'w.npy: expected class weights of shape (3,), got (1, 3)');
    put('w.npy', npyOf('<i4', '(3,)', [1, 2, 3]));
    refuses(args, 'w.npy: expected floats (f2, f4 or f8), got integers');
    put('w.npy', npyOf('<f4', '(3,)', [1, NaN, 3]));
    refuses(args, 'w.npy: expected weights whose sum over the targets is finite, got NaN');
    // Without a gradient nothing is divided by it but the loss.
    expect(quiet(...args.slice(0, 6), ...args.slice(8))).toEqual({ code: 0, stdout: 'NaN\n', stderr: '' });
  });

  it('outputs', () => {
    refuses(['softmax', 'logits.npy', '-o', 'none/out.npy'], 'none/out.npy: no such file or directory (ENOENT)');
    refuses(['softmax', 'logits.npy', '-o', '.'], '.: expected a file to write, got a directory');
    refuses([...crossEntropy.slice(0, -1), 'none/b.npy'], 'none/b.npy: no such file or directory (ENOENT)');
  });

  it.skipIf(process.platform === 'win32')('a folder that may not be written to', () => {
    // Root may write everywhere: then the command runs as another user, from a copy which that user may read.
    const root = process.getuid?.() === 0;
    const place = mkdtempSync(join(tmpdir(), 'softmax-simd-nobody-'));
    try {
      chmodSync(place, 0o755);
      const home = dirname(dirname(MAIN));
      cpSync(home, join(place, 'dist'), { recursive: true });
      cpSync(join(dirname(home), 'package.json'), join(place, 'package.json'));
      cpSync(join(folder, 'logits.npy'), join(place, 'logits.npy'));
      if (!root) chmodSync(place, 0o555);
      const { status, stderr } = spawnSync(process.execPath, [join(place, 'dist/cli/main.js'), ...softmax], {
        cwd: place,
        encoding: 'utf8',
        ...(root ? { uid: 65534, gid: 65534 } : {}),
      });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'softmax-simd: out.npy: permission denied (EACCES)\n',
      });
    } finally {
      chmodSync(place, 0o755);
      rmSync(place, { recursive: true });
    }
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk: code 1', () => {
    const answer = cli('softmax', 'logits.npy', '-o', '/dev/full');
    expect(answer).toEqual({
      code: 1,
      stdout: '',
      stderr: 'softmax-simd: /dev/full: no space left on device (ENOSPC)\n',
    });
  });

  it.skipIf(!existsSync('/dev/full'))('a standard output that takes nothing: code 1', () => {
    const command = '"$0" "$1" cross-entropy logits.npy --targets labels.npy -q > /dev/full';
    expect(shell(command)).toMatchObject({
      status: 1,
      stderr: 'softmax-simd: standard output: no space left on device (ENOSPC)\n',
    });
  });

  it.skipIf(process.platform === 'win32')('pipes: truncated, too long, whole', async () => {
    const whole = npyOf('<f4', '(4, 3)', Array.from(LOGITS));
    const pipe = (name: string) => shell(`cat ${name} | "$0" "$1" softmax /dev/stdin -q -o out.npy --tier scalar`);
    put('short.npy', whole.subarray(0, -5));
    expect(pipe('short.npy')).toMatchObject({
      status: 2,
      stderr:
        'softmax-simd: /dev/stdin: truncated: expected 48 bytes of data for shape (4, 3) of <f4, got 43 (5 are missing, from element [3, 1] on)\n',
    });
    put('long.npy', Buffer.concat([whole, Buffer.of(0)]));
    expect(pipe('long.npy')).toMatchObject({
      status: 2,
      stderr:
        'softmax-simd: /dev/stdin: expected the file to end after 48 bytes of data for shape (4, 3) of <f4, got more bytes after them\n',
    });
    expect(existsSync(join(folder, 'out.npy'))).toBe(false);
    expect(pipe('logits.npy')).toMatchObject({ status: 0, stderr: '' });
    expect((await loaded('out.npy')).values).toEqual(Array.from(scalar.softmax(LOGITS, 3)));
  });

  it.skipIf(process.platform === 'win32')('a pipe that promises a row which memory cannot hold', () => {
    put('huge.npy', npyOf('<f4', '(999999999999999,)', [1]));
    expect(shell('cat huge.npy | "$0" "$1" softmax /dev/stdin -o out.npy')).toMatchObject({
      status: 2,
      stderr:
        'softmax-simd: /dev/stdin: expected rows that fit memory, got 999999999999999 elements (3999999999999996 bytes) in each\n',
    });
  });
});

describe('usage errors: code 2 and one line', () => {
  const see = (op: string) => `; softmax-simd ${op} --help shows how`;

  it.skipIf(process.platform === 'win32')('an input as output, under whatever name', () => {
    put('weights.npy', npyOf('<f4', '(3,)', [1, 2, 3]));
    symlinkSync('logits.npy', join(folder, 'soft'));
    linkSync(join(folder, 'logits.npy'), join(folder, 'hard'));
    const files = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
    const before = files();
    const refuses = (input: string, output: string, [op, ...args]: string[]) => {
      const message = `${op}: expected a file to write other than the input "${input}", got "${output}"`;
      expect(cli(op!, ...args)).toEqual({ code: 2, stdout: '', stderr: `softmax-simd: ${message}${see(op!)}\n` });
      expect(files()).toEqual(before);
    };
    const loss = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--class-weights', 'weights.npy'];
    refuses('logits.npy', './logits.npy', ['softmax', 'logits.npy', '-o', './logits.npy']);
    for (const link of ['soft', 'hard']) {
      refuses('logits.npy', link, ['softmax', 'logits.npy', '-o', link]);
      refuses(link, 'logits.npy', ['log-sum-exp', link, '-o', 'logits.npy']);
      refuses('logits.npy', link, [...loss, '-o', 'losses.npy', '--grad', link]);
    }
    refuses('labels.npy', 'labels.npy', [...loss, '-o', 'labels.npy']);
    refuses('weights.npy', 'weights.npy', [...loss, '--grad', 'weights.npy']);
    expect(shell('"$0" "$1" softmax -o logits.npy < logits.npy')).toMatchObject({
      status: 2,
      stderr: `softmax-simd: softmax: expected a file to write other than the input "-", got "logits.npy"${see('softmax')}\n`,
    });
    expect(files()).toEqual(before);
  });

  it.each([
    [[], 'expected an operation; softmax-simd --help lists them'],
    [['softmin', 'logits.npy'], 'expected an operation, got "softmin"; softmax-simd --help lists them'],
    [['toString'], 'expected an operation, got "toString"; softmax-simd --help lists them'],
    [['--verbose'], 'expected an operation, got "--verbose"; softmax-simd --help lists them'],
    [
      ['softmax', 'a.npy', 'b.npy'],
      `softmax: expected one file of logits (-o names the output), got "a.npy" "b.npy"${see('softmax')}`,
    ],
    [['softmax', '', '-o', 'a.npy'], `softmax: expected the name of a file, got ""${see('softmax')}`],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--format', 'csv'],
      `softmax: expected --format to be npy, f32, arrow or rowbinary, got "csv"${see('softmax')}`,
    ],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--cols', '4'],
      'softmax: expected --cols to be the 3 columns of logits.npy, got 4',
    ],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--cols', '0'],
      `softmax: expected --cols to be a positive integer, got "0"${see('softmax')}`,
    ],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--threads', 'two'],
      `softmax: expected --threads to be a positive integer, got "two"${see('softmax')}`,
    ],
    ...['0/2', '3/2', '1', '1/0', '-1/2', 'a/b'].map((shard): [string[], string] => [
      ['softmax', 'logits.npy', '-o', 'a.npy', `--shard=${shard}`],
      `softmax: expected --shard to be i/n with i from 1 to n, got "${shard}"${see('softmax')}`,
    ]),
    [
      ['softmax', 'logits.npy', '-o', 'a.f32', '--format', 'f32'],
      `softmax: expected --cols with the length of a row of f32${see('softmax')}`,
    ],
    ...[
      ['npy', 'a.f32'],
      ['npy', 'a.csv'],
      ['npy', 'a.b.JSON'],
      ['npy', 'a.arrow', '--format', 'npy'],
      ['f32', 'logits.bin.npy', '--format', 'f32', '--cols', '3'],
      ['rowbinary', 'a.f32', '--format', 'rowbinary'],
    ].map(([format, output, ...flags]): [string[], string] => [
      ['softmax', 'logits.npy', '-o', output!, ...flags],
      `softmax: expected a file to write in the format of the logits, ${format} (--format says which), got "${output}"${see('softmax')}`,
    ]),
    [
      ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '-o', 'losses.npy', '--grad', 'grad.f32'],
      `cross-entropy: expected a file to write in the format of the logits, npy (--format says which), got "grad.f32"${see('cross-entropy')}`,
    ],
    [
      ['softmax', '--format', 'f32', '--cols', '3', '--shard', '1/2'],
      `softmax: expected a file with --shard, as the rows of a pipe cannot be counted${see('softmax')}`,
    ],
    [
      ['softmax', '--format', 'rowbinary', '--shard', '1/2'],
      `softmax: expected npy or f32 with --shard, as rows that each have their own length cannot be counted${see('softmax')}`,
    ],
    [['softmax', 'logits.npy', '-o'], `softmax: expected -o to have a value${see('softmax')}`],
    [
      ['softmax', 'logits.npy', '--temperature', '-o', 'p.npy'],
      `softmax: expected --temperature to have a value${see('softmax')}`,
    ],
    [
      ['softmax', 'logits.npy', '-o=p.npy'],
      `softmax: expected -o FILE or --output=FILE, got "-o=p.npy"${see('softmax')}`,
    ],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--quiet=yes'],
      `softmax: expected --quiet without a value, got "yes"${see('softmax')}`,
    ],
    [['softmax', 'logits.npy', '-o', ''], `softmax: expected the name of a file, got ""${see('softmax')}`],
    [['softmax', 'logits.npy', '-o', 'a', '--output', 'b'], `softmax: expected --output once${see('softmax')}`],
    [['softmax', 'logits.npy', '-o', 'a.npy', '--grad', 'b.npy'], `softmax: Unknown option '--grad'${see('softmax')}`],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--temperature', 'hot'],
      `softmax: expected --temperature to be a number, got "hot"${see('softmax')}`,
    ],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--temperature', '0x10'],
      `softmax: expected --temperature to be a number, got "0x10"${see('softmax')}`,
    ],
    [
      ['softmax', 'missing.npy', '-o', 'a.npy', '--temperature', '-1'],
      'softmax: expected --temperature to be a number in [2^-16, 2^16], got -1',
    ],
    [
      ['softmax', 'logits.npy', '-o', 'a.npy', '--tier', 'avx'],
      `softmax: expected --tier to be auto, relaxed, simd or scalar, got "avx"${see('softmax')}`,
    ],
    [
      ['cross-entropy', 'logits.npy'],
      `cross-entropy: expected --targets with a .npy of class indices or probabilities${see('cross-entropy')}`,
    ],
    [
      ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--reduction', 'none'],
      `cross-entropy: expected --reduction to be mean or sum (-o writes the row losses)${see('cross-entropy')}`,
    ],
    [
      ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--reduction', 'max'],
      `cross-entropy: expected --reduction to be mean or sum, got "max"${see('cross-entropy')}`,
    ],
    [
      ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '-o', 'a.npy', '--grad', './a.npy'],
      `cross-entropy: expected two files to write, got "a.npy" twice${see('cross-entropy')}`,
    ],
  ])('%j', (args, message) => {
    expect(cli(...args)).toEqual({ code: 2, stdout: '', stderr: `softmax-simd: ${message}\n` });
    expect(readdirSync(folder).sort()).toEqual(['labels.npy', 'logits.npy']);
  });

  it.each([
    [['--ignore-index', '1.5'], /^softmax-simd: cross-entropy: expected --ignore-index to be .*, got 1\.5\n$/],
    [['--label-smoothing', '2'], /^softmax-simd: cross-entropy: expected --label-smoothing to be .*, got 2\n$/],
    [['--z-loss', '-1'], /^softmax-simd: cross-entropy: expected --z-loss to be .*, got -1\n$/],
    [['--temperature', '1e9'], /^softmax-simd: cross-entropy: expected --temperature to be .*, got 1000000000\n$/],
  ])('what the library says of %j, before a file is read', (flags, message) => {
    const answer = cli('cross-entropy', 'missing.npy', '--targets', 'missing.npy', ...flags);
    expect(answer.stderr).toMatch(message);
    expect(answer.code).toBe(2);
  });
});

describe('help', () => {
  const OPERATIONS = ['softmax', 'log-softmax', 'log-sum-exp', 'entropy', 'argmax', 'top-k', 'cross-entropy'];

  it.each(OPERATIONS)('%s has an example that runs', (op) => {
    const { code, stdout, stderr } = cli(op, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const example = /^Example: softmax-simd (.*)$/m.exec(stdout)?.[1];
    expect(quiet(...example!.split(' '))).toMatchObject({ code: 0, stderr: '' });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('the general one names every operation, with examples that run', () => {
    const { code, stdout } = cli('--help');
    expect(code).toBe(0);
    const examples = Array.from(stdout.matchAll(/: {2,}softmax-simd (.*)$/gm), (match) => match[1]!);
    expect(examples.map((example) => example.split(' ')[0])).toEqual(OPERATIONS);
    expect(stdout).toContain('No tokens are drawn: ');
    for (const example of examples) expect(quiet(...example.split(' '))).toMatchObject({ code: 0, stderr: '' });
  });

  it('--version is the package’s', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(cli('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('interruption', () => {
  it.skipIf(process.platform === 'win32')('leaves no file, whole or temporary', async () => {
    // A pipe as gradient that nobody reads holds the command up between its two outputs.
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    const args = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '-o', 'losses.npy', '--grad', 'pipe'];
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder });
    const temporary = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
    await expect.poll(temporary, { timeout: 10_000 }).toHaveLength(1);
    expect(existsSync(join(folder, 'losses.npy'))).toBe(false);
    child.kill('SIGINT');
    const signal = await new Promise((resolve) => child.on('exit', (_, name) => resolve(name)));
    expect(signal).toBe('SIGINT');
    expect(readdirSync(folder).sort()).toEqual(['labels.npy', 'logits.npy', 'pipe']);
  });
});
