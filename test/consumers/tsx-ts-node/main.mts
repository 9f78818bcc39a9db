import { answers, poolAnswers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

const report: Record<string, unknown> = {
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  pool: await poolAnswers(createPool, softmax),
};
console.log(JSON.stringify(report));
