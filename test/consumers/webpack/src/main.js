import { answers, messageOf, poolAnswers, publish } from 'consumer-report';
import { backend, createEngine, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

const module = await WebAssembly.compileStreaming(fetch(new URL('softmax-simd/wasm/simd.wasm', import.meta.url)));
const engine = createEngine({ module });
const worker = messageOf(new Worker(new URL('./worker.js', import.meta.url)));

publish({
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  raw: await answers(engine, engine),
  worker: await worker,
  pool: await poolAnswers(createPool, softmax),
});
