import { answers, messageOf, poolAnswers, publish } from 'consumer-report';
import { backend, createEngine, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';
import wasmUrl from 'softmax-simd/wasm/simd.wasm?url';

const module = await WebAssembly.compileStreaming(fetch(wasmUrl));
const engine = createEngine({ module });
const worker = messageOf(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));

publish({
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  raw: await answers(engine, engine),
  worker: await worker,
  pool: await poolAnswers(createPool, softmax),
});
