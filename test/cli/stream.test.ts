import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { rowBinary } from '../clickhouse/rowbinary-bytes.js';
import { MAIN, runCli } from './run-cli.js';

// The command line as a process among others: pipes, signals, terminals.

const { folder, put } = temporaryFolder();
const scalar = createEngine({ tier: 'scalar' });
const posix = process.platform !== 'win32';
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  for (const name of readdirSync(folder)) unlinkSync(join(folder, name));
});

/** Runs a line of shell in which $CLI is the command. */
function shell(line: string) {
  const env = { ...process.env, CLI: `${process.execPath} ${MAIN}` };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

function start(...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder });
  // It may end before all is sent.
  child.stdin.on('error', () => undefined);
  return child;
}

function ended(
  child: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr })));
}

/** What comes out until there are this many bytes of it. */
async function bytesFrom(child: ChildProcessWithoutNullStreams, count: number): Promise<Buffer> {
  let got = Buffer.alloc(0);
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    got = Buffer.concat([got, chunk as Buffer]);
    if (got.length >= count) return got;
  }
  return got;
}

describe('the line at the end', () => {
  it('says what was done and on which tier, unless it is to be quiet', () => {
    put('logits.npy', npyOf('<f4', '(2, 3)', [1, 2, 3, 4, 5, 6]));
    const { code, stderr } = runCli(folder, 'softmax', 'logits.npy', '-o', 'p.npy', '--tier', 'simd');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^softmax: 2 rows of 3 in \d+\.\d\d s, \d+\.\d\d GB\/s, tier simd, 1 thread\n$/);
    const two = runCli(folder, 'softmax', 'logits.npy', '-o', 'p.npy', '--tier', 'scalar', '--threads', '2');
    expect(two.stderr).toMatch(/, tier scalar, 2 threads\n$/);
    expect(runCli(folder, 'softmax', 'logits.npy', '-o', 'p.npy', '-q').stderr).toBe('');
  });

  it.each([
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('groups the digits of %d', (rows, text) => {
    put('zeros.f32', new Uint8Array(4 * rows));
    const { stderr } = runCli(folder, 'log-sum-exp', 'zeros.f32', '--cols', '1', '-o', 'lse.f32');
    expect(stderr).toContain(`: ${text} rows of 1 in `);
  });
});

describe.runIf(posix)('pipes', () => {
  it('a reader that has enough ends it without a word', () => {
    const line =
      '$CLI softmax --format f32 --cols 10 < /dev/zero | head -c 40 | od -An -tf4 | head -1; echo ${PIPESTATUS[0]}';
    const { stdout, stderr } = shell(line);
    expect(stdout).toMatch(/0\.1 +0\.1 +0\.1 +0\.1\n141\n$/);
    expect(stderr).toBe('');
    // The status is that of cat: the signal of a broken pipe.
    const status = 'cat /dev/zero | $CLI softmax --format f32 --cols 10 | head -c 1 > /dev/null; echo ${PIPESTATUS[@]}';
    expect(shell(status)).toEqual({ status: 0, stdout: '141 141 0\n', stderr: '' });
  });

  it('a reader that has enough while the sender is silent', async () => {
    const child = start('softmax', '--format', 'f32', '--cols', '1');
    const end = ended(child);
    child.stdin.write(Buffer.alloc(4));
    expect(await bytesFrom(child, 4)).toHaveLength(4);
    child.stdout.destroy();
    child.stdin.write(Buffer.alloc(4));
    expect(await end).toEqual({ code: null, signal: 'SIGPIPE', stderr: '' });
    child.stdin.destroy();
  });

  it('other outputs are not left behind by a broken pipe', () => {
    const args = 'cross-entropy --format f32 --cols 4 --targets labels.npy -o losses.f32 --grad -';
    const rows = 400_000;
    put(
      'labels.npy',
      npyOf(
        '<i1',
        `(${rows},)`,
        Array.from({ length: rows }, () => 1),
      ),
    );
    expect(shell(`head -c ${16 * rows} /dev/zero | $CLI ${args} | head -c 1 > /dev/null`)).toMatchObject({
      stderr: '',
    });
    expect(readdirSync(folder)).toEqual(['labels.npy']);
  });

  it('whole rows are answered while more are to come, also when a row is split', async () => {
    for (const [format, row, answer] of [
      ['f32', Buffer.from(Float32Array.of(1, 2).buffer), 8],
      ['rowbinary', rowBinary([[1, 2]]), 9],
    ] as const) {
      const child = start('softmax', '--format', format, '--cols', '2', '-q');
      const end = ended(child);
      for (let i = 0; i < 3; i++) {
        child.stdin.write(row.subarray(0, 5));
        await new Promise((resolve) => setTimeout(resolve, 20));
        child.stdin.write(row.subarray(5));
        const got = await bytesFrom(child, answer);
        expect(got).toHaveLength(answer);
        expect(got.readFloatLE(answer - 4)).toBe(scalar.softmax(Float32Array.of(1, 2), 2)[1]);
      }
      child.stdin.end();
      expect(await end).toEqual({ code: 0, signal: null, stderr: '' });
    }
  });

  it('a slow reader holds the sender back', async () => {
    const child = start('softmax', '--format', 'f32', '--cols', '1024', '-q');
    let sent = 0;
    const megabyte = Buffer.alloc(1 << 20);
    const send = () => {
      while (child.stdin.write(megabyte)) sent++;
      sent++;
    };
    child.stdin.on('drain', send);
    send();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Three blocks of 2 MiB and what the pipes hold.
    expect(sent).toBe(before);
    expect(sent).toBeLessThan(10);
    const end = ended(child);
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ signal: 'SIGTERM' });
  });

  it('an error ends it although the sender does not', async () => {
    const child = start('softmax', '--format', 'rowbinary', '--cols', '2');
    const end = ended(child);
    child.stdin.write(rowBinary([[1, 2, 3]]));
    expect(await end).toEqual({
      code: 2,
      signal: null,
      stderr: 'softmax-simd: standard input: row 0, at byte 0: expected 2 elements (--cols), got 3\n',
    });
  });

  it('rows before an error in the input are written', () => {
    put('rows', Buffer.concat([rowBinary([[1, 2]]), Buffer.of(2, 0)]));
    const { status, stdout } = shell('$CLI softmax --format rowbinary rows | wc -c; echo ${PIPESTATUS[0]}');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '9\n2\n' });
  });

  it('named pipes on both sides', () => {
    const line =
      'mkfifo a b; (head -c 8000 /dev/zero > a &); (cat b > c &) ; $CLI softmax a --format f32 --cols 2 -o b -q; sleep 0.2; wc -c < c';
    expect(shell(line)).toEqual({ status: 0, stdout: '8000\n', stderr: '' });
  });
});

