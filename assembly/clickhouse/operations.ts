import { Call } from '../call';
import { CrossEntropy } from '../ops/cross-entropy';
import { Softmax } from '../ops/softmax';
import { State } from '../state';
import { constants, Table } from '../table';
import { endOf, labels, logits, probs, scalarsOf, temperatures } from './buffers';
import { fail, float, number, text } from './fail';
import { bytesOf, CALL, createScratch, STATE, TABLE } from './memory';
import { ARRAY, LABEL, PROBS, SCALAR } from './signature';

/** A kernel on the block that was read: consecutive rows of one length and temperature are one matrix. */

/** The class index of rows that are not read, as everywhere in the package. */
// @ts-ignore: decorator
@inline const IGNORE_INDEX: i32 = -100;

/** `kernel` is a function's index. */
export function compute(rows: u32, kernel: u32, kind: u32, name: string): void {
  if (temperatures) checkTemperatures(rows, name);
  const classes = labels ? checkedLabels(rows, name) : 0;
  const scalars = kind & SCALAR ? scalarsOf(rows, kind) : 0;
  let temperature: f64 = 0;
  let start: u32 = 0;
  for (let from: u32 = 0, to: u32 = 0; from < rows; from = to) {
    if (temperatureOf(from) != temperature) {
      temperature = temperatureOf(from);
      constants(changetype<Table>(TABLE), temperature);
    }
    const begin = (<usize>start) << 2;
    const cols = endOf(from) - start;
    // Where the next matrix starts is read before the scalars of this one are written.
    start += cols;
    to = from + 1;
    for (; to < rows && endOf(to) - start == cols && temperatureOf(to) == temperature; to++) start += cols;
    const at = (<usize>from) << 2;
    const y = scalars ? scalars + at : 0;
    if (cols) {
      const call = callOf(to - from, cols);
      if (kind & (LABEL | PROBS)) withTargets(call, kind, begin, classes ? classes + at : 0, y);
      else alone(call, kind, begin, y);
      call_indirect(kernel, changetype<usize>(call));
    } else if (scalars) {
      const empty: f32 = kind & (LABEL | PROBS) ? 0 : -Infinity;
      for (let p = y; p < scalars + ((<usize>to) << 2); p += 4) f32.store(p, empty);
    }
  }
}

function callOf(rows: u32, cols: u32): Call {
  const call = changetype<Call>(CALL);
  call.rows = rows;
  call.cols = cols;
  call.table = changetype<Table>(TABLE);
  call.state = changetype<State>(STATE);
  return call;
}

/** The operands of a kernel of logits alone: an array is written over them, scalars to y. */
function alone(block: Call, kind: u32, begin: usize, y: usize): void {
  const call = changetype<Softmax>(block);
  call.x = logits + begin;
  call.y = kind & ARRAY ? call.x : y;
}

/** Those of a loss and its gradient, without smoothing, z-loss, scale. */
function withTargets(block: Call, kind: u32, begin: usize, classes: usize, y: usize): void {
  const call = changetype<CrossEntropy>(block);
  call.lossScale = 1;
  call.gradScale = 1;
  call.keep = 1;
  call.ignoreIndex = IGNORE_INDEX;
  call.dense = kind & PROBS ? 1 : 0;
  call.x = logits + begin;
  call.labels = classes;
  call.probs = kind & PROBS ? probs + begin : 0;
  call.y = kind & ARRAY ? call.x : 0;
  call.losses = y;
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
