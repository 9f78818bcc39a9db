import {
  checkApart,
  checkArray,
  checkCols,
  checkLive,
  checkName,
  checkOptions,
  checkSameOrApart,
  failRange,
  failType,
  freshFloats,
  isOptions,
  type Owner,
} from './check.js';
import { elements, type OperandArray, type Width } from './operand.js';
import { Call, type Operation, type Runner } from './operation.js';
import { checkSpans, DTYPES, type HalfKind, lay, PLAIN, readRowOperand } from './rows.js';
import type { WasmModule } from './types.js';
import { viewClass } from './view.js';

/** Where the functions of one engine find who computes: the default engine's is null until it is first used. */
export interface Host {
  runner: Runner | null;
  /** Sets `runner` and returns it. */
  open(): Runner;
}

/** A function of one array, or of two, before `cols` and the options. */
type PublicFunction<R> = (...args: never[]) => R;

/** `f` as a function with the arguments that the operation takes. */
export function withArguments<R>(
  operation: Operation,
  f: (a: unknown, b: unknown, cols: unknown, options: unknown, k?: unknown) => R,
): PublicFunction<R> {
  if (operation.readK !== null) {
    return (a: unknown, cols: unknown, k: unknown, options: unknown) => f(a, undefined, cols, options, k);
  }
  return operation.second === 0 ? (a: unknown, cols: unknown, options: unknown) => f(a, undefined, cols, options) : f;
}

/** The operation as a function that has computed when it returns. */
export function makeFunction(host: Host, operation: Operation, decisions?: () => WasmModule): PublicFunction<unknown> {
  // Made once, so that a small call allocates nothing; of calls in the getters of another's options each has its own.
  let spare: Call | null = null;
  return withArguments(operation, (a, b, cols, options, k) => {
    const call = spare ?? new Call(operation);
    spare = null;
    check(host.runner, call, a, b, cols, options, NO_NAMES, k);
    survey(call);
    makeOutputs(call);
    const runner = host.runner ?? host.open();
    if (decisions !== undefined) runner.needDecisions?.(decisions);
    runner.run(call);
    const result = operation.result(call);
    call.forget();
    call.reset();
    spare = call;
    return result;
  });
}

/**
 * Fills a call from the arguments, checked in the order of the declaration before anything is written: arrays, `cols`,
 * options, what follows from them; `survey` comes after it. Options are read before all that: a getter among them may detach,
 * shrink or free arrays, so nothing may have been looked at by then, and none is asked twice.
 *
 * @param more names of options that are the caller's to check: `call.values` has them, after the operation's
 */
export function check(
  owner: Owner | null,
  call: Call,
  a: unknown,
  b: unknown,
  cols: unknown,
  options: unknown,
  more: readonly string[] = NO_NAMES,
  k?: unknown,
): void {
  const { operation } = call;
  const { name, operands, second } = operation;
  const unknown = options === undefined ? null : readOptions(call, options, more);
  // All operations take this class as their first array.
  if (viewClass(a) !== 'Float32Array') {
    readHalf(call, a);
    checkArray(name, operands, 0, a, call.layout.half);
  }
  const length = checkLive(owner, name, operands[0].name, a as OperandArray);
  call.operands[0] = a as OperandArray;
  if (second === 0) takeCols(call, cols, length);
  else checkSecond(owner, call, b, cols, length);
  if (operation.readK !== null) operation.readK(call, k);
  if (unknown !== null) failOption(operation, options, unknown, more);
  if (call.given !== 0) takeOptions(owner, call);
  if (call.layout !== PLAIN && operation.count < operands.length) checkSpans(call);
  if (operation.prepare !== null) operation.prepare(call);
}

function takeCols(call: Call, cols: unknown, length: number): void {
  const { name, operands } = call.operation;
  call.rows = checkCols(name, cols, operands[0].name, length);
  call.cols = cols as number;
}

/** The second array, and `cols`. */
function checkSecond(owner: Owner | null, call: Call, b: unknown, cols: unknown, length: number): void {
  const { name, operands, second } = call.operation;
  const at = checkArray(name, operands, second, b, null);
  const own = checkLive(owner, name, operands[at].name, b as OperandArray);
  call.operands[at] = b as OperandArray;
  // A second matrix is as long as the first; what has one element a row can be compared when the rows are known.
  const perRow = operands[at].width === 'one';
  if (!perRow) checkOperandLength(call, at, own, length);
  takeCols(call, cols, length);
  if (perRow) checkOperandLength(call, at, own, length);
}

/** The last of the checks, where the operation has one. */
export function survey(call: Call): void {
  const { operation } = call;
  if (operation.survey !== null) operation.conclude!(call, operation.survey(call));
}

const NO_NAMES: readonly string[] = [];