describe.runIf(posix)('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s in the midst leaves no file, whole or temporary',
    async (signal) => {
      for (const threads of ['1', '2']) {
        const child = start('softmax', '--format', 'f32', '--cols', '4', '-o', 'out.f32', '--threads', threads);
        const end = ended(child);
        child.stdin.write(Buffer.alloc(16 * 100_000));
        const temporary = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
        await expect.poll(temporary, { timeout: 20_000 }).toHaveLength(1);
        child.kill(signal);
        expect(await end).toEqual({ code: null, signal, stderr: '' });
        expect(readdirSync(folder)).toEqual([]);
      }
    },
  );

  it('the shell sees 130 after Ctrl-C', () => {
    const line = '$CLI softmax --format f32 --cols 4 < /dev/zero > /dev/null & sleep 1; kill -INT $!; wait $!; echo $?';
    // A job in the background ignores the signal unless it asks for it.
    expect(shell(`set -m; ${line}`)).toMatchObject({ stdout: '130\n' });
  });
});

describe.runIf(posix)('a terminal', () => {
  /** Runs a line of shell on a terminal of its own; what it shows. */
  function onTerminal(line: string): string {
    const { status, stdout, error } = spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, COLUMNS: '100', CLI: `${process.execPath} ${MAIN}` },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (error) throw error;
    // To the first column, and what is right of the cursor, or all of the line, cleared.
    const text = stdout.replaceAll('\x1b[1G', '\r').replaceAll('\x1b[0K', '<clear>').replaceAll('\x1b[2K', '<clear>');
    return `${text}[${status}]`;
  }

  it('shows rows, GB/s and the time left, and at the end one line', () => {
    // A sender that pauses, so that the bar is drawn whatever the machine.
    put('head', npyOf('<f4', '(1000000, 4)', []));
    const slow = '(cat head; head -c 8000000 /dev/zero; sleep 1; head -c 8000000 /dev/zero)';
    const shown = onTerminal(`${slow} | $CLI softmax > /dev/null`);
    // Three blocks of 131,072 rows.
    expect(shown).toMatch(/\rsoftmax {2}█{9}░{15} {2}39 % {2}0:0\d left {2}393,216 rows {2}0\.\d\d GB\/s<clear>/);
    expect(shown).toMatch(
      /\r<clear>softmax: 1,000,000 rows of 4 in \d\.\d\d s, 0\.\d\d GB\/s, tier \w+, 1 thread\r\n\[0\]$/,
    );
    const unknown = onTerminal('(head -c 8000 /dev/zero; sleep 1) | $CLI softmax --format f32 --cols 4 > /dev/null');
    expect(unknown).toMatch(/\rsoftmax {2}500 rows {2}0\.00 GB\/s<clear>/);
    expect(unknown).not.toContain('%');
    const quiet = onTerminal('(head -c 8000 /dev/zero; sleep 1) | $CLI softmax --format f32 --cols 4 -q > /dev/null');
    expect(quiet).toBe('[0]');
  });

  it('shows nothing but the last line where standard error is none', () => {
    const { stderr } = shell('(head -c 8000 /dev/zero; sleep 1) | $CLI softmax --format f32 --cols 4 > /dev/null');
    expect(stderr).toMatch(/^softmax: 500 rows of 4 .*\n$/);
  });

  it('is given no bytes and asked for none', () => {
    put('logits.npy', npyOf('<f4', '(1, 1)', [1]));
    const see = 'softmax-simd softmax --help shows how';
    expect(onTerminal('$CLI softmax logits.npy')).toBe(
      `softmax-simd: softmax: expected -o with a file to write, or standard output to be no terminal; ${see}\r\n[2]`,
    );
    expect(onTerminal('$CLI softmax -o out.npy')).toBe(
      `softmax-simd: softmax: expected a file of logits, or logits on standard input; ${see}\r\n[2]`,
    );
    expect(existsSync(join(folder, 'out.npy'))).toBe(false);
  });
});

