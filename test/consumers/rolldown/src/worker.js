import { answers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';

// No top-level `await`: bundlers make classic scripts of workers.
answers({ crossEntropyWithGrad, softmax }, backend()).then(postMessage);
