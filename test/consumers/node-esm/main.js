import { readFileSync } from 'node:fs';
import { answers, poolAnswers } from 'consumer-report';
import { backend, createEngine, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

const wasmUrl = new URL(import.meta.resolve('softmax-simd/wasm/simd.wasm'));
const engine = createEngine({ module: new WebAssembly.Module(readFileSync(wasmUrl)) });

const report = {
  main: await answers({ crossEntropyWithGrad, softmax }, backend()),
  scalar: await answers(scalar, scalar.backend()),
  raw: await answers(engine, engine),
  pool: await poolAnswers(createPool, softmax),
};
console.log(JSON.stringify(report));
