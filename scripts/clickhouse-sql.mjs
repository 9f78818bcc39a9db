// The SQL that comes with dist/clickhouse/softmax.wasm; scripts/build.mjs writes it.

/** The module's name in system.webassembly_modules. */
const MODULE = 'softmax_simd';

const LOGITS = 'logits Array(Float32)';
const TEMPERATURE = 'temperature Float64';
const LABEL = 'target Int64';
const PROBS = 'targets Array(Float32)';
const BOTH = 'Tuple(dlogits Array(Float32), loss Float32)';

/** Each SQL function: what it takes, what it gives. Its export has the same name. */
export const FUNCTIONS = [
  { name: 'softmax', takes: [LOGITS], gives: 'Array(Float32)' },
  { name: 'softmaxWithTemperature', takes: [LOGITS, TEMPERATURE], gives: 'Array(Float32)' },
  { name: 'logSoftmax', takes: [LOGITS], gives: 'Array(Float32)' },
  { name: 'logSoftmaxWithTemperature', takes: [LOGITS, TEMPERATURE], gives: 'Array(Float32)' },
  { name: 'logSumExp', takes: [LOGITS], gives: 'Float32' },
  { name: 'logSumExpWithTemperature', takes: [LOGITS, TEMPERATURE], gives: 'Float32' },
  { name: 'crossEntropy', takes: [LOGITS, LABEL], gives: 'Float32' },
  { name: 'crossEntropyWithTemperature', takes: [LOGITS, LABEL, TEMPERATURE], gives: 'Float32' },
  { name: 'crossEntropyGrad', takes: [LOGITS, LABEL], gives: 'Array(Float32)' },
  { name: 'crossEntropyWithGrad', takes: [LOGITS, LABEL], gives: BOTH },
  { name: 'crossEntropyProbs', takes: [LOGITS, PROBS], gives: 'Float32' },
  { name: 'crossEntropyProbsGrad', takes: [LOGITS, PROBS], gives: 'Array(Float32)' },
  { name: 'crossEntropyProbsWithGrad', takes: [LOGITS, PROBS], gives: BOTH },
];

// Buffers and the switch for fuel came with 26.6. No loop of the module is longer than its block, so fuel stops nothing.
// Servers before that need SET webassembly_udf_max_fuel = 0.
const BUFFERS = { suffix: '', settings: "serialization_format = 'Buffers', webassembly_udf_enable_fuel = 0" };
const ROW_BINARY = { suffix: 'RowBinary', settings: "serialization_format = 'RowBinary'" };

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