/** Half floats, where the class of the first array or `dtype` says so: what the other checks of arrays go by. */
function readHalf(call: Call, a: unknown): void {
  const { rows, indexOf } = call.operation;
  if (rows !== 'any' && rows !== 'any or empty') return;
  const name = viewClass(a);
  let half: HalfKind | null = null;
  if (name === 'Float16Array') half = 'float16';
  const dtype = call.values[indexOf.get('dtype')!];
  if (name === 'Uint16Array' && dtype !== undefined) {
    const kind = checkName(call.operation.name, 'dtype', dtype, DTYPES);
    if (kind !== 'float32') half = kind;
  }
  if (half !== null) lay(call, { half });
}

const { hasOwnProperty } = Object.prototype;

/** Own options into `call.values`, each once; the first name that is none of them, '' where there are none to read, or null. */
function readOptions(call: Call, options: unknown, more: readonly string[]): string | null {
  if (!isOptions(options)) return '';
  const { operation } = call;
  let unknown: string | null = null;
  // Those that are given: a look at each known name takes longer.
  for (const name in options) {
    if (!hasOwnProperty.call(options, name)) continue;
    const i = name === 'out' ? operation.outIndex : indexOfOption(operation, name, more);
    if (i < 0) {
      unknown ??= name;
      continue;
    }
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    call.given |= 1 << i;
    call.values[i] = typeof value === 'object' && value !== null ? opened(call, i, value) : value;
  }
  return unknown;
}

function indexOfOption({ indexOf }: Operation, name: string, more: readonly string[]): number {
  const i = indexOf.get(name);
  if (i !== undefined) return i;
  const k = more.indexOf(name);
  return k < 0 ? -1 : indexOf.size + k;
}

function opened({ operation: { options } }: Call, i: number, value: object): unknown {
  const setting = i < options.length ? options[i].setting : null;
  return setting === null || setting.open === undefined ? value : setting.open(value);
}

/** Checks them in the order of the declaration. */
function takeOptions(owner: Owner | null, call: Call): void {
  const { options } = call.operation;
  for (let given = call.given; given !== 0; given &= given - 1) {
    const i = 31 - Math.clz32(given & -given);
    if (i >= options.length) return;
    const { operand, setting } = options[i];
    if (setting === null) readOperand(owner, call, operand, call.values[i]);
    else setting.read(call, call.values[i]);
  }
}

function failOption(operation: Operation, given: unknown, name: string, more: readonly string[]): never {
  const { name: op, options, rows } = operation;
  checkOptions(op, given);
  const known = [...options.map((option) => option.name), ...more].join(', ');
  const isAxis = (name === 'axis' || name === 'dim') && rows !== 'plain';
  const help = isAxis ? ' (another axis is inner, the product of the dimensions after it)' : '';
  failType(op, name, `one of ${known}`, `an unknown option${help}`);
}

function readOperand(owner: Owner | null, call: Call, index: number, value: unknown): void {
  const { name: op, operands, count } = call.operation;
  checkArray(op, operands, index, value, call.layout.half);
  const array = value as OperandArray;
  const length = checkLive(owner, op, operands[index].name, array);
  call.operands[index] = array;
  if (index >= count) readRowOperand(call, index - count, array);
  else checkOperandLength(call, index, length, call.rows * call.cols);
  const { output, over } = operands[index];
  // Those that say how rows lie are read last.
  const end = index < count ? count : operands.length;
  for (let i = 0; i < end; i++) {
    const other = call.operands[i];
    if (other === null || i === index) continue;
    if (output && i === over) checkSameOrApart(op, operands[index].name, array, operands[i].name, other);
    // Of an input and an output it is the output that is wrong.
    else if (output) checkApart(op, operands[index].name, array, operands[i].name, other);
    else if (operands[i].output) checkApart(op, operands[i].name, other, operands[index].name, array);
  }
}

/** @param all elements of the first operand: `rows` may not be known yet */
function checkOperandLength({ operation, rows, cols, k }: Call, index: number, length: number, all: number): void {
  const { width } = operation.operands[index];
  const wanted = width === 'row' ? all : elements(width, rows, cols, k);
  if (length !== wanted) failLength(operation, index, length, wanted);
}

// What fails stands apart: V8 inlines what is short.
function failLength({ name: op, operands }: Operation, index: number, got: number, wanted: number): never {
  const { name, width } = operands[index];
  const rules: Partial<Record<Width, string>> = {
    row: `${operands[0].name}.length`,
    one: 'rows',
    all: 'cols',
    square: 'rows · cols · cols',
    k: 'rows · k',
  };
  const areIndices = name === 'targets' && width === 'row' && got < wanted && wanted % got === 0;
  const help = areIndices ? ' (class indices? they belong in an integer array)' : '';
  failRange(op, `${name}.length`, `${rules[width]} = ${wanted}`, `${got}${help}`);
}

/** The outputs that the caller did not give. */
export function makeOutputs({ operation, operands, rows, cols, k }: Call): void {
  const { made } = operation;
  for (let m = 0; m < made.length; m++) {
    const i = made[m];
    if (operands[i] !== null) continue;
    const { width, type } = operation.operands[i];
    const floats = freshFloats(operation.name, elements(width, rows, cols, k));
    operands[i] = type === 'i32' ? new Int32Array(floats.buffer) : floats;
  }
}
