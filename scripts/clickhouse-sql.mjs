// The SQL that installs dist/clickhouse/softmax.wasm in ClickHouse, and drops it; scripts/build.mjs writes it.

/** The module's name in system.webassembly_modules. */
export const MODULE = 'softmax_simd';

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

/** The module and its functions over the Buffers format: ClickHouse 26.6 and later. */
export function installSql(wasm) {
  const base64 = Buffer.from(wasm).toString('base64');
  return `-- softmax-simd in ClickHouse 26.6 and later: clickhouse-client --multiquery < install.sql
-- Needs <allow_experimental_webassembly_udf>true</allow_experimental_webassembly_udf> in the server's configuration.
INSERT INTO system.webassembly_modules (name, code) SELECT '${MODULE}', base64Decode('${base64}');
${functionsSql('Buffers')}`;
}

/** CREATE FUNCTION of all; RowBinary is what servers before 26.6 know. */
export function functionsSql(format) {
  const suffix = format === 'Buffers' ? '' : format;
  return FUNCTIONS.map(
    ({ name, takes, gives }) =>
      `CREATE OR REPLACE FUNCTION ${name} LANGUAGE WASM FROM '${MODULE}' :: '${name}${suffix}' ` +
      `ARGUMENTS (${takes.join(', ')}) RETURNS ${gives} ABI BUFFERED_V1 DETERMINISTIC ` +
      `SETTINGS serialization_format = '${format}';\n`,
  ).join('');
}

export function uninstallSql() {
  const drops = FUNCTIONS.map(({ name }) => `DROP FUNCTION IF EXISTS ${name};\n`);
  return `${drops.join('')}DELETE FROM system.webassembly_modules WHERE name = '${MODULE}';\n`;
}
