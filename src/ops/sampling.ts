import { checkInteger, checkName, checkNumber, failRange, failType, show } from '../check.js';
import { integersOf } from '../decide/ids.js';
import type { Call, Setting } from '../operation.js';
import type { IntegerArray } from '../types.js';

/** What sample and filterLogits are asked for beside their outputs. */
export interface SamplingSettings {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  bias: { ids: Int32Array; values: Float32Array } | null;
  history: IntegerArray | readonly IntegerArray[] | null;
  prompt: IntegerArray | readonly IntegerArray[] | null;
  repetitionPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  seed: number | null;
  step: number;
  streams: Int32Array | null;
  uniforms: Float64Array | null;
  /** Whether log-probabilities are wanted, and of which distribution. */
  logProbsOf: 'raw' | 'filtered' | null;
}

export function samplingSettings(): SamplingSettings {
  return {
    ...{ temperature: 1, topK: 0, topP: 1, minP: 0, bias: null, history: null, prompt: null },
    ...{ repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 },
    ...{ seed: null, step: 0, streams: null, uniforms: null, logProbsOf: null },
  };
}

type SamplingCall = Call<SamplingSettings>;
type SamplingSetting = Setting<SamplingSettings>;

const LARGEST = Number.MAX_VALUE;

/** topP among more than topK leaves sums the whole row, some ten times softmax's work. */
export function isSlow({ settings: { topP, topK } }: SamplingCall): boolean {
  return topP < 1 && topK === 0;
}

/** The stages, in the order of checks. */
export function stageSettings(): SamplingSetting[] {
  return [
    setting('temperature', (settings, op, value) => {
      const rule = '0 or a number in [2^-16, 2^16]';
      settings.temperature = value === 0 ? 0 : checkNumber(op, 'temperature', value, 2 ** -16, 2 ** 16, rule);
    }),
    setting('topK', (settings, op, value) => {
      settings.topK = checkInteger(op, 'topK', value, 0, Infinity, 'an integer >= 0');
    }),
    setting('topP', (settings, op, value) => {
      settings.topP = checkNumber(op, 'topP', value, Number.MIN_VALUE, 1, 'a number in (0, 1]');
    }),
    setting('minP', (settings, op, value) => {
      settings.minP = checkNumber(op, 'minP', value, 0, 1, 'a number in [0, 1]');
    }),
    { ...setting('bias', readBias), open: openBias },
    ids('history'),
    ids('prompt'),
    penalty('repetitionPenalty', 1, Number.MIN_VALUE, 'a finite number > 0'),
    penalty('frequencyPenalty', 0, -LARGEST, 'a finite number'),
    penalty('presencePenalty', 0, -LARGEST, 'a finite number'),
  ];
}

/** Where the draw comes from. */
export function drawSettings(): SamplingSetting[] {
  return [
    setting('seed', (settings, op, value) => {
      settings.seed = checkInteger(op, 'seed', value, 0, Number.MAX_SAFE_INTEGER, 'an integer in [0, 2^53)');
    }),
    setting('step', (settings, op, value) => {
      settings.step = checkInteger(op, 'step', value, 0, Number.MAX_SAFE_INTEGER, 'an integer in [0, 2^53)');
      needSeed(settings, op, 'step', value);
    }),
    setting('streams', (settings, op, value, call) => {
      settings.streams = checkRows(op, 'streams', value, 'Int32Array', call.rows) as Int32Array;
      needSeed(settings, op, 'streams', value);
    }),
    setting('uniforms', (settings, op, value, call) => {
      settings.uniforms = checkRows(op, 'uniforms', value, 'Float64Array', call.rows) as Float64Array;
      if (settings.seed !== null) failRange(op, 'uniforms', 'undefined with seed', show(value));
    }),
  ];
}

export const LOG_PROBS_OF: SamplingSetting = {
  name: 'logProbsOf',
  read({ settings, operation: { name } }, value) {
    settings.logProbsOf = checkName(name, 'logProbsOf', value, ['raw', 'filtered'] as const);
  },
};

function setting(
  name: string,
  read: (settings: SamplingSettings, op: string, value: unknown, call: SamplingCall) => void,
): SamplingSetting {
  return { name, read: (call, value) => read(call.settings, call.operation.name, value, call) };
}

function ids(name: 'history' | 'prompt'): SamplingSetting {
  const read = setting(name, (settings, op, value, call) => {
    settings[name] = integersOf(op, name, value, call.rows);
  });
  return { ...read, open: (value) => (Array.isArray(value) ? [...(value as unknown[])] : value) };
}

function openBias(value: object): unknown {
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return value;
  const { ids, values } = value as Record<string, unknown>;
  return { ids, values };
}

/** One that is not its default says something of a history only. */
function penalty(
  name: 'repetitionPenalty' | 'frequencyPenalty' | 'presencePenalty',
  none: number,
  least: number,
  rule: string,
): SamplingSetting {
  return setting(name, (settings, op, value) => {
    const given = checkNumber(op, name, value, least, LARGEST, rule);
    if (given !== none && settings.history === null && settings.prompt === null) {
      failRange(op, name, `${none} without history or prompt`, show(value));
    }
    settings[name] = given;
  });
}

function needSeed({ seed }: SamplingSettings, op: string, name: string, value: unknown): void {
  if (seed === null) failRange(op, name, 'undefined without seed', show(value));
}

/** An array of a class, of this realm or another, with one element a row. */
function checkRows(op: string, name: string, value: unknown, type: string, rows: number): ArrayBufferView {
  const array = checkClass(op, name, value, type);
  if (array.length !== rows) failRange(op, `${name}.length`, `rows = ${rows}`, String(array.length));
  return array;
}

function checkClass(op: string, name: string, value: unknown, type: string): ArrayBufferView & { length: number } {
  if (!ArrayBuffer.isView(value) || show(value) !== type) {
    failType(op, name, type.startsWith('I') ? `an ${type}` : `a ${type}`, show(value));
  }
  return value as unknown as ArrayBufferView & { length: number };
}

function readBias(settings: SamplingSettings, op: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
    failType(op, 'bias', 'an object with ids and values', show(value));
  }
  const { ids, values } = value as { ids?: unknown; values?: unknown };
  const { length } = checkClass(op, 'bias.ids', ids, 'Int32Array');
  const got = checkClass(op, 'bias.values', values, 'Float32Array').length;
  if (got !== length) failRange(op, 'bias.values.length', `bias.ids.length = ${length}`, String(got));
  settings.bias = { ids: ids as Int32Array, values: values as Float32Array };
}
