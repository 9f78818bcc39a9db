'use client';

import { answers, messageOf, poolAnswers, publish } from 'consumer-report';
import { useEffect } from 'react';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

export function Client({ server }) {
  useEffect(() => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    const fromWorker = messageOf(worker);
    async function run() {
      publish({
        server,
        route: await (await fetch('/api/answers')).json(),
        main: await answers({ crossEntropyWithGrad, softmax }, backend()),
        scalar: await answers(scalar, scalar.backend()),
        worker: await fromWorker,
        pool: await poolAnswers(createPool, softmax),
        routePool: await (await fetch('/api/pool')).json(),
      });
    }
    run();
    return () => worker.terminate();
  }, [server]);
  return <p>softmax-simd in Next.js</p>;
}
