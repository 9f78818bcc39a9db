import { createRequire } from 'node:module';
import { answers, poolAnswers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

const required = createRequire(import.meta.url)('softmax-simd');

console.log(
  JSON.stringify({
    main: await answers({ crossEntropyWithGrad, softmax }, backend()),
    scalar: await answers(scalar, scalar.backend()),
    required: await answers(required, required.backend()),
    pool: await poolAnswers(createPool, softmax),
    oneCopy: required.softmax === softmax,
  }),
);