describe('outputs', () => {
  it('losses to standard output: the reduced one goes to standard error', () => {
    put('logits.npy', npyOf('<f4', '(2, 2)', [0, 0, 0, 0]));
    put('labels.npy', npyOf('<i1', '(2,)', [0, 1]));
    const args = ['cross-entropy', 'logits.npy', '--targets', 'labels.npy', '--tier', 'scalar'];
    const { code, stderr } = runCli(folder, ...args, '-o', '-');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^cross-entropy: 2 rows .*\ncross-entropy: loss 0\.6931471824645996\n$/);
    expect(runCli(folder, ...args, '-o', '-', '--grad', '-').stderr).toMatch(
      /expected two files to write, got "-" twice/,
    );
    expect(runCli(folder, ...args, '-o', 'losses.npy', '-q').stdout).toBe('0.6931471824645996\n');
    expect(readFileSync(join(folder, 'losses.npy')).subarray(128)).toHaveLength(8);
  });

  it('the format is that of the name, unless another is said', () => {
    put('logits.f32', Buffer.alloc(16));
    put('logits.bin', Buffer.alloc(16));
    expect(runCli(folder, 'softmax', 'logits.f32', '--cols', '2', '-o', 'a.f32').code).toBe(0);
    expect(runCli(folder, 'softmax', 'logits.bin', '--cols', '2', '-o', 'a').stderr).toMatch(/expected a \.npy file/);
    expect(runCli(folder, 'softmax', 'logits.bin', '--cols', '2', '-o', 'a.f32').stderr).toMatch(
      /expected a file to write in the format of the logits, npy \(--format says which\), got "a\.f32"/,
    );
    expect(runCli(folder, 'softmax', 'logits.bin', '--cols', '2', '-o', 'a.f32', '--format', 'f32').code).toBe(0);
  });
});
