import {
  checkApart,
  checkArray,
  checkCols,
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
import { checkSpans, type HalfKind, lay, PLAIN, readRowOperand } from './rows.js';
import type { WasmModule } from './types.js';
import { lengthOf, viewClass } from './view.js';

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
 * options, what follows from them; `survey` comes after it. Options are read before all that: a getter among them may detach, shrink or
 * free arrays, so nothing may have been looked at by then, and none is asked twice.
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
  if (viewClass(a) !== 'Float32Array') readHalf(call, a);
  checkArray(owner, name, operands, 0, a, call.layout.half);
  call.operands[0] = a as OperandArray;
  const length = lengthOf(a as OperandArray);
  const at = second === 0 ? 0 : checkArray(owner, name, operands, second, b, null);
  call.operands[at] = (second === 0 ? a : b) as OperandArray;
  // A second matrix is as long as the first; what has one element a row can be compared when the rows are known.
  const perRow = operands[at].width === 'one';
  if (at !== 0 && !perRow) checkOperandLength(call, at, length);
  call.rows = checkCols(name, cols, operands[0].name, length);
  call.cols = cols as number;
  if (perRow) checkOperandLength(call, at, length);
  if (operation.readK !== null) operation.readK(call, k);
  if (unknown !== null) failOption(operation, options, unknown, more);
  if (call.given !== 0) takeOptions(owner, call);
  if (call.layout !== PLAIN && operation.count < operands.length) checkSpans(call);
  if (operation.prepare !== null) operation.prepare(call);
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
  if (name === 'Uint16Array' && (dtype === 'float16' || dtype === 'bfloat16')) half = dtype;
  if (half !== null) lay(call, { half });
}

const { hasOwnProperty } = Object.prototype;

/** Own options into `call.values`, each once; the first name that is none of them, '' where there are none to read, or null. */
function readOptions(call: Call, options: unknown, more: readonly string[]): string | null {
  if (!isOptions(options)) return '';
  const { indexOf } = call.operation;
  let unknown: string | null = null;
  // Those that are given: a look at each known name takes longer.
  for (const name in options) {
    if (!hasOwnProperty.call(options, name)) continue;
    let i = indexOf.get(name);
    if (i === undefined && more.includes(name)) i = indexOf.size + more.indexOf(name);
    if (i === undefined) {
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
  checkArray(owner, op, operands, index, value, call.layout.half);
  const array = value as OperandArray;
  call.operands[index] = array;
  if (index >= count) readRowOperand(call, index - count, array);
  else checkOperandLength(call, index, lengthOf(call.operands[0]!));
  const { name, output, over } = operands[index];
  for (let i = 0; i < operands.length; i++) {
    const other = call.operands[i];
    if (other === null || i === index || !(output || operands[i].output)) continue;
    // Of an input and an output it is the output that is wrong.
    if (!output) checkApart(op, operands[i].name, other, name, array);
    else if (i === over) checkSameOrApart(op, name, array, operands[i].name, other);
    else checkApart(op, name, array, operands[i].name, other);
  }
}

/** @param length elements of the first operand: `rows` may not be known yet */
function checkOperandLength({ operation, operands, rows, cols, k }: Call, index: number, length: number): void {
  const { name, width } = operation.operands[index];
  const wanted = width === 'row' ? length : elements(width, rows, cols, k);
  const got = lengthOf(operands[index]!);
  if (got === wanted) return;
  const rules: Partial<Record<Width, string>> = {
    row: `${operation.operands[0].name}.length`,
    one: 'rows',
    all: 'cols',
    square: 'rows · cols · cols',
    k: 'rows · k',
  };
  const areIndices = name === 'targets' && width === 'row' && got < wanted && wanted % got === 0;
  const help = areIndices ? ' (class indices? they belong in an integer array)' : '';
  failRange(operation.name, `${name}.length`, `${rules[width]} = ${wanted}`, `${got}${help}`);
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
