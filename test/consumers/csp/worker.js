import { answers } from './node_modules/consumer-report/index.js';
import { backend, crossEntropyWithGrad, softmax } from './node_modules/softmax-simd/dist/index.js';

answers({ crossEntropyWithGrad, softmax }, backend()).then(postMessage);
