import { answers, poolAnswers } from './node_modules/consumer-report/index.js';
import { backend, crossEntropyWithGrad, softmax } from './node_modules/softmax-simd/dist/index.js';
import { createPool } from './node_modules/softmax-simd/dist/pool/index.js';
import * as scalar from './node_modules/softmax-simd/dist/scalar.js';

async function report() {
  return {
    main: await answers({ crossEntropyWithGrad, softmax }, backend()),
    scalar: await answers(scalar, scalar.backend()),
    pool: await poolAnswers(createPool, softmax),
  };
}

globalThis.onmessage = (event) => event.waitUntil(report().then((found) => event.source.postMessage(found)));
