import { crossEntropy } from '../cross-entropy';
import { constants } from '../exp';
import { logSoftmax } from '../log-softmax';
import { logSumExp } from '../log-sum-exp';
import { softmax } from '../softmax';
import { endOf, labels, logits, probs, scalarsOf, temperatures } from './buffers';
import { fail, float, number, text } from './fail';
import { bytesOf, createScratch, PARAMETERS, STATE, TABLE } from './memory';
import { ARRAY, CROSS_ENTROPY, LOG_SOFTMAX, LOG_SUM_EXP, SCALAR, SOFTMAX } from './signature';

/** The operations on the block that was read: consecutive rows of one length and temperature are one matrix. */

/** The class index of rows that are not read, as everywhere in the package. */
// @ts-ignore: decorator
@inline const IGNORE_INDEX: i32 = -100;

export function compute(rows: u32, kind: u32, name: string): void {
  if (temperatures) checkTemperatures(rows, name);
  const classes = labels ? checkedLabels(rows, name) : 0;
  if (kind & CROSS_ENTROPY) writeParameters();
  const scalars = kind & SCALAR ? scalarsOf(rows, kind) : 0;
  let temperature: f64 = 0;
  let start: u32 = 0;
  for (let from: u32 = 0, to: u32 = 0; from < rows; from = to) {
    if (temperatureOf(from) != temperature) {
      temperature = temperatureOf(from);
      constants(TABLE, temperature);
    }
    const begin = (<usize>start) << 2;
    const cols = endOf(from) - start;
    // Where the next matrix starts is read before the scalars of this one are written.
    start += cols;
    to = from + 1;
    for (; to < rows && endOf(to) - start == cols && temperatureOf(to) == temperature; to++) start += cols;
    const at = (<usize>from) << 2;
    const y = scalars + at;
    if (cols) {
      const t = probs ? probs + begin : 0;
      matrix(kind, logits + begin, classes ? classes + at : 0, t, y, to - from, cols);
    } else if (scalars) {
      const empty: f32 = kind & LOG_SUM_EXP ? -Infinity : 0;
      for (let p = y; p < scalars + ((<usize>to) << 2); p += 4) f32.store(p, empty);
    }
  }
}

/** One matrix; arrays are written over the logits, scalars to y. */
function matrix(kind: u32, x: usize, classes: usize, t: usize, y: usize, rows: u32, cols: u32): void {
  if (kind & SOFTMAX) softmax(x, x, rows, cols, TABLE, STATE);
  else if (kind & LOG_SOFTMAX) logSoftmax(x, x, rows, cols, TABLE, STATE);
  else if (kind & LOG_SUM_EXP) logSumExp(x, y, rows, cols, TABLE, STATE);
  else crossEntropy(x, classes, t, 0, kind & ARRAY ? x : 0, y, 0, rows, cols, TABLE, STATE, PARAMETERS);
}

/** No smoothing, no z-loss, no scale: at their offsets in docs/abi.md. */
function writeParameters(): void {
  f64.store(PARAMETERS, 1);
  f64.store(PARAMETERS, 1, 8);
  f64.store(PARAMETERS, 1, 16);
  f64.store(PARAMETERS, 0, 24);
  f64.store(PARAMETERS, 0, 32);
  i32.store(PARAMETERS, IGNORE_INDEX, 40);
}

// @ts-ignore: decorator
@inline
function temperatureOf(row: u32): f64 {
  return temperatures ? load<f64>(temperatures + ((<usize>row) << 3)) : 1;
}

function checkTemperatures(rows: u32, name: string): void {
  for (let r: u32 = 0; r < rows; r++) {
    const temperature = temperatureOf(r);
    if (temperature >= 1.0 / 65536 && temperature <= 65536) continue;
    text(name);
    text(': expected temperature to be a number in [2^-16, 2^16], got ');
    float(temperature);
    fail();
  }
}

/** i32[rows] for the kernel: each class index is inside its row, or IGNORE_INDEX. */
function checkedLabels(rows: u32, name: string): usize {
  const classes = bytesOf(createScratch((<u64>rows) << 2));
  let start: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const label = load<i64>(labels + ((<usize>r) << 3));
    const end = endOf(r);
    const cols: i64 = end - start;
    if (label != IGNORE_INDEX && <u64>label >= <u64>cols) {
      text(name);
      text(': expected target to be in [0, ');
      number(cols);
      text(') or ignoreIndex -100, got ');
      number(label);
      fail();
    }
    store<i32>(classes + ((<usize>r) << 2), <i32>label);
    start = end;
  }
  return classes;
}
