import { about, failRange, show } from '../check.js';
import type { Call, Operation } from '../operation.js';
import type { SamplingSettings } from '../ops/sampling.js';
import { adjustedOf, touches } from './adjust.js';
import { logOf } from './exp-log.js';
import { checkIds, idsOf } from './ids.js';
import { adjust, Records } from './records.js';
import { LogitRows } from '../scalar/logit-rows.js';
import { StagedRow } from './stages.js';

/** Parameters of sample and filterLogits, by index: what `at` makes of how many logits a row, then the stages, */
const AT_COUNT = 0;
export const AT_KIND = 1;
export const TEMPERATURE = 2;
const TOP_K = 3;
const TOP_P = 4;
const LOG_MIN_P = 5;
/** and the bytes of a record. */
const RECORD_BYTES = 6;

export type SamplingCall = Call<SamplingSettings>;

/**
 * The checks of values, the parameters, and the records of the rows, where something is drawn or touched.
 *
 * @param at the operand that the records are
 */
export function prepareStages(call: SamplingCall, at: number, draws: boolean): void {
  const { settings, operands, cols, parameters } = call;
  checkValues(call);
  checkInputsApart(call);
  parameters[AT_COUNT] = 1;
  parameters[AT_KIND] = 0;
  parameters[TEMPERATURE] = settings.temperature;
  parameters[TOP_K] = settings.topK < cols ? settings.topK : 0;
  parameters[TOP_P] = settings.topP;
  parameters[LOG_MIN_P] = logOf(settings.minP);
  const records = recordsOf(call, draws);
  call.k = records === null ? 0 : records.stride;
  parameters[RECORD_BYTES] = 4 * call.k;
  operands[at] = records === null ? null : records.words;
}

function checkValues({ settings, operation: { name }, cols }: SamplingCall): void {
  const { bias, history, prompt, uniforms } = settings;
  if (bias !== null) {
    checkIds(name, 'bias.ids', bias.ids, cols);
    const wrong = bias.values.findIndex((v) => !(v < Infinity));
    if (wrong >= 0) failRange(name, `bias.values[${wrong}]`, 'neither NaN nor +Infinity', show(bias.values[wrong]));
  }
  checkIds(name, 'history', history, cols);
  checkIds(name, 'prompt', prompt, cols);
  const wrong = uniforms?.findIndex((u) => !(u >= 0 && u < 1)) ?? -1;
  if (wrong >= 0) failRange(name, `uniforms[${wrong}]`, 'in [0, 1)', show(uniforms![wrong]));
}

/** No output shares a byte with what the settings hold, or with another output whatever their order. */
function checkInputsApart({ settings, operands, operation }: SamplingCall): void {
  const { bias, history, prompt, streams, uniforms } = settings;
  const inputs = { 'bias.ids': bias?.ids, 'bias.values': bias?.values, history, prompt, streams, uniforms };
  const outputs = operands.map((array, i) => (operation.operands[i].output ? array : null));
  outputs.forEach((output, i) => {
    if (output === null) return;
    const others = outputs.slice(0, i).map((array, j) => [operation.operands[j].name, array] as const);
    for (const [other, given] of [...Object.entries(inputs), ...others]) {
      const list = (Array.isArray(given) ? given : [given]) as (ArrayBufferView | null | undefined)[];
      if (list.some((array) => array && overlap(output, array))) failOverlap(operation, i, other);
    }
  });
}

function failOverlap({ name, operands }: Operation, i: number, other: string): never {
  const output = operands[i].name;
  throw about(output, new RangeError(`${name}: expected ${output} not to overlap ${other}, got an overlap`));
}

function overlap(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}

function recordsOf(call: SamplingCall, draws: boolean): Records | null {
  const { settings, rows } = call;
  if (!touches(settings)) return draws ? new Records(rows, 0) : null;
  const { history, prompt } = settings;
  const x = new LogitRows(call);
  const adjusted = Array.from({ length: rows }, (_, r) =>
    adjustedOf((column) => x.at(r, column), call.cols, settings, idsOf(history, r), idsOf(prompt, r)),
  );
  const most = adjusted.reduce((max, { ids }) => Math.max(max, ids.length), 0);
  const records = new Records(rows, most);
  adjusted.forEach((row, r) => records.setAdjusted(r, row));
  return records;
}

/** Each row of a call after its stages; null for one without a result. */
export function eachStagedRow(
  call: Call,
  records: Int32Array | null,
  use: (r: number, row: StagedRow | null) => void,
): void {
  const { operands, rows, cols, parameters, k } = call;
  const x = operands[0] as Float32Array;
  const row = new StagedRow(cols);
  const stages = {
    temperature: parameters[TEMPERATURE],
    topK: parameters[TOP_K] === 0 ? cols : parameters[TOP_K],
    topP: parameters[TOP_P],
    logMinP: parameters[LOG_MIN_P],
  };
  for (let r = 0; r < rows; r++) {
    row.values.set(x.subarray(r * cols, (r + 1) * cols));
    if (records !== null) adjust(row.values, records, r * k);
    use(r, row.run(stages) ? row : null);
  }
}
