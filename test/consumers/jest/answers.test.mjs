import { writeFileSync } from 'node:fs';
import { answers, poolAnswers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

test('answers', async () => {
  const report = {
    main: await answers({ crossEntropyWithGrad, softmax }, backend()),
    scalar: await answers(scalar, scalar.backend()),
    pool: await poolAnswers(createPool, softmax),
  };
  const way = typeof require === 'undefined' ? 'import' : 'require';
  const name = `${way}-${typeof document === 'undefined' ? 'node' : 'jsdom'}`;
  writeFileSync(`dist/${name}.json`, JSON.stringify(report));
});
