import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

// What report/index.js has to find, by the definitions in float64.

const ROWS = [
  [2, 1, 0.1],
  [1, 3, 0.2],
];
const LABELS = [0, 1];

const probs = ROWS.map((row) => {
  const exps = row.map(Math.exp);
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((e) => e / sum);
});
const RIGHT = {
  probs: probs.flat(),
  loss: -probs.reduce((sum, row, r) => sum + Math.log(row[LABELS[r]]), 0) / ROWS.length,
  dlogits: probs.flatMap((row, r) => row.map((a, c) => (a - (c === LABELS[r] ? 1 : 0)) / ROWS.length)),
};

export const RELAXED = { tier: 'relaxed', reason: null };
export const SIMD = { tier: 'simd', reason: null };
/** The pool where threads may share memory, and where they may not. */
export const POOL = { ...RELAXED, threads: 2, threadsReason: null, sameBits: true };
export const COPYING_POOL = { ...POOL, threadsReason: /by message: this page is not cross-origin isolated/ };
/** The entry softmax-simd/scalar. */
export const SCALAR = { tier: 'scalar', reason: 'this entry has no wasm' };

/**
 * @param report what a consumer published: a name for each way of use, and what that way gave
 * @param expected the same names, and what each has beside the answers: strings may be given as patterns
 */
export function expectReport(report, expected) {
  assert.deepEqual(Object.keys(report).sort(), Object.keys(expected).sort(), 'the ways of use');
  for (const [name, fields] of Object.entries(expected)) {
    for (const [field, value] of Object.entries(fields)) expectField(`${name}: ${field}`, report[name][field], value);
    expectAnswers(name, report[name]);
  }
}

function expectField(what, found, expected) {
  if (expected instanceof RegExp) assert.match(String(found), expected, `${what} is ${found}`);
  else assert.equal(found, expected, `${what} is ${found}, not ${expected}`);
}

function expectAnswers(name, found) {
  for (const [key, right] of Object.entries(RIGHT)) {
    const values = [found[key]].flat();
    const exact = [right].flat();
    assert.equal(values.length, exact.length, `${name}: length of ${key}`);
    // The logits 0.1 and 0.2 are rounded to float32, which alone moves the results by 1e-9.
    values.forEach((value, i) => {
      const off = Math.abs(value - exact[i]);
      assert.ok(off <= 2e-7, `${name}: ${key}[${i}] is ${value}, not ${exact[i]}`);
    });
  }
}

/** What the main entry takes on the Node that runs this. */
export function nodeBackend(folder) {
  const file = path.join(folder, 'node_modules/softmax-simd/dist/wasm/relaxed.wasm');
  return WebAssembly.validate(readFileSync(file)) ? RELAXED : { tier: 'simd', reason: /^relaxed: [^;]+$/ };
}
