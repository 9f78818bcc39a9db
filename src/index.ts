/**
 * Everything on one default engine, which takes the fastest tier that the runtime compiles, on first use.
 *
 * @module softmax-simd
 */
import { makeFunction } from './call.js';
import { DefaultHost, openFirst } from './backend.js';
import { type BackendInfo, type InitOptions, makeCreateEngine, makeInit } from './engine.js';
import {
  type CrossEntropy,
  type CrossEntropyGrad,
  crossEntropyGradOp,
  crossEntropyOp,
  type CrossEntropyWithGrad,
  crossEntropyWithGradOp,
} from './ops/cross-entropy.js';
import { type Argmax, argmaxOp } from './ops/argmax.js';
import { type Entropy, entropyOp } from './ops/entropy.js';
import { type FilterLogits, filterLogitsOp } from './ops/filter-logits.js';
import { type Sample, sampleOp } from './ops/sample.js';
import { type TopK, topKOp } from './ops/top-k.js';
import { type LogSoftmax, logSoftmaxOp } from './ops/log-softmax.js';
import { type LogSoftmaxJvp, logSoftmaxJvpOp } from './ops/log-softmax-jvp.js';
import { type LogSoftmaxVjp, logSoftmaxVjpOp } from './ops/log-softmax-vjp.js';
import { type LogSumExp, logSumExpOp } from './ops/log-sum-exp.js';
import { type Softmax, softmaxOp } from './ops/softmax.js';
import { type SoftmaxJacobian, softmaxJacobianOp } from './ops/softmax-jacobian.js';
import { type SoftmaxJvp, softmaxJvpOp } from './ops/softmax-jvp.js';
import { type SoftmaxVjp, softmaxVjpOp } from './ops/softmax-vjp.js';
import { type SoftmaxWithJvp, softmaxWithJvpOp } from './ops/softmax-with-jvp.js';
import { checkDecisions, moduleTier, openWasm } from './wasm/load.js';
import { decisionsModule } from './wasm/decisions.js';

export type { BackendInfo, Engine, EngineOptions, InitOptions } from './engine.js';
export type { CrossEntropy, CrossEntropyGrad, CrossEntropyWithGrad, LossAndGrad } from './ops/cross-entropy.js';
export type { Argmax, ArgmaxOptions } from './ops/argmax.js';
export type { Entropy } from './ops/entropy.js';
export type { FilterLogits, FilterLogitsOptions } from './ops/filter-logits.js';
export type { Sample, Sampled, SampledLogProbs, SampleOptions, SamplingOptions } from './ops/sample.js';
export type { Top, TopK, TopKOptions } from './ops/top-k.js';
export type { LogSoftmax } from './ops/log-softmax.js';
export type { LogSoftmaxJvp } from './ops/log-softmax-jvp.js';
export type { LogSoftmaxVjp } from './ops/log-softmax-vjp.js';
export type { LogSumExp } from './ops/log-sum-exp.js';
export type { Operations } from './ops/operations.js';
export type { Softmax } from './ops/softmax.js';
export type { SoftmaxJacobian } from './ops/softmax-jacobian.js';
export type { SoftmaxJvp } from './ops/softmax-jvp.js';
export type { SoftmaxVjp } from './ops/softmax-vjp.js';
export type { ProbsAndJvp, SoftmaxWithJvp } from './ops/softmax-with-jvp.js';
export type {
  ArgumentError,
  CallOptions,
  CrossEntropyOptions,
  DerivativeOptions,
  EmptyOptions,
  Float16,
  Floats,
  HalfKind,
  InnerOptions,
  IntegerArray,
  LayoutOptions,
  Loss,
  MatrixOfHalves,
  Mode,
  OfBits,
  OptionsOf,
  OutOptions,
  Reduction,
  ResultOf,
  RowOptions,
  RowValueOfHalves,
  Signal,
  SoftmaxOptions,
  Targets,
  Tier,
  WithJvpOptions,
} from './types.js';

/** The engine of the functions below: opened on first use, as nothing runs at import. */
const host = /* @__PURE__ */ new DefaultHost(() => openFirst(openWasm));

// Marked pure, so that a bundler drops the functions that are not imported.
/** Softmax of each row: probabilities that sum to 1. @function */
export const softmax = /* @__PURE__ */ makeFunction(host, softmaxOp) as Softmax;
/** Logarithm of the softmax of each row. @function */
export const logSoftmax = /* @__PURE__ */ makeFunction(host, logSoftmaxOp) as LogSoftmax;
/** Logarithm of the sum of exponentials of each row. @function */
export const logSumExp = /* @__PURE__ */ makeFunction(host, logSumExpOp) as LogSumExp;
/** Entropy of the softmax of each row. @function */
export const entropy = /* @__PURE__ */ makeFunction(host, entropyOp) as Entropy;
/** The column of each row's largest logit. @function */
export const argmax = /* @__PURE__ */ makeFunction(host, argmaxOp, decisionsModule) as Argmax;
/** The k largest logits of each row, with their columns. @function */
export const topK = /* @__PURE__ */ makeFunction(host, topKOp, decisionsModule) as TopK;
/** A token of each row, drawn from its logits. @function */
export const sample = /* @__PURE__ */ makeFunction(host, sampleOp, decisionsModule) as Sample;
/** The logits that `sample` draws from. @function */
export const filterLogits = /* @__PURE__ */ makeFunction(host, filterLogitsOp, decisionsModule) as FilterLogits;
/** Jacobian-vector product of softmax. @function */
export const softmaxJvp = /* @__PURE__ */ makeFunction(host, softmaxJvpOp) as SoftmaxJvp;
/** Vector-Jacobian product of softmax: the values of `softmaxJvp`. @function */
export const softmaxVjp = /* @__PURE__ */ makeFunction(host, softmaxVjpOp) as SoftmaxVjp;
/** Jacobian of softmax, every element of it. @function */
export const softmaxJacobian = /* @__PURE__ */ makeFunction(host, softmaxJacobianOp) as SoftmaxJacobian;
/** Jacobian-vector product of log-softmax. @function */
export const logSoftmaxJvp = /* @__PURE__ */ makeFunction(host, logSoftmaxJvpOp) as LogSoftmaxJvp;
/** Vector-Jacobian product of log-softmax. @function */
export const logSoftmaxVjp = /* @__PURE__ */ makeFunction(host, logSoftmaxVjpOp) as LogSoftmaxVjp;
/** Softmax and its Jacobian-vector product in one pass. @function */
export const softmaxWithJvp = /* @__PURE__ */ makeFunction(host, softmaxWithJvpOp) as SoftmaxWithJvp;
/** Cross-entropy of logits with class indices or probabilities. @function */
export const crossEntropy = /* @__PURE__ */ makeFunction(host, crossEntropyOp) as CrossEntropy;
/** Gradient of `crossEntropy` with respect to the logits. @function */
export const crossEntropyGrad = /* @__PURE__ */ makeFunction(host, crossEntropyGradOp) as CrossEntropyGrad;
/** `crossEntropy` and `crossEntropyGrad` in one pass. @function */
export const crossEntropyWithGrad = /* @__PURE__ */ makeFunction(host, crossEntropyWithGradOp) as CrossEntropyWithGrad;

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
export const createEngine = /* @__PURE__ */ makeCreateEngine({
  openWasm,
  moduleTier,
  checkDecisions,
  decisions: decisionsModule,
});

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
 * @function
 */
export const init: (options?: InitOptions) => void = /* @__PURE__ */ makeInit(host, {
  openWasm,
  moduleTier,
  checkDecisions,
});
