import { answers, messageOf, publish } from './node_modules/consumer-report/index.js';
import { backend, crossEntropyWithGrad, softmax } from './node_modules/softmax-simd/dist/index.js';

publish({
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  worker: await messageOf(new Worker('worker.js', { type: 'module' })),
});
