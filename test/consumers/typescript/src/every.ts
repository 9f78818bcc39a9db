import {
  argmax,
  backend,
  createEngine,
  crossEntropy,
  crossEntropyGrad,
  crossEntropyWithGrad,
  entropy,
  filterLogits,
  init,
  logSoftmax,
  logSoftmaxJvp,
  logSoftmaxVjp,
  logSumExp,
  sample,
  softmax,
  softmaxJacobian,
  softmaxJvp,
  softmaxVjp,
  softmaxWithJvp,
  topK,
  type BackendInfo,
  type CrossEntropyOptions,
  type Engine,
  type EngineOptions,
  type InitOptions,
  type Operations,
  type RowOptions,
  type SampleOptions,
  type SamplingOptions,
  type Targets,
  type Tier,
} from 'softmax-simd';
import * as main from 'softmax-simd';
import { createPool, type CallOptions, type Pool, type PoolOptions } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

/** Compiles only where `Found` is `Expected`, neither wider nor narrower. */
function is<Expected>() {
  return <Found>(
    found: Found,
    ..._same: (<T>() => T extends Found ? 1 : 2) extends <T>() => T extends Expected ? 1 : 2 ? [] : ['another type']
  ): Found => found;
}

/** What a function makes itself: an array with a buffer of its own. */
type Fresh = Float32Array<ArrayBuffer>;
type Shared = Float32Array<SharedArrayBuffer>;
type FreshInts = Int32Array<ArrayBuffer>;
type SharedInts = Int32Array<SharedArrayBuffer>;

const cols = 3;
const logits = Float32Array.of(1, 2, 3, 4, 5, 6);
const view = logits.subarray(0, 3);
const shared = new Float32Array(new SharedArrayBuffer(24));
const sharedInts = new Int32Array(new SharedArrayBuffer(24));
const labels = Int32Array.of(2, 0);
const rowOptions: RowOptions = { temperature: 0.5 };

// Row operations: fresh arrays, or the very type of `out`.
const probs = is<Fresh>()(softmax(logits, cols));
is<Fresh>()(softmax(view, cols, { temperature: 2 }));
is<Shared>()(softmax(logits, cols, { out: shared }));
is<Float32Array>()(softmax(logits, cols, rowOptions));
is<Float32Array>()(softmax(logits, cols, { out: undefined, temperature: undefined }));
const logProbs = is<Fresh>()(logSoftmax(logits, cols));
is<Shared>()(logSoftmax(logits, cols, { out: shared, temperature: 0.7 }));
is<Fresh>()(logSumExp(logits, cols));
is<Fresh>()(entropy(logits, cols));
is<Fresh>()(logSumExp(logits, cols, { out: new Float32Array(2), temperature: 0.7 }));

// Decisions: int32, and of a draw log-probabilities only where an option asks for them.
is<FreshInts>()(argmax(logits, cols));
is<SharedInts>()(argmax(logits, cols, { out: sharedInts, mask: new Uint8Array(3) }));
is<{ values: Fresh; indices: FreshInts }>()(topK(logits, cols, 2));
is<{ values: Fresh; indices: SharedInts }>()(topK(logits, cols, 2, { values: 'logits', indices: sharedInts }));
is<{ values: Shared; indices: FreshInts }>()(topK(logits, cols, 2, { out: shared, temperature: 2 }));
is<{ tokens: FreshInts; logProbs: null }>()(sample(logits, cols));
const stages = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, bias: { ids: labels, values: view } };
const seen = { history: [new BigInt64Array(1), labels], prompt: new Uint8Array(2), repetitionPenalty: 1.1 };
is<{ tokens: FreshInts; logProbs: null }>()(sample(logits, cols, { ...stages, ...seen, seed: 7, step: 0 }));
is<{ tokens: SharedInts; logProbs: null }>()(sample(logits, cols, { tokens: sharedInts, logProbs: undefined }));
is<{ tokens: FreshInts; logProbs: Fresh }>()(sample(logits, cols, { ...stages, logProbsOf: 'filtered' }));
is<{ tokens: FreshInts; logProbs: Shared }>()(sample(logits, cols, { logProbs: shared, streams: labels, seed: 1 }));
is<Shared>()(sample(logits, cols, { logProbs: shared, logProbsOf: 'raw' }).logProbs);
is<Fresh>()(sample(logits, cols, { uniforms: new Float64Array(2), logProbsOf: 'raw' }).logProbs);
// Where it is only known at run time whether they are asked for.
const drawOptions: SampleOptions = { seed: 7 };
is<Float32Array | null>()(sample(logits, cols, drawOptions).logProbs);
const wanted = Math.random() < 0.5;
const asked = is<Float32Array | null>()(sample(logits, cols, { logProbsOf: wanted ? 'raw' : undefined }).logProbs);
is<Float32Array | null>()(sample(logits, cols, { logProbs: wanted ? shared : undefined }).logProbs);
if (asked !== null) is<number>()(asked.length);
const filterOptions: SamplingOptions = { ...stages, frequencyPenalty: 0.1, presencePenalty: 0.1, history: labels };
is<Fresh>()(filterLogits(logits, cols, filterOptions));
is<Shared>()(filterLogits(logits, cols, { out: shared, topK: 1 }));

