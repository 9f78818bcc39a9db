import type { Backend, CrossEntropyTask } from '../backend.js';
import type { DirectOp } from '../wasm/direct.js';

export type Floats = Float32Array;
export type Operand = Float32Array | Int32Array;

/** How an operand goes with the rows: `cols` elements a row, one element a row, or `cols` elements for all rows. */
export type Width = 'row' | 'one' | 'all';

export interface Place {
  width: Width;
  output: boolean;
  /** For an output: the input whose copy it may overwrite, the kernels allowing it; -1 for none. */
  over: number;
}

const ROW: Place = { width: 'row', output: false, over: -1 };
const ONE: Place = { width: 'one', output: false, over: -1 };
const ALL: Place = { width: 'all', output: false, over: -1 };
const ONE_OUT: Place = { width: 'one', output: true, over: -1 };
const rowOut = (over: number): Place => ({ width: 'row', output: true, over });

/** What the threads compute, by the number that stands for it in shared memory: the operands of the Backend's methods. */
export const KINDS: readonly { op: DirectOp; places: readonly Place[] }[] = [
  { op: 'softmax', places: [ROW, rowOut(0)] },
  { op: 'logSoftmax', places: [ROW, rowOut(0)] },
  { op: 'logSumExp', places: [ROW, ONE_OUT] },
  { op: 'softmaxJvp', places: [ROW, ROW, rowOut(0)] },
  { op: 'logSoftmaxJvp', places: [ROW, ROW, rowOut(0)] },
  { op: 'logSoftmaxVjp', places: [ROW, ROW, rowOut(0)] },
  { op: 'softmaxWithJvp', places: [ROW, ROW, rowOut(0), rowOut(1)] },
  { op: 'crossEntropyLabels', places: [ROW, ONE, ALL, rowOut(0), ONE_OUT, ONE_OUT] },
  { op: 'crossEntropyProbs', places: [ROW, ROW, ALL, rowOut(0), ONE_OUT, ONE_OUT] },
];

export const MOST_OPERANDS = 6;
export const MOST_SCALARS = 6;

/** One checked call, or some rows of one: the operands in the order of its kind's places, null for those not wanted. */
export interface Job {
  kind: number;
  rows: number;
  cols: number;
  operands: readonly (Operand | null)[];
  scalars: readonly number[];
}

export function jobOf(op: DirectOp, rows: number, cols: number, operands: Job['operands'], scalars: number[]): Job {
  return { kind: KINDS.findIndex((kind) => kind.op === op), rows, cols, operands, scalars };
}

export function crossEntropyJob(task: CrossEntropyTask): Job {
  const { targets, classWeights, dlogits, losses, lse } = task;
  return jobOf(
    task.indices ? 'crossEntropyLabels' : 'crossEntropyProbs',
    task.rows,
    task.cols,
    [task.logits, targets, classWeights, dlogits, losses, lse],
    [task.temperature, task.ignoreIndex, task.labelSmoothing, task.zLoss, task.lossScale, task.gradScale],
  );
}

/** Elements of an operand in `rows` rows. */
export function elements(width: Width, rows: number, cols: number): number {
  return width === 'row' ? rows * cols : width === 'one' ? rows : cols;
}

/** Rows [from, to) of a job. */
export function rowsOf(job: Job, from: number, to: number): Job {
  if (from === 0 && to === job.rows) return job;
  const { places } = KINDS[job.kind]!;
  const operands = job.operands.map((array, i) => {
    const { width } = places[i]!;
    if (array === null || width === 'all') return array;
    const step = width === 'row' ? job.cols : 1;
    return array.subarray(from * step, to * step);
  });
  return { ...job, rows: to - from, operands };
}

/** The same call on a backend: what the calling thread does itself, and every thread on the scalar tier. */
export function computeJob(backend: Backend, job: Job): void {
  const { rows, cols, scalars } = job;
  const [a, b, c, d, e, f] = job.operands as [Floats, Floats, Floats, Floats, Floats | null, Floats | null];
  const temperature = scalars[0]!;
  const { op } = KINDS[job.kind]!;
  switch (op) {
    case 'softmax':
    case 'logSoftmax':
    case 'logSumExp':
      return backend[op](a, b, rows, cols, temperature);
    case 'softmaxJvp':
    case 'logSoftmaxJvp':
    case 'logSoftmaxVjp':
      return backend[op](a, b, c, rows, cols);
    case 'softmaxWithJvp':
      return backend.softmaxWithJvp(a, b, c, d, rows, cols, temperature);
  }
  backend.crossEntropy({
    logits: a,
    targets: job.operands[1]!,
    indices: op === 'crossEntropyLabels',
    rows,
    cols,
    temperature,
    ignoreIndex: scalars[1]!,
    labelSmoothing: scalars[2]!,
    classWeights: c as Floats | null,
    zLoss: scalars[3]!,
    lossScale: scalars[4]!,
    gradScale: scalars[5]!,
    dlogits: d as Floats | null,
    losses: e,
    lse: f,
  });
}
