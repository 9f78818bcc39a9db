import type { Operand, OperandArray } from './operand.js';
import { PLAIN, type RowLayout, rowOperands, rowOptions, type RowsDeclaration } from './rows.js';
import type { Tier, WasmModule } from './types.js';
import { lengthOf } from './view.js';

/**
 * What an operation is: one declaration in src/ops says it, and everything else (checks, tiles, threads, promises) follows.
 * Nothing here knows an operation or a pointer.
 */

/** An option that is no operand. `read` checks a value that is not undefined, and keeps it in the call. */
export interface Setting<S = unknown> {
  readonly name: string;
  /** What of a value may run code of its own when it is looked at: done before anything is checked. */
  readonly open?: (value: object) => unknown;
  read(call: Call<S>, value: unknown): void;
}

export interface Operation {
  /** The name of the function. */
  readonly name: string;
  /** First the arguments before `cols`, then those that options name. */
  readonly operands: readonly Operand[];
  /** In the order of checks: an operand by its name, or a setting. */
  readonly options: readonly Option[];
  /** Index into `options` by name. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** That of `out`, which nearly all calls have, so that it is not looked up; -1 where there is none. */
  readonly outIndex: number;
  /** The outputs that are made where the caller gives none, by index. */
  readonly made: readonly number[];
  /** The export of the WebAssembly modules; null where the decision is all. */
  readonly kernel: string | null;
  /** The export of the module of decisions, which comes before the kernel. */
  readonly decision: string | null;
  /** The same decision in TypeScript, before `formula`. */
  readonly decide: ((call: Call) => void) | null;
  /** What is then left to the kernel, where there is one. */
  readonly follow: ((call: Call) => Call) | null;
  /** The same in float64, in TypeScript: the scalar tier. */
  readonly formula: (call: Call) => void;
  /** What its options are where none is given, for those that are kept in `settings`. */
  readonly settings: (() => unknown) | null;
  /** What follows from all arguments. */
  readonly prepare: ((call: Call) => void) | null;
  /**
   * The last of the checks, of the values of what has one element a row: how many rows count. Threads do it in parts where
   * nothing is given for all rows; they know the parameters, not the settings.
   */
  readonly survey: ((call: Call) => number) | null;
  /** What follows from how many they are. */
  readonly conclude: ((call: Call, counted: number) => void) | null;
  /** Whether rows take much longer to compute than to copy, on every tier; null for never. */
  readonly isSlow: ((call: Call) => boolean) | null;
  /** What the function returns, after the call was computed. */
  readonly result: (call: Call) => unknown;
  /** The second argument's first operand, 0 where the function takes one array. */
  readonly second: 0 | 1;
  /** Checks the argument after `cols` where there is one, and keeps it as the call's k. */
  readonly readK: ((call: Call, k: unknown) => void) | null;
  /** How many operands the kernel and the formula have: those that say how the rows lie come after them. */
  readonly count: number;
  /** How else than as f32[rows, cols] its rows may lie. */
  readonly rows: RowsDeclaration;
  /** Whether the kernel takes narrow rows that lie side by side as they are. */
  readonly across: boolean;
  /** Whether it takes which columns of wide rows take part. */
  readonly spans: boolean;
  /** What becomes of a row of nothing but -Infinity with `emptyRows` 'zero'. */
  readonly empty: number;
}

export interface Option {
  readonly name: string;
  /** The operand it gives, -1 for a setting. */
  readonly operand: number;
  readonly setting: Setting | null;
}

/** An operation as its file writes it. */
export interface Declaration<S> {
  name: string;
  operands: readonly Operand[];
  options: readonly (string | Setting<S>)[];
  made: readonly string[];
  kernel: string | null;
  formula: (call: Call<S>) => void;
  decision?: string;
  decide?: (call: Call<S>) => void;
  follow?: (call: Call<S>) => Call;
  readK?: (call: Call<S>, k: unknown) => void;
  result: (call: Call<S>) => unknown;
  settings?: () => S;
  prepare?: (call: Call<S>) => void;
  survey?: (call: Call<S>) => number;
  conclude?: (call: Call<S>, counted: number) => void;
  isSlow?: (call: Call<S>) => boolean;
  /** Adds the operands and options of rows as they are (src/rows.ts). */
  rows?: RowsDeclaration;
  across?: boolean;
  spans?: boolean;
  empty?: number;
}

