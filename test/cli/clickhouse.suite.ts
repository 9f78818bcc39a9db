import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/index.js';
import { temporaryFolder } from './npy-bytes.js';
import { MAIN } from './run-cli.js';

// The command line as executable functions of ClickHouse, which runs in a process of Node (chDB).

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const FUNCTIONS = path('../../examples/executable-udf/');

const { folder } = temporaryFolder();
const engine = createEngine();

function ask(...queries: string[]): string[] {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  const args = [path('./clickhouse-query.mjs'), folder, ...queries];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 1 << 28 })) as string[];
}

beforeAll(() => {
  for (const name of ['bin', 'scripts']) mkdirSync(join(folder, name));
  const script = (name: string, flags: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" ${flags}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  script('bin/softmax-simd', '"$@"');
  script('scripts/softmax-arrow', 'softmax --format arrow --quiet');
  writeFileSync(
    join(folder, 'config.xml'),
    `<clickhouse>
       <user_scripts_path>${folder}/scripts/</user_scripts_path>
       <user_defined_executable_functions_config>${FUNCTIONS}*_function.xml</user_defined_executable_functions_config>
     </clickhouse>`,
  );
});

/** Rows of i % 50 + 1 elements, as both sides make them; arrays of one length in `wide`. */
const ragged = (row: number) => Float32Array.from({ length: (row % 50) + 1 }, (_, i) => ((i * row) % 97) / 8);
const RAGGED = 'arrayMap(i -> toFloat32((i * number) % 97 / 8), range(number % 50 + 1))';

describe('executable functions', () => {
  it('softmax of 20,000 rows of many lengths has the bits of the library', () => {
    // Bits, as text rounds: reinterpretAsUInt32 of each element.
    const [answer] = ask(
      `SELECT groupArray(arrayMap(p -> reinterpretAsUInt32(p), cliSoftmax(${RAGGED}))) FROM numbers(20000) SETTINGS max_threads = 1`,
    );
    const rows = (JSON.parse(answer!) as number[][][])[0]!;
    expect(rows).toHaveLength(20_000);
    rows.forEach((row, r) => {
      const probs = engine.softmax(ragged(r), row.length);
      expect(row).toEqual(Array.from(new Uint32Array(probs.buffer)));
    });
  });

  it('many queries of one process; empty rows, NaN, masks', () => {
    const answers = ask(
      'SELECT cliSoftmax([1, 2])',
      'SELECT cliSoftmax([])',
      'SELECT cliSoftmax([nan, 1])',
      'SELECT cliSoftmax([-inf, 3])',
      'SELECT cliLogSumExp([]), cliLogSumExp([0, 0])',
      'SELECT cliCrossEntropy([0, 0], 1), cliCrossEntropy([5, 0], -100)',
      'SELECT cliCrossEntropy([0, 0], 2)',
      'SELECT cliSoftmax([1, 1])',
    );
    expect(answers.slice(0, 6)).toEqual([
      '[[0.2689414,0.7310586]]',
      '[[]]',
      '[[null,null]]',
      '[[0,1]]',
      '[null, 0.6931472]',
      '[0.6931472, 0]',
    ]);
    // A label that is no class ends the query, not the server.
    expect(answers[6]).toMatch(/^error: /);
    expect(answers[7]).toBe('[[0.5,0.5]]');
  });

  it('a million rows of 100', () => {
    const logits = 'arrayMap(i -> toFloat32((i * number) % 97 / 8), range(100))';
    const begin = performance.now();
    const [answer] = ask(`SELECT count(), round(sum(arraySum(cliSoftmax(${logits})))) FROM numbers(1000000)`);
    console.log(`a million rows of 100 in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    expect(answer).toBe('[1000000, 1000000]');
  });
});

it('the table function executable with Arrow streams keeps the other columns', () => {
  const [answer] = ask(
    `SELECT sum(id), round(sum(arraySum(logits))) FROM executable('softmax-arrow', 'ArrowStream', 'id UInt64, logits Array(Float32)',
       (SELECT number AS id, ${RAGGED} AS logits FROM numbers(100000))) SETTINGS output_format_arrow_compression_method = 'none'`,
  );
  expect(answer).toBe('[4999950000, 100000]');
});