// Derivatives.
is<Fresh>()(softmaxJvp(probs, logits, cols));
is<Fresh>()(softmaxVjp(probs, logits, cols, { out: probs }));
is<Fresh>()(softmaxJacobian(probs, cols));
is<Fresh>()(logSoftmaxJvp(logProbs, logits, cols));
is<Shared>()(logSoftmaxVjp(logProbs, logits, cols, { out: shared }));
is<{ probs: Fresh; jvp: Fresh }>()(softmaxWithJvp(logits, probs, cols, { temperature: 2 }));
is<{ probs: Fresh; jvp: Shared }>()(softmaxWithJvp(logits, probs, cols, { out: logits, jvpOut: shared }));

// Cross-entropy: a number, or one loss for each row with reduction 'none'.
const targets: Targets = Math.random() < 0.5 ? labels : probs;
is<number>()(crossEntropy(logits, labels, cols));
is<number>()(crossEntropy(logits, targets, cols, { reduction: 'sum', labelSmoothing: 0.1 }));
is<Fresh>()(crossEntropy(logits, probs, cols, { reduction: 'none' }));
is<Shared>()(crossEntropy(logits, labels, cols, { reduction: 'none', losses: shared }));
is<Fresh>()(crossEntropyGrad(logits, labels, cols, { ignoreIndex: -1, classWeights: new Float32Array(3) }));
is<Shared>()(crossEntropyGrad(logits, labels, cols, { out: shared, lse: new Float32Array(2) }));
is<{ loss: number; dlogits: Fresh }>()(crossEntropyWithGrad(logits, labels, cols, { zLoss: 1e-4, scale: 0.5 }));
is<{ loss: Fresh; dlogits: Shared }>()(
  crossEntropyWithGrad(logits, labels, cols, { reduction: 'none', out: shared, temperature: 2 }),
);
// Where the reduction is only known at run time.
const lossOptions: CrossEntropyOptions = { reduction: 'none' };
is<number | Fresh>()(crossEntropy(logits, labels, cols, lossOptions as CrossEntropyOptions<Fresh, Fresh>));

// Engines.
is<BackendInfo>()(backend());
is<Tier>()(backend().tier);
is<string | null>()(backend().reason);
const initOptions: InitOptions = { tier: 'scalar' };
is<void>()(init(initOptions));
is<void>()(init());
const engineOptions: EngineOptions = { tier: 'auto', arenaBytes: 1 << 20 };
const engine = is<Engine>()(createEngine(engineOptions));
const tier: Tier = engine.tier;
init({ tier });
const held = is<Fresh>()(engine.alloc(6));
const heldLabels = is<Int32Array<ArrayBuffer>>()(engine.allocInt32(2));
is<{ loss: number; dlogits: Fresh }>()(engine.crossEntropyWithGrad(held, heldLabels, cols, { out: held }));
is<void>()(engine.free(held));
engine.free(heldLabels);

