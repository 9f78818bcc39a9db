import {
  checkApart,
  checkArray,
  checkCols,
  checkOptions,
  checkSameOrApart,
  failRange,
  freshFloats,
  type Owner,
} from './check.js';
import { Call, elements, type OperandArray, type Operation, type Runner } from './operation.js';

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
  f: (a: unknown, b: unknown, cols: unknown, options: unknown) => R,
): PublicFunction<R> {
  return operation.second === 0 ? (a: unknown, cols: unknown, options: unknown) => f(a, undefined, cols, options) : f;
}

/** The operation as a function that has computed when it returns. */
export function makeFunction(host: Host, operation: Operation): PublicFunction<unknown> {
  // Made once, so that a small call allocates nothing; of calls in the getters of another's options each has its own.
  let spare: Call | null = null;
  return withArguments(operation, (a, b, cols, options) => {
    const call = spare ?? new Call(operation);
    spare = null;
    check(host.runner, call, a, b, cols, options);
    makeOutputs(call);
    (host.runner ?? host.open()).run(call);
    const result = operation.result(call);
    call.forget();
    call.reset();
    spare = call;
    return result;
  });
}

/**
 * Fills a call from the arguments, checked in the order of the declaration before anything is written: arrays, `cols`,
 * options, what follows from their values.
 */
export function check(owner: Owner | null, call: Call, a: unknown, b: unknown, cols: unknown, options: unknown): void {
  const { operation } = call;
  const { name, operands, second } = operation;
  checkArray(owner, name, operands, 0, a);
  call.operands[0] = a as OperandArray;
  const { length } = a as OperandArray;
  const at = second === 0 ? 0 : checkArray(owner, name, operands, second, b);
  call.operands[at] = (second === 0 ? a : b) as OperandArray;
  // A second matrix is as long as the first; what has one element a row can be compared when the rows are known.
  const perRow = operands[at].width === 'one';
  if (at !== 0 && !perRow) checkOperandLength(call, at, length);
  call.rows = checkCols(name, cols, operands[0].name, length);
  call.cols = cols as number;
  if (perRow) checkOperandLength(call, at, length);
  if (options !== undefined) readOptions(owner, call, options);
  if (operation.prepare !== null) operation.prepare(call);
}

function readOptions(owner: Owner | null, call: Call, options: unknown): void {
  const { operation } = call;
  checkOptions(operation.name, options);
  // Those that are given, then in the order of the declaration: a look at each known name takes longer.
  let given = 0;
  let first = 0;
  let value: unknown;
  for (const name in options) {
    const i = operation.indexOf.get(name);
    if (i === undefined) continue;
    if (given === 0) {
      first = i;
      value = (options as Record<string, unknown>)[name];
    }
    given |= 1 << i;
  }
  for (; given !== 0; given &= given - 1) {
    const i = 31 - Math.clz32(given & -given);
    const option = operation.options[i];
    const read = i === first ? value : (options as Record<string, unknown>)[option.name];
    if (read === undefined) continue;
    if (option.setting === null) readOperand(owner, call, option.operand, read);
    else option.setting.read(call, read);
  }
}

function readOperand(owner: Owner | null, call: Call, index: number, value: unknown): void {
  const { name: op, operands } = call.operation;
  checkArray(owner, op, operands, index, value);
  call.operands[index] = value as OperandArray;
  checkOperandLength(call, index, call.operands[0]!.length);
  const { name, output, over } = operands[index];
  if (!output) return;
  for (let i = 0; i < index; i++) {
    const other = call.operands[i];
    if (other === null) continue;
    const check = i === over ? checkSameOrApart : checkApart;
    check(op, name, value as OperandArray, operands[i].name, other);
  }
}

/** @param length elements of the first operand: `rows` may not be known yet */
function checkOperandLength({ operation, operands, rows, cols }: Call, index: number, length: number): void {
  const { name, width } = operation.operands[index];
  const wanted = width === 'row' ? length : elements(width, rows, cols);
  const got = operands[index]!.length;
  if (got === wanted) return;
  const rules = { row: `${operation.operands[0].name}.length`, one: 'rows', all: 'cols', square: 'rows · cols · cols' };
  failRange(operation.name, `${name}.length`, `${rules[width]} = ${wanted}`, String(got));
}

/** The outputs that the caller did not give. */
export function makeOutputs({ operation, operands, rows, cols }: Call): void {
  const { made } = operation;
  for (let k = 0; k < made.length; k++) {
    const i = made[k];
    if (operands[i] !== null) continue;
    operands[i] = freshFloats(operation.name, elements(operation.operands[i].width, rows, cols));
  }
}
