import {
  argmax,
  createEngine,
  crossEntropy,
  crossEntropyGrad,
  crossEntropyWithGrad,
  entropy,
  filterLogits,
  init,
  logSumExp,
  sample,
  softmax,
  topK,
} from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import { softmaxJvp, softmaxWithJvp } from 'softmax-simd/scalar';

// Each call is wrong: the compiler must refuse it, or it says that the directive above is not needed.

const logits = new Float32Array(6);
const labels = new Int32Array(2);

// @ts-expect-error a plain array
softmax([1, 2, 3], 3);
// @ts-expect-error float64
softmax(new Float64Array(6), 3);
// @ts-expect-error no `cols`
softmax(logits);
// @ts-expect-error a string
softmax(logits, '3');
// @ts-expect-error no such option
softmax(logits, 3, { temprature: 2 });
// @ts-expect-error float64
softmax(logits, 3, { out: new Float64Array(6) });
// @ts-expect-error a fresh array is not shared
softmax(logits, 3) satisfies Float32Array<SharedArrayBuffer>;
// @ts-expect-error no tangent
softmaxJvp(logits, 3);
// @ts-expect-error this operation has no `jvpOut`
softmaxJvp(logits, logits, 3, { jvpOut: logits });
// @ts-expect-error the result has two arrays
softmaxWithJvp(logits, logits, 3) satisfies Float32Array;
// @ts-expect-error labels as a plain array
crossEntropy(logits, [0, 1], 3);
// @ts-expect-error half floats of no kind
softmax(new Uint16Array(6), 3);
// @ts-expect-error still of none
softmax(new Uint16Array(6), 3, { temperature: 2 });
// @ts-expect-error float32 that is said to be half floats
softmax(logits, 3, { dtype: 'float16' });
// @ts-expect-error half floats made of float32
softmax(logits, 3, { out: new Uint16Array(6) });
// @ts-expect-error the tangent's results are float32
softmaxWithJvp(new Uint16Array(6), logits, 3, { dtype: 'bfloat16', jvpOut: new Uint16Array(6) });
// @ts-expect-error an empty row has a log-sum-exp
logSumExp(logits, 3, { emptyRows: 'zero' });
// @ts-expect-error a loss has no empty rows
crossEntropy(logits, labels, 3, { emptyRows: 'zero' });
// @ts-expect-error another axis is `inner`
softmax(logits, 3, { axis: 0 });
// @ts-expect-error a mask of floats is added to the logits
softmax(logits, 3, { mask: logits });
// @ts-expect-error an empty row has no entropy, whatever is asked
entropy(logits, 3, { emptyRows: 'zero' });
// @ts-expect-error columns are int32
argmax(logits, 3, { out: logits });
// @ts-expect-error no temperature changes the largest
argmax(logits, 3, { temperature: 2 });
// @ts-expect-error no `k`
topK(logits, 3);
// @ts-expect-error `k` is no option
topK(logits, 3, { k: 2 });
// @ts-expect-error no such values
topK(logits, 3, 2, { values: 'probabilities' });
// @ts-expect-error columns are int32
topK(logits, 3, 2, { indices: logits });
// @ts-expect-error the result has two arrays
topK(logits, 3, 2)[0];
// @ts-expect-error half floats of no kind
topK(new Uint16Array(6), 3, 2);
// @ts-expect-error nobody has asked for log-probabilities
sample(logits, 3).logProbs[0];
// @ts-expect-error nor does a seed
sample(logits, 3, { seed: 7 }).logProbs satisfies Float32Array;
// @ts-expect-error only the run knows whether somebody has
sample(logits, 3, { logProbsOf: Math.random() < 0.5 ? 'raw' : undefined }).logProbs[0];
// @ts-expect-error tokens are an array, also of one row
sample(logits, 3).tokens satisfies number;
// @ts-expect-error no such log-probabilities
sample(logits, 3, { logProbsOf: 'processed' });
// @ts-expect-error what was generated as a plain array of numbers
sample(logits, 3, { history: [1, 2] });
// @ts-expect-error a bias by id is two arrays
sample(logits, 3, { bias: { 5: -1 } });
// @ts-expect-error random numbers are float64
sample(logits, 3, { uniforms: logits });
// @ts-expect-error top_p is `topP`
sample(logits, 3, { top_p: 0.9 });
// @ts-expect-error what is not drawn has no seed
filterLogits(logits, 3, { seed: 7 });
// @ts-expect-error nor log-probabilities
filterLogits(logits, 3, { logProbsOf: 'raw' });
// @ts-expect-error no such reduction
crossEntropy(logits, labels, 3, { reduction: 'average' });
// @ts-expect-error with 'none' each row has its loss
crossEntropy(logits, labels, 3, { reduction: 'none' }) satisfies number;
// @ts-expect-error with 'mean' there is one loss
crossEntropyWithGrad(logits, labels, 3).loss satisfies Float32Array;
// @ts-expect-error the gradient alone has no loss
crossEntropyGrad(logits, labels, 3).loss;
// @ts-expect-error no such tier
createEngine({ tier: 'fast' });
// @ts-expect-error the default engine has no arena
init({ arenaBytes: 1024 });
// @ts-expect-error a tier is only read
createEngine().tier = 'simd';
// @ts-expect-error no module
init({ module: null });
// @ts-expect-error no such option
createPool({ workers: 4 });
// @ts-expect-error a pool comes as a promise
createPool().softmax(logits, 3);
// @ts-expect-error as do tokens
createPool().then((pool) => pool.sample(logits, 3).tokens);
// @ts-expect-error and so do its results
createPool().then((pool) => pool.softmax(logits, 3)[0]);
