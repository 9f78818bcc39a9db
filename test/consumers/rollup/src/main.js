import { answers, messageOf, publish } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import * as scalar from 'softmax-simd/scalar';

const worker = messageOf(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));

publish({
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  worker: await worker,
});
