// The SQL that comes with dist/clickhouse/softmax.wasm; scripts/build.mjs writes it.

/** The module's name in system.webassembly_modules. */
const MODULE = 'softmax_simd';

const LOGITS = 'logits Array(Float32)';
const TEMPERATURE = 'temperature Float64';
const LABEL = 'target Int64';
const PROBS = 'targets Array(Float32)';
const BOTH = 'Tuple(dlogits Array(Float32), loss Float32)';

/**
 * Each SQL function: its kernel, what it takes, what it gives. Its export has its name where blocks come in Buffers, and
 * that and `RowBinary` where they come so: assembly/clickhouse/functions.ts is made from this table.
 */
export const FUNCTIONS = [
  { name: 'softmax', kernel: 'softmax', takes: [LOGITS], gives: 'Array(Float32)' },
  { name: 'softmaxWithTemperature', kernel: 'softmax', takes: [LOGITS, TEMPERATURE], gives: 'Array(Float32)' },
  { name: 'logSoftmax', kernel: 'logSoftmax', takes: [LOGITS], gives: 'Array(Float32)' },
  { name: 'logSoftmaxWithTemperature', kernel: 'logSoftmax', takes: [LOGITS, TEMPERATURE], gives: 'Array(Float32)' },
  { name: 'logSumExp', kernel: 'logSumExp', takes: [LOGITS], gives: 'Float32' },
  { name: 'logSumExpWithTemperature', kernel: 'logSumExp', takes: [LOGITS, TEMPERATURE], gives: 'Float32' },
  { name: 'crossEntropy', kernel: 'crossEntropy', takes: [LOGITS, LABEL], gives: 'Float32' },
  {
    name: 'crossEntropyWithTemperature',
    kernel: 'crossEntropy',
    takes: [LOGITS, LABEL, TEMPERATURE],
    gives: 'Float32',
  },
  { name: 'crossEntropyGrad', kernel: 'crossEntropy', takes: [LOGITS, LABEL], gives: 'Array(Float32)' },
  { name: 'crossEntropyWithGrad', kernel: 'crossEntropy', takes: [LOGITS, LABEL], gives: BOTH },
  { name: 'crossEntropyProbs', kernel: 'crossEntropy', takes: [LOGITS, PROBS], gives: 'Float32' },
  { name: 'crossEntropyProbsGrad', kernel: 'crossEntropy', takes: [LOGITS, PROBS], gives: 'Array(Float32)' },
  { name: 'crossEntropyProbsWithGrad', kernel: 'crossEntropy', takes: [LOGITS, PROBS], gives: BOTH },
];

// Buffers and the switch for fuel came with 26.6. No loop of the module is longer than its block, so fuel stops nothing.
// Servers before that need SET webassembly_udf_max_fuel = 0.
const BUFFERS = {
  suffix: '',
  run: 'inBuffers',
  settings: "serialization_format = 'Buffers', webassembly_udf_enable_fuel = 0",
};
const ROW_BINARY = { suffix: 'RowBinary', run: 'inRows', settings: "serialization_format = 'RowBinary'" };

/** What an argument or a result is in assembly/clickhouse/signature.ts. */
const BITS = { [TEMPERATURE]: 'TEMPERATURE', [LABEL]: 'LABEL', [PROBS]: 'PROBS' };
const RESULT_BITS = { 'Array(Float32)': 'ARRAY', Float32: 'SCALAR', [BOTH]: 'ARRAY | SCALAR' };

/** The module's exports, in AssemblyScript. */
export function exportsSource() {
  const exports = FUNCTIONS.flatMap(({ name, kernel, takes, gives }) => {
    const kind = [...takes.slice(1).map((taken) => BITS[taken]), RESULT_BITS[gives]].join(' | ');
    return [BUFFERS, ROW_BINARY].map(
      ({ suffix, run }) => `export function ${name}${suffix}(handle: usize, rows: u32): usize {
  return ${run}(handle, rows, kernels.${kernel}.index, ${kind}, '${name}');
}
`,
    );
  });
  return `// Made by scripts/build.mjs from the table in scripts/clickhouse-sql.mjs.
import * as kernels from '../index';
import { inBuffers, inRows } from './block';
import { ARRAY, LABEL, PROBS, SCALAR, TEMPERATURE } from './signature';

${exports.join('')}`;
}

function createFunctions({ suffix, settings }) {
  return FUNCTIONS.map(
    ({ name, takes, gives }) =>
      `CREATE OR REPLACE FUNCTION ${name} LANGUAGE WASM FROM '${MODULE}' :: '${name}${suffix}' ` +
      `ARGUMENTS (${takes.join(', ')}) RETURNS ${gives} ABI BUFFERED_V1 DETERMINISTIC SETTINGS ${settings};\n`,
  ).join('');
}

function insertModule(wasm) {
  const base64 = Buffer.from(wasm).toString('base64');
  return `INSERT INTO system.webassembly_modules (name, code) SELECT '${MODULE}', base64Decode('${base64}');\n`;
}

/** Name and text of each file; statements end with `;` and a line's end. */
export function sqlFiles(wasm) {
  const drops = FUNCTIONS.map(({ name }) => `DROP FUNCTION IF EXISTS ${name};\n`).join('');
  return [
    ['install.sql', insertModule(wasm) + createFunctions(BUFFERS)],
    ['functions-row-binary.sql', createFunctions(ROW_BINARY)],
    ['uninstall.sql', `${drops}DELETE FROM system.webassembly_modules WHERE name = '${MODULE}';\n`],
  ];
}
