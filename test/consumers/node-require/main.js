const { readFileSync } = require('node:fs');
const { answers, poolAnswers } = require('consumer-report');
const { backend, createEngine, crossEntropyWithGrad, softmax } = require('softmax-simd');
const { createPool } = require('softmax-simd/pool');
const scalar = require('softmax-simd/scalar');

const wasmFile = require.resolve('softmax-simd/wasm/simd.wasm');
const engine = createEngine({ module: new WebAssembly.Module(readFileSync(wasmFile)) });

async function main() {
  const report = {
    main: await answers({ crossEntropyWithGrad, softmax }, backend()),
    scalar: await answers(scalar, scalar.backend()),
    raw: await answers(engine, engine),
    pool: await poolAnswers(createPool, softmax),
  };
  console.log(JSON.stringify(report));
}

main();
