import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { npyOf, temporaryFolder } from './npy-bytes.js';
import { rowBinary } from '../clickhouse/rowbinary-bytes.js';
import { MAIN } from './run-cli.js';

// Several GB, made on the fly and thrown away, in memory that does not grow with them.

const MB = 1e6;
/** What the command line may take above what Node takes for nothing. */
const ALLOWED = 64 * MB;
const ALLOWED_PER_THREAD = 16 * MB;

const { folder, put } = temporaryFolder();
const REPORTER = new URL('./report-memory.mjs', import.meta.url).href;
const REPEAT = fileURLToPath(new URL('./repeat.mjs', import.meta.url));

/** Runs a line of shell in which $CLI is the command; the most bytes of memory that it had. */
function peakOf(line: string, cli = MAIN): { stderr: string; bytes: number } {
  const env = {
    ...process.env,
    CLI: `${process.execPath} --import=${REPORTER} ${cli}`,
    NODE: process.execPath,
    REPEAT,
  };
  const report = join(folder, 'memory');
  const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', line], {
    cwd: folder,
    env: { ...env, MEMORY_REPORT: report },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return { stderr, bytes: 1024 * Number(readFileSync(report, 'utf8')) };
}

put('empty.mjs', Buffer.alloc(0));
put('nothing', Buffer.alloc(0));
const own = peakOf('$CLI', join(folder, 'empty.mjs')).bytes;

function expectBounded(line: string, gigabytes: number, threads = 1): void {
  const { bytes, stderr } = peakOf(line);
  // The line at the end: so much did go through.
  const [, rows, cols] = / ([\d,]+) rows(?: of ([\d,]+))?/
    .exec(stderr)!
    .map((text) => Number(text?.replaceAll(',', '')));
  if (cols) expect(rows! * cols * 4).toBeGreaterThanOrEqual(gigabytes * 1e9);
  expect(rows).toBeGreaterThanOrEqual(1000);
  const above = (bytes - own) / MB;
  console.log(`${above.toFixed(0)} MB above the ${(own / MB).toFixed(0)} MB of Node: ${stderr.trim()}`);
  expect(above * MB).toBeLessThan(ALLOWED + threads * ALLOWED_PER_THREAD);
}

describe('memory', () => {
  it.each([1, 2])('f32 through pipes, %i threads', (threads) => {
    const cli = `$CLI softmax --format f32 --cols 1000 --threads ${threads}`;
    expectBounded(`head -c 4000000000 /dev/zero | ${cli} | cat > /dev/null`, 4, threads);
  });

  it('npy from a file, which is all holes', () => {
    put('holes.npy', npyOf('<f4', '(4000000, 1000)', []));
    truncateSync(join(folder, 'holes.npy'), 16_000_000_128);
    put(
      'labels.npy',
      npyOf(
        '<i1',
        '(4000000,)',
        Array.from({ length: 4_000_000 }, () => 1),
      ),
    );
    expectBounded('$CLI log-sum-exp holes.npy > /dev/null --shard 4/4', 4);
    expectBounded('$CLI softmax holes.npy -o /dev/null --shard 2/4', 4);
    expectBounded('$CLI top-k holes.npy --k 5 --text > /dev/null --shard 3/4', 4);
    expectBounded('$CLI cross-entropy holes.npy --targets labels.npy --grad /dev/null --shard 3/8', 2);
  });

  it('npy of f8 and of many short rows', () => {
    put('head.npy', npyOf('<f8', '(100000000, 5)', []));
    expectBounded('(cat head.npy; head -c 4000000000 /dev/zero) | $CLI softmax > /dev/null', 2);
  });

  it('rows of a million elements', () => {
    expectBounded('head -c 4000000000 /dev/zero | $CLI softmax --format f32 --cols 1000000 > /dev/null', 4);
  });

  it('RowBinary of many lengths', () => {
    const rows = Array.from({ length: 2000 }, (_, r) =>
      Array.from({ length: (r * r) % 997 }, (_, i) => Math.sin(i + r)),
    );
    put('rows', rowBinary(rows));
    for (const threads of [1, 2]) {
      const cli = `$CLI softmax --format rowbinary --threads ${threads}`;
      expectBounded(`$NODE $REPEAT nothing rows 500 | ${cli} > /dev/null`, 2, threads);
      const top = `$CLI top-k --k 5 --format rowbinary --threads ${threads} -o - --indices /dev/null`;
      expectBounded(`$NODE $REPEAT nothing rows 500 | ${top} > /dev/null`, 2, threads);
    }
  });

  it('Arrow batches of 4 MB', () => {
    const type = new arrow.FixedSizeList(100, new arrow.Field('item', new arrow.Float32()));
    const values = arrow.makeData({ type: new arrow.Float32(), data: new Float32Array(1_000_000) });
    const lists = arrow.makeData({ type, length: 10_000, child: values });
    const table = new arrow.Table({ logits: new arrow.Vector([lists]) });
    const whole = arrow.tableToIPC(table, 'stream');
    const head = arrow.tableToIPC(new arrow.Table(table.schema, []), 'stream').length - 8;
    put('schema', whole.subarray(0, head));
    put('batch', whole.subarray(head, -8));
    expectBounded('$NODE $REPEAT schema batch 600 | $CLI softmax --format arrow > /dev/null', 2.4);
    expectBounded('$NODE $REPEAT schema batch 600 | $CLI log-sum-exp --format arrow > /dev/null', 2.4);
  });
});