// Rows as they are, half floats among them.
const bits = new Uint16Array(6);
const rows = { inner: 1, starts: labels, ends: labels, mask: new Uint8Array(6), temperature: 2 };
is<Fresh>()(softmax(logits, cols, { ...rows, emptyRows: 'zero', dtype: 'float32' }));
is<Fresh>()(softmax(bits, cols, { ...rows, dtype: 'float16' }));
is<Uint16Array<ArrayBuffer>>()(softmax(bits, cols, { dtype: 'bfloat16', out: new Uint16Array(6) }));
is<Fresh>()(logSumExp(bits, cols, { ...rows, dtype: 'float16' }));
is<Fresh>()(entropy(bits, cols, { dtype: 'bfloat16' }));
is<FreshInts>()(argmax(bits, cols, { inner: 1, starts: labels, ends: labels, dtype: 'float16' }));
is<{ values: Fresh; indices: FreshInts }>()(topK(bits, cols, 1, { ...rows, dtype: 'float16' }));
is<{ tokens: FreshInts; logProbs: null }>()(sample(bits, cols, { ...rows, topK: 2, dtype: 'bfloat16' }));
is<Fresh>()(filterLogits(bits, cols, { ...rows, topK: 2, dtype: 'bfloat16' }));
is<{ probs: Uint16Array<ArrayBuffer>; jvp: Fresh }>()(
  softmaxWithJvp(bits, logits, cols, { dtype: 'float16', out: new Uint16Array(6) }),
);
is<number>()(crossEntropy(bits, new BigInt64Array(2), cols, { dtype: 'float16', rowWeights: logits.subarray(0, 2) }));
is<Uint16Array<ArrayBuffer>>()(crossEntropyGrad(bits, labels, cols, { dtype: 'bfloat16', out: new Uint16Array(6) }));
is<Fresh>()(softmaxJvp(probs, logits, cols, { inner: 2 }));

// A pool: the same, as promises.
export async function pooled(poolOptions: PoolOptions) {
  const pool = is<Pool>()(await createPool(poolOptions));
  is<number>()(pool.threads);
  is<Tier>()(pool.tier);
  is<string | null>()(pool.reason);
  is<string | null>()(pool.tierReason);
  const options: CallOptions = { onProgress: (rows, total) => is<number>()(rows / total) };
  const big = is<Float32Array>()(pool.alloc(6));
  is<Fresh>()(await pool.softmax(logits, cols, options));
  is<Shared>()(await pool.logSoftmax(big, cols, { out: shared }));
  is<Fresh>()(await pool.logSumExp(big, cols));
  is<Fresh>()(await pool.entropy(big, cols));
  is<FreshInts>()(await pool.argmax(big, cols, { ...options, out: new Int32Array(2) }));
  is<{ values: Fresh; indices: FreshInts }>()(await pool.topK(big, cols, 2, options));
  is<{ tokens: FreshInts; logProbs: null }>()(await pool.sample(big, cols, { ...options, seed: 7 }));
  is<{ tokens: FreshInts; logProbs: Fresh }>()(await pool.sample(big, cols, { logProbsOf: 'raw' }));
  is<Fresh>()(await pool.filterLogits(big, cols, { ...options, topP: 0.9 }));
  is<Fresh>()(await pool.softmaxJvp(probs, big, cols));
  is<Fresh>()(await pool.softmaxVjp(probs, big, cols));
  is<Fresh>()(await pool.logSoftmaxJvp(logProbs, big, cols));
  is<Fresh>()(await pool.logSoftmaxVjp(logProbs, big, cols));
  is<{ probs: Fresh; jvp: Fresh }>()(await pool.softmaxWithJvp(big, logits, cols));
  is<number>()(await pool.crossEntropy(big, pool.allocInt32(2), cols));
  is<Fresh>()(await pool.crossEntropyGrad(big, labels, cols));
  is<{ loss: Fresh; dlogits: Fresh }>()(await pool.crossEntropyWithGrad(big, labels, cols, { reduction: 'none' }));
  pool.free(big);
  await pool.close();
}

// An engine and both entries have the same operations.
const everywhere: Operations[] = [engine, main, scalar];
export const [entry, scalarEntry]: [typeof scalar, typeof main] = [main, scalar];
export const losses = everywhere.map((operations) => operations.crossEntropy(logits, labels, cols));
