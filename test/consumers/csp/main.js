import { answers, messageOf, poolAnswers, publish } from './node_modules/consumer-report/index.js';
import { backend, crossEntropyWithGrad, softmax } from './node_modules/softmax-simd/dist/index.js';
import { createPool } from './node_modules/softmax-simd/dist/pool/index.js';

const workerUrl = new URL('./node_modules/softmax-simd/dist/pool/worker.js', import.meta.url);

publish({
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  worker: await messageOf(new Worker('worker.js', { type: 'module' })),
  pool: await poolAnswers(createPool, softmax, { workerUrl }),
});
