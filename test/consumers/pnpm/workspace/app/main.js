import { answers, poolAnswers } from 'consumer-report';
import model from 'model';
import { backend, crossEntropyWithGrad, init, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

const report = {
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  pool: await poolAnswers(createPool, softmax),
};
// What is pinned here is pinned there: both packages have one copy.
init({ tier: 'scalar' });
report.pinned = await answers(model, model.backend());
console.log(JSON.stringify(report));