export function declare<S = unknown>(of: Declaration<S>): Operation {
  // From here on nobody knows the settings of an operation but its own functions.
  const declaration = of as Declaration<unknown>;
  const { rows = 'plain' } = declaration;
  const operands = [...declaration.operands, ...rowOperands(rows)];
  const indexOf = (name: string) => operands.findIndex((operand) => operand.name === name);
  const options = [...declaration.options, ...rowOptions(rows)].map((option) =>
    typeof option === 'string'
      ? { name: option, operand: indexOf(option), setting: null }
      : { name: option.name, operand: -1, setting: option },
  );
  // Written out, so that all operations are objects of one shape: what reads them is fast for all.
  return {
    name: declaration.name,
    operands,
    options,
    indexOf: new Map(options.map(({ name }, i) => [name, i])),
    outIndex: options.findIndex(({ name }) => name === 'out'),
    made: declaration.made.map(indexOf),
    kernel: declaration.kernel,
    decision: declaration.decision ?? null,
    decide: declaration.decide ?? null,
    follow: declaration.follow ?? null,
    formula: declaration.formula,
    settings: declaration.settings ?? null,
    prepare: declaration.prepare ?? null,
    survey: declaration.survey ?? null,
    conclude: declaration.conclude ?? null,
    isSlow: declaration.isSlow ?? null,
    result: declaration.result,
    second: declaration.operands.length > 1 && isArgument(declaration, 1) ? 1 : 0,
    readK: declaration.readK ?? null,
    count: declaration.operands.length,
    rows,
    across: declaration.across ?? false,
    spans: declaration.spans ?? false,
    empty: declaration.empty ?? 0,
  };
}

/** What no option gives comes before `cols`. */
function isArgument({ operands, options }: Declaration<unknown>, index: number): boolean {
  const { name, output } = operands[index];
  return !output && !options.includes(name);
}

/** One call of an operation, or some rows of one: all that a runner needs to know. */
export class Call<S = unknown> {
  readonly operation: Operation;
  declare rows: number;
  declare cols: number;
  /** Elements a row of the operands of that width. */
  declare k: number;
  /** Results are those of logits / temperature. */
  declare temperature: number;
  /** How its rows lie, and what of them takes part. */
  declare layout: RowLayout;
  /** Whether every column counts, also one that takes no part: targets have mass there. */
  declare whole: boolean;
  /** In the order of the operation's operands; null for those that are not given and not wanted. */
  readonly operands: (OperandArray | null)[];
  /** What else the kernel must know, in its order. */
  readonly parameters: number[] = [];
  /** The operation's own options. */
  declare settings: S;
  /** Which options are given, bit i for option i, and their values as they were read; the rest is undefined. */
  declare given: number;
  readonly values: unknown[] = [];
  /** The operand whose float64 sum in the order of the rows is wanted as `total`; -1 for none. */
  declare summed: number;
  /** Whoever computes adds to it. */
  declare total: number;

  constructor(operation: Operation, operands: (OperandArray | null)[] = operation.operands.map(() => null)) {
    this.operation = operation;
    this.operands = operands;
    this.reset();
  }

  /** As before its checks; `forget` lets go of the arrays. */
  reset(): void {
    this.rows = 0;
    this.cols = 0;
    this.k = 0;
    this.temperature = 1;
    this.layout = PLAIN;
    this.whole = false;
    const { settings } = this.operation;
    this.settings = (settings === null ? null : settings()) as S;
    this.summed = -1;
    this.total = 0;
    this.given = 0;
  }

  forget(): void {
    for (let i = 0; i < this.operands.length; i++) this.operands[i] = null;
    for (let { given } = this; given !== 0; given &= given - 1)
      this.values[31 - Math.clz32(given & -given)] = undefined;
  }

  /** The same on other arrays, of so many rows. */
  over(operands: (OperandArray | null)[], rows = this.rows): Call {
    const call = new Call(this.operation, operands);
    call.rows = rows;
    call.cols = this.cols;
    call.k = this.k;
    call.temperature = this.temperature;
    call.layout = this.layout;
    call.whole = this.whole;
    call.summed = this.summed;
    call.parameters.push(...this.parameters);
    return call;
  }
}

/** A sum and the values after it, in their order, as the kernels add them. (`for … of` takes ten times as long.) */
export function plus(sum: number, values: OperandArray): number {
  for (let r = 0, rows = lengthOf(values); r < rows; r++) sum += values[r];
  return sum;
}

/** Who computes calls: an engine over WebAssembly (src/wasm) or in TypeScript (src/scalar). It knows no operation. */
export interface Runner {
  readonly tier: Tier;
  /** True for a view on this runner's linear memory that does not lie inside one live array of its arena. */
  strays(array: OperandArray): boolean;
  /** Computes a checked call whose outputs are there, and adds to its `total`. `rows` may be 0. */
  run(call: Call): void;
  /** Has the module of decisions at hand from now on, where it can. */
  needDecisions?(open: () => WasmModule): void;
}
