import { answers, poolAnswers, publish } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

async function report() {
  return {
    main: await answers({ crossEntropyWithGrad, softmax }, backend()),
    scalar: await answers(scalar, scalar.backend()),
    pool: await poolAnswers(createPool, softmax),
  };
}

report().then(publish);
