import { answers, messageOf, poolAnswers, publish } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

const worker = messageOf(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));

publish({
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  worker: await worker,
  pool: await poolAnswers(createPool, softmax),
});
