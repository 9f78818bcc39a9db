/// <reference types="vite/client" />

/** A number of the data: JSON has no NaN and no infinities; null is not checked. */
type Value = number | 'NaN' | 'Infinity' | '-Infinity' | null;

export interface Params {
  labels?: number[];
  targets?: Value[];
  /** Of the classes. */
  weights?: Value[];
  sampleWeights?: Value[];
  ignoreIndex?: number;
  labelSmoothing?: number;
  reduction?: string;
  mask?: number[];
  temperature?: number;
  of?: string;
  from?: string;
  cotangent?: Value[];
  tangent?: Value[];
}

/** A call that fails in its suite. */
export interface ErrorCase {
  id: string;
  op: string;
  shape: number[];
  axis: number;
  input: Value[];
  params: Params;
}

export interface Case extends ErrorCase {
  expected: Value[];
  rtol: number;
  atol: number;
  dtype?: string;
  convention?: string;
}

export interface Suite {
  file: string;
  source: string;
  license: string;
  cases: Case[];
  errorCases: ErrorCase[];
}

/** By path; as text, since browsers have no files, and a module of this much JSON is slow to compile. */
const FILES = import.meta.glob<string>('./*.json', { query: '?raw', import: 'default', eager: true });

export const SUITES: Suite[] = Object.entries(FILES)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, text]) => ({ errorCases: [], ...JSON.parse(text), file: path.slice('./'.length) }) as Suite);

/** NaN for null, which no comparison sees. */
function decode(value: Value): number {
  return value === null ? NaN : Number(value);
}

/** The index of the class axis. */
function classAxis({ shape, axis }: ErrorCase): number {
  return axis < 0 ? shape.length + axis : axis;
}

/** Elements of the class axis: the columns, once that axis is last. */
export function columns(of: ErrorCase): number {
  return of.shape[classAxis(of)];
}

/** A whole array of the case with the class axis last: f32[rows, cols]. */
export function classesLast(of: ErrorCase, values: Value[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(transposed(of, values), decode);
}

/** What is expected, in the order of the library's result; null where nothing is. */
export function expectedOf(of: Case): (number | null)[] {
  const isWhole = !['logSumExp', 'crossEntropy', 'nllLoss'].includes(of.op);
  return (isWhole ? transposed(of, of.expected) : of.expected).map((v) => (v === null ? null : decode(v)));
}

function transposed(of: ErrorCase, values: Value[]): Value[] {
  const cols = columns(of);
  const inner = of.shape.slice(classAxis(of) + 1).reduce((a, b) => a * b, 1);
  if (inner === 1) return values;
  return values.map((_, i) => {
    const column = i % cols;
    const row = (i - column) / cols;
    return values[(Math.floor(row / inner) * cols + column) * inner + (row % inner)];
  });
}

/** Plain numbers, such as class weights. */
export function floats(values: Value[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, decode);
}
