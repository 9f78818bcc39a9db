/** The exports of assembly/index.ts: byte pointers and counts in; assembly/ has the formulas. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly tier: WebAssembly.Global;
  readonly abi: WebAssembly.Global;

  constants(k: number, temperature: number): void;

  softmax(x: number, y: number, rows: number, cols: number, k: number, s: number): void;
  logSoftmax(x: number, y: number, rows: number, cols: number, k: number, s: number): void;
  logSumExp(x: number, y: number, rows: number, cols: number, k: number, s: number): void;
  softmaxJvp(a: number, u: number, y: number, rows: number, cols: number, k: number, s: number): void;
  logSoftmaxJvp(l: number, u: number, y: number, rows: number, cols: number, k: number, s: number): void;
  logSoftmaxVjp(l: number, g: number, y: number, rows: number, cols: number, k: number, s: number): void;
  softmaxWithJvp(x: number, u: number, y: number, v: number, rows: number, cols: number, k: number, s: number): void;
  softmaxJacobian(a: number, y: number, cols: number, from: number, to: number): void;
  crossEntropy(
    x: number,
    labels: number,
    t: number,
    w: number,
    dl: number,
    losses: number,
    lse: number,
    rows: number,
    cols: number,
    k: number,
    s: number,
    p: number,
  ): void;

  // The passes over one row, tile by tile.
  rowStart(s: number): void;
  rowMax(x: number, n: number, lane: number, s: number): void;
  rowEdge(x: number, n: number, lane: number, s: number): void;
  ready(k: number, s: number): void;
  maxExp(k: number, s: number): void;
  rowExpSum(x: number, y: number, n: number, lane: number, k: number, s: number, ahead?: number): void;
  rowRest(x: number, y: number, n: number, lane: number, k: number, s: number, ahead?: number): void;
  rowSum(s: number): void;
  finish(k: number, s: number, halves: number): void;
  lseOf(k: number, s: number, lane: number): number;
  rowScale(y: number, n: number, factor: number): void;
  rowLogSoftmax(x: number, y: number, n: number, lane: number, k: number, s: number): void;
  rowDot(a: number, u: number, n: number, s: number): void;
  rowJvp(a: number, u: number, y: number, n: number, k: number, s: number): void;
  rowExpDot(l: number, u: number, n: number, k: number, s: number): void;
  rowMinus(u: number, y: number, n: number, s: number): void;
  rowTotal(g: number, n: number, s: number): void;
  rowLogVjp(l: number, g: number, y: number, n: number, k: number, s: number): void;
  rowTau(x: number, t: number, w: number, n: number, lane: number, s: number, p: number): void;
  tauDone(lane: number, s: number): void;
  groupLoss(labelled: number, halves: number, k: number, s: number, p: number): void;
  rowMinusTau(y: number, t: number, w: number, n: number, lane: number, k: number, s: number, p: number): void;
}

/** What this source's exports, arguments and layouts are numbered; a module of another number is refused. */
export const ABI = 4;

/** Bytes of the kernels' table of constants, and of cross-entropy's parameters (48 used: the state begins aligned). */
export const TABLE_BYTES = 256;
export const PARAMETERS_BYTES = 64;
/** Bytes of the kernels' state: four groups of rows, 560 and two blocks of 64 columns each. */
export const STATE_BYTES = 10_432;

/** Fields of the kernels' state that the wrapper reads and writes for a streamed row: byte offsets (assembly/state.ts). */
export const MAX = 0;
export const REST = 96;
export const FACTOR = 288;
export const LABEL = 320;
export const LOSS = 352;
export const LOGIT = 384;
export const LABEL_E = 528;
export const WEIGHT = 544;

/** Byte offsets into cross-entropy's parameters (assembly/cross-entropy.ts). */
export const LOSS_SCALE = 0;
export const GRAD_SCALE = 8;
export const ALPHA = 16;
export const BETA = 24;
export const ZETA = 32;
export const IGNORE = 40;
