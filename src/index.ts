/**
 * Everything on one default engine, which takes the fastest tier that the runtime compiles, on first use.
 *
 * @module softmax-simd
 */
import { type BackendInfo, DefaultHost, type InitOptions, makeCreateEngine } from './engine.js';
import { makeCrossEntropy, makeCrossEntropyGrad, makeCrossEntropyWithGrad } from './ops/cross-entropy.js';
import { makeLogSoftmax } from './ops/log-softmax.js';
import { makeLogSoftmaxJvp } from './ops/log-softmax-jvp.js';
import { makeLogSoftmaxVjp } from './ops/log-softmax-vjp.js';
import { makeLogSumExp } from './ops/log-sum-exp.js';
import { makeSoftmax } from './ops/softmax.js';
import { makeSoftmaxJacobian } from './ops/softmax-jacobian.js';
import { makeSoftmaxJvp } from './ops/softmax-jvp.js';
import { makeSoftmaxVjp } from './ops/softmax-vjp.js';
import { makeSoftmaxWithJvp } from './ops/softmax-with-jvp.js';
import { moduleTier, openWasm } from './wasm/load.js';

export type { BackendInfo, Engine, EngineOptions, InitOptions } from './engine.js';
export type { CrossEntropy, CrossEntropyGrad, CrossEntropyWithGrad } from './ops/cross-entropy.js';
export type { LogSoftmax } from './ops/log-softmax.js';
export type { LogSoftmaxJvp } from './ops/log-softmax-jvp.js';
export type { LogSoftmaxVjp } from './ops/log-softmax-vjp.js';
export type { LogSumExp } from './ops/log-sum-exp.js';
export type { Operations } from './ops/operations.js';
export type { Softmax } from './ops/softmax.js';
export type { SoftmaxJacobian } from './ops/softmax-jacobian.js';
export type { SoftmaxJvp } from './ops/softmax-jvp.js';
export type { SoftmaxVjp } from './ops/softmax-vjp.js';
export type { SoftmaxWithJvp } from './ops/softmax-with-jvp.js';
export type {
  ArgumentError,
  CrossEntropyOptions,
  Loss,
  OutOptions,
  Reduction,
  RowOptions,
  Targets,
  Tier,
  WithJvpOptions,
} from './types.js';

/** The engine of the functions below: opened on first use, as nothing runs at import. */
const host = /* @__PURE__ */ new DefaultHost({ openWasm, moduleTier });

// Marked pure, so that a bundler drops the functions that are not imported.
/** Softmax of each row: probabilities that sum to 1. @function */
export const softmax = /* @__PURE__ */ makeSoftmax(host);
/** Logarithm of the softmax of each row. @function */
export const logSoftmax = /* @__PURE__ */ makeLogSoftmax(host);
/** Logarithm of the sum of exponentials of each row. @function */
export const logSumExp = /* @__PURE__ */ makeLogSumExp(host);
/** Jacobian-vector product of softmax. @function */
export const softmaxJvp = /* @__PURE__ */ makeSoftmaxJvp(host);
/** Vector-Jacobian product of softmax: the values of `softmaxJvp`. @function */
export const softmaxVjp = /* @__PURE__ */ makeSoftmaxVjp(host);
/** Jacobian of softmax, every element of it. @function */
export const softmaxJacobian = /* @__PURE__ */ makeSoftmaxJacobian(host);
/** Jacobian-vector product of log-softmax. @function */
export const logSoftmaxJvp = /* @__PURE__ */ makeLogSoftmaxJvp(host);
/** Vector-Jacobian product of log-softmax. @function */
export const logSoftmaxVjp = /* @__PURE__ */ makeLogSoftmaxVjp(host);
/** Softmax and its Jacobian-vector product in one pass. @function */
export const softmaxWithJvp = /* @__PURE__ */ makeSoftmaxWithJvp(host);
/** Cross-entropy of logits with class indices or probabilities. @function */
export const crossEntropy = /* @__PURE__ */ makeCrossEntropy(host);
/** Gradient of `crossEntropy` with respect to the logits. @function */
export const crossEntropyGrad = /* @__PURE__ */ makeCrossEntropyGrad(host);
/** `crossEntropy` and `crossEntropyGrad` in one pass. @function */
export const crossEntropyWithGrad = /* @__PURE__ */ makeCrossEntropyWithGrad(host);

/**
 * An engine of one's own: all functions on one tier, and arrays in its memory.
 *
 * @param options `tier`, default 'auto'; `arenaBytes` for `alloc`, default 0; `module`, a compiled wasm file of the package
 * @returns the engine; its functions need no `this`
 * @throws TypeError for an option of a wrong type, RangeError for a wrong value or a lack of memory
 * @throws Error for a tier that the runtime lacks or a module of another tier
 * @example
 * const { softmax, tier } = createEngine({ tier: 'scalar' });
 * tier; // 'scalar'
 * softmax(Float32Array.of(0, 0), 2); // [0.5, 0.5]
 * @function
 */
export const createEngine = /* @__PURE__ */ makeCreateEngine({ openWasm, moduleTier });

/**
 * Which implementation the top-level functions use.
 *
 * @returns its tier, and why no faster one is used: null on 'relaxed' and on a tier that `init` asked for
 * @example
 * const { tier, reason } = backend();
 * if (reason !== null) console.warn(`softmax-simd runs on ${tier}: ${reason}`);
 */
export function backend(): BackendInfo {
  return host.info();
}

/**
 * Replaces the engine of the top-level functions from the next call on.
 *
 * @param options `tier` pins a tier; `module` gives a compiled softmax-simd/wasm/*.wasm where compiling bytes is forbidden
 * @throws TypeError for an option of a wrong type, RangeError for an unknown tier
 * @throws Error for a tier that the runtime lacks or a module of another tier
 * @example
 * init({ tier: 'scalar' });
 * backend(); // { tier: 'scalar', reason: null }
 */
export function init(options: InitOptions = {}): void {
  host.init(options);
}
