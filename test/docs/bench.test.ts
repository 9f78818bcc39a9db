import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MAIN } from '../../bench/plan.mjs';
import { addResult, readRecord, readRecords } from '../../bench/record.mjs';
import { rendered } from '../../bench/render.mjs';
import { commandLineOf } from '../../bench/report/command-line.mjs';
import { goalLine } from '../../bench/report/decisions.mjs';
import { difference, LIMIT, regressions } from '../../bench/report/regressions.mjs';
import { terminalOf } from '../../bench/report/terminal.mjs';
import { waysOfBatch } from '../../bench/report/ways.mjs';
import { disagreement } from '../../bench/suite/agree.mjs';

type Result = Parameters<typeof addResult>[1];

// What shows the benchmark's results is made from the committed records, and the checks around them can fail.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(ROOT);

describe('committed results', () => {
  it('are what documents and charts show (npm run bench -- --render)', async () => {
    for (const [file, contents] of Object.entries(await rendered())) {
      expect(readFileSync(join(ROOT, file), 'utf8') === contents, `${file} is what bench/results renders to`).toBe(
        true,
      );
    }
  });

  it('are summed up in at most 300 lines', () => {
    expect(readFileSync(join(ROOT, 'bench/RESULTS.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(301);
  });

  it('are those of the main runtime, with every peer or the reason why not', () => {
    const record = readRecord(MAIN)!;
    expect(record.runtime.version).toMatch(/^24\./);
    const told = record.missing.map(({ engine }) => engine);
    for (const engine of ['loop', 'tfjs-cpu', 'tfjs-wasm', 'ort-web', 'ort-node', 'transformers', 'jax']) {
      const measured = record.results.some(({ subject, min }) => subject.split(' ')[0] === engine && min !== undefined);
      expect(measured || told.includes(engine), engine).toBe(true);
    }
  });
});

describe('what a run prints', () => {
  const record = readRecord(MAIN)!;

  it('is first what this package gains, in times that others take', () => {
    const [, , title, head, ...rows] = terminalOf(record).split('\n');
    expect(title).toContain('What you gain');
    expect(head).toContain('Math.exp loop');
    const result = (subject: string) =>
      record.results.find((r) => r.op === 'softmax' && r.shape === '1x10' && r.subject === subject)!;
    const gain = (result('loop').min! / result('relaxed out').min!).toFixed(2);
    expect(rows.find((row) => row.startsWith('softmax, 1 × 10 '))).toContain(` ${gain}×`);
  });

  it('judges goals only where that is asked for', () => {
    expect(terminalOf(record)).not.toMatch(/goal|met/i);
    expect(terminalOf(record, true)).toMatch(/NOT met/);
  });
});

describe('decisions', () => {
  const result = {
    name: 'sample',
    goals: [],
    ns: { ours: { min: 90, p50: 100 }, heap: { min: 1000, p50: 800 }, plain: { min: 50, p50: 50 } },
  };

  it('are held to a part of another time, and to some more an element', () => {
    expect(goalLine(result, { of: 'heap', times: 0.09 })).toEqual(['heap', '0.0900 ×', '0.13 ×', '0.09 × met']);
    expect(goalLine(result, { of: 'heap', times: 0.089 })[3]).toBe('0.089 × NOT met');
    expect(goalLine(result, { of: 'plain', times: 0.75, plusNs: 52.5 })[3]).toBe('0.75 × + 52.5 ns met');
    expect(goalLine(result, { of: 'plain', times: 0.75, plusNs: 52 })[3]).toBe('0.75 × + 52.0 ns NOT met');
  });
});

describe('docs/batch.md', () => {
  const line = (text: string, start: string) => text.split('\n').find((row) => row.startsWith(`| ${start}`));

  it('says what the command line reaches of its goals', () => {
    const record = readRecord('cli')!;
    const seconds = { kernel: 3, cat: 4, cli: 5, 'cat one core': 4, 'cli one core': 7, numpy: 35, 'numpy parts': 14 };
    const results = Object.entries(seconds).map(([program, s]) => ({
      program,
      min: 1e9 * s,
      p50: 2e9 * s,
      samples: 3,
    }));
    const text = commandLineOf({ ...record, results });
    expect(line(text, 'command line to the slower')).toContain('| 80 % | 80 % | 80 % |');
    expect(line(text, 'command line to NumPy, the whole')).toContain('| 5.0× | 5.0× | 5× |');
    expect(line(text, 'command line to NumPy, in parts')).toContain('| 2.0× | 2.0× | 5× |');
    const without = commandLineOf({
      ...record,
      results: results.filter(({ program }) => !program.startsWith('numpy')),
    });
    expect(line(without, 'command line to NumPy, the whole')).toContain('| - | - | 5× |');
  });

  it('says from which size on a way is faster, also after the last of several changes', () => {
    const times = {
      memory: [1, 4, 16, 64],
      'pool alloc': [2, 3, 17, 60],
      'plain sql': [9, 9, 9, 9],
      sql: [1, 1, 1, 10],
    };
    const results = Object.entries(times).flatMap(([way, all]) =>
      all.map((ns, k) => ({ way, rows: 4 ** k, cols: 10, min: ns, p50: ns })),
    );
    const text = waysOfBatch({ ...readRecord('ways')!, results });
    expect(line(text, '`pool.alloc` is faster')).toContain('| 640 |');
    expect(line(text, 'SQL with `softmax(x)` is faster')).toContain('| no |');
  });
});

describe('bench -- --check', () => {
  const pair = { op: 'softmax', shape: '1x1000', subject: 'simd alloc', peer: 'loop' };
  const committed = readRecords()[0];
  /** A round in which ours takes `factor` as long beside the same loop. */
  const round = (factor: number) => ({
    ...committed,
    results: committed.results
      .filter(({ op, shape }) => op === pair.op && shape === pair.shape)
      .map((r) => (r.subject === pair.subject ? { ...r, min: r.min! * factor } : r)),
  });
  const worse = (...factors: number[]) =>
    regressions(committed, factors.map(round), [pair], LIMIT).verdicts.map((verdict) => verdict.worse);

  it('fails a ratio that is worse in every round, and counts the best round', () => {
    expect(worse(1)).toEqual([false]);
    expect(worse(1.14)).toEqual([false]);
    expect(worse(1.16)).toEqual([true]);
    expect(worse(1.3, 1.2)).toEqual([true]);
    expect(worse(1.3, 1.1)).toEqual([false]);
  });

  it('names a pair that was not measured instead of passing it', () => {
    const empty = { ...committed, results: [] };
    expect(regressions(committed, [empty], [pair], LIMIT)).toEqual({ verdicts: [], missing: [pair] });
  });

  it('tells another machine and another major of the runtime', () => {
    expect(difference(committed, committed)).toBeNull();
    expect(difference(committed, { ...committed, cpu: 'another' })).toContain('another');
    expect(difference(committed, { ...committed, runtime: { name: 'Node 20', version: '20.1.0' } })).toContain(
      'Node 24',
    );
  });
});

describe('two processes of one runtime', () => {
  const first = { op: 'softmax', shape: '1x10', subject: 'loop', min: 5, p50: 6, samples: 10, spread: 0.1 };
  const wrong = { op: 'softmax', shape: '1x10', subject: 'loop', wrong: '1 instead of 2 at 0' };
  const merged = (...results: Result[]) => {
    const all: Result[] = [];
    for (const result of results) addResult(all, result);
    return all;
  };

  it('give the better time of each subject', () => {
    const second = { ...first, min: 4, p50: 7, samples: 5, spread: 0.2 };
    expect(merged(first, second)).toEqual([{ ...first, min: 4, p50: 6, samples: 15, spread: 0.2 }]);
    expect(merged(first, { ...second, shape: '1x1000' })).toHaveLength(2);
  });

  it('keep what was wrong in either', () => {
    expect(merged(first, wrong)).toEqual([wrong]);
    expect(merged(wrong, first)).toEqual([wrong]);
  });
});

describe('an answer is compared before it is timed', () => {
  const want = [Float64Array.of(0.25, 0.75, 0.5, 0.5)];

  it('takes a right one and names what is wrong in others', () => {
    expect(disagreement([Float32Array.of(0.25, 0.75, 0.5, 0.5)], want, 2, 0)).toBeNull();
    expect(disagreement([Float32Array.of(0.25, 0.7501, 0.5, 0.5)], want, 2, 0)).toBeNull();
    expect(disagreement([Float32Array.of(0.25, 0.752, 0.5, 0.5)], want, 2, 0)).toContain('at 1');
    expect(disagreement([Float32Array.of(0.25, NaN, 0.5, 0.5)], want, 2, 0)).toContain('NaN');
    expect(disagreement([Float32Array.of(0.25, 0.75)], want, 2, 0)).toContain('2 elements instead of 4');
    expect(disagreement([], want, 2, 0)).toContain('0 outputs');
  });
});
