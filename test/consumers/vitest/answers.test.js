import { answers, poolAnswers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';
import { test } from 'vitest';

/** As its own globals have it. */
function environment() {
  const { EdgeRuntime, document, navigator } = globalThis;
  if (EdgeRuntime !== undefined) return 'edge-runtime';
  if (document === undefined) return 'node';
  return /HappyDOM|jsdom/.exec(navigator.userAgent)[0];
}

// The reporter hands `meta` to check.mjs.
test('answers', { timeout: 60_000 }, async ({ task }) => {
  task.meta.project = task.file.projectName;
  task.meta.environment = environment();
  task.meta.report = {
    main: await answers({ crossEntropyWithGrad, softmax }, backend()),
    scalar: await answers(scalar, scalar.backend()),
    pool: await poolAnswers(createPool, softmax),
  };
});
