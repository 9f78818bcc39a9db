// Measures the implementation named in the argument on the runtime that runs it, and prints one JSON line.
// bench/accuracy.mjs starts it.
import { IMPLEMENTATIONS } from './implementations.mjs';
import { COLUMNS, inputsOf } from './inputs.mjs';
import { compare, exact } from './oracle.mjs';

const OPS = /** @type {const} */ (['softmax', 'logSoftmax']);
/** One logit 20 above the other: log-softmax of the first is −log1p(e^−20). */
const CERTAIN = Float32Array.of(0, -20);

const id = process.argv[2];
const subject = await IMPLEMENTATIONS[id]();
const { name, version } = subject;
const [certain] = await subject.logSoftmax(CERTAIN, 2);
const results = [];
for (const cols of COLUMNS) {
  for (const { kind, rows, logits } of inputsOf(cols)) {
    for (const op of OPS) {
      const got = await subject[op](logits.slice(), cols);
      results.push({ id, op, kind, cols, rows, ...compare(op, got, exact(op, logits, cols), cols) });
    }
  }
}
const implementation = { id, name, version, runtime: `Node ${process.versions.node}`, certain };
console.log(JSON.stringify({ implementation, results }));
process.exit(0);
