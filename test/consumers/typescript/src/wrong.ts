import { createEngine, crossEntropy, crossEntropyGrad, crossEntropyWithGrad, init, softmax } from 'softmax-simd';
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
// @ts-expect-error and so do its results
createPool().then((pool) => pool.softmax(logits, 3)[0]);
