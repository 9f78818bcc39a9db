// Measures the implementations named in the arguments on the runtime that runs it; prints one JSON line on standard
// output. bench/accuracy.mjs starts it.
import { IMPLEMENTATIONS } from './implementations.mjs';
import { COLUMNS, inputsOf } from './inputs.mjs';
import { compare, exact } from './oracle.mjs';

const OPS = /** @type {const} */ (['softmax', 'logSoftmax']);
/** One logit 20 above the other: log-softmax of the first is −log1p(e^−20). */
const CERTAIN = Float32Array.of(0, -20);

const subjects = [];
for (const id of process.argv.slice(2)) {
  const implementation = await IMPLEMENTATIONS[id]();
  const [certain] = await implementation.logSoftmax(CERTAIN, 2);
  const { name, version } = implementation;
  subjects.push({ implementation, record: { id, name, version, runtime: `Node ${process.versions.node}`, certain } });
}

const results = [];
for (const cols of COLUMNS) {
  for (const { kind, rows, logits } of inputsOf(cols)) {
    for (const op of OPS) {
      const want = exact(op, logits, cols);
      for (const { implementation, record } of subjects) {
        const got = await implementation[op](logits.slice(), cols);
        results.push({ id: record.id, op, kind, cols, rows, ...compare(op, got, want, cols) });
      }
    }
  }
  console.error(`${cols} columns: ${subjects.map(({ record }) => record.id).join(', ')}`);
}
console.log(JSON.stringify({ implementations: subjects.map(({ record }) => record), results }));
process.exit(0);
