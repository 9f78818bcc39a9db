// softmax-simd's sampling in transformers.js' own loop, and behind a session of ONNX Runtime Web, on a model that is made here:
// nothing is downloaded.
//
//   npm run check -- transformers
//
// Exits with 1 when something is not as it should be.
import { AutoModelForCausalLM, Tensor, env } from '@huggingface/transformers';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NEW, PROMPTS, SEED, outside, run } from './loop.mjs';
import { writeModel } from './model.mjs';
import { FilterLogits, Sample } from './processors.mjs';
import { generate } from './session.mjs';

/** The first three each leave out what the others keep, the last is all of them and the penalties. */
const SAMPLINGS = [
  { topP: 0.5 },
  { minP: 0.2 },
  { topK: 5 },
  {
    temperature: 0.8,
    minP: 0.02,
    topK: 40,
    topP: 0.9,
    repetitionPenalty: 1.2,
    frequencyPenalty: 0.3,
    presencePenalty: 0.2,
  },
];

const folder = mkdtempSync(path.join(tmpdir(), 'softmax-simd-transformers-'));
env.allowRemoteModels = false;
env.localModelPath = folder;
env.useFSCache = false;
try {
  writeModel(path.join(folder, 'tiny'));
  for (const dtype of ['fp32', 'fp16']) {
    const model = await AutoModelForCausalLM.from_pretrained('tiny', { dtype, device: 'cpu' });
    await step(dtype, () => checkType(model, dtype));
    await step(`${dtype}: transformers.js ignores top_p`, () => checkIgnored(model));
    await step(`${dtype}: do_sample over FilterLogits`, () => checkFilter(model));
    await step(`${dtype}: greedy over Sample`, () => checkSample(model));
    await step(`${dtype}: ONNX Runtime Web`, () => checkSession(model, dtype));
    await model.dispose();
  }
  console.log('transformers.js: all as it should be');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} name @param {() => Promise<string>} work says what it has seen */
async function step(name, work) {
  const begin = performance.now();
  const seen = await work();
  console.log(`${name}: ${seen}; ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

async function checkType(model, dtype) {
  const input_ids = new Tensor('int64', BigInt64Array.of(1n), [1, 1]);
  const { logits } = await model({ input_ids });
  assert.equal(logits.type, { fp32: 'float32', fp16: 'float16' }[dtype]);
  return `logits come as ${logits.type}`;
}

async function checkIgnored(model) {
  const count = outside(await run(model, [], { do_sample: true, top_k: 0, top_p: 0.5 }), { topP: 0.5 });
  assert.ok(count > 10, `${count} tokens outside of top_p: does transformers.js have it now?`);
  return `${count} of ${2 * NEW} tokens are outside of it`;
}

async function checkFilter(model) {
  const distinct = [];
  for (const sampling of SAMPLINGS) {
    const processor = new FilterLogits(sampling, PROMPTS[0].length);
    const result = await run(model, [processor], { do_sample: true, top_k: 0 });
    assert.equal(outside(result, sampling), 0, JSON.stringify(sampling));
    distinct.push(new Set(result.rows.flat()).size);
  }
  assert.ok(Math.min(...distinct) > 20, `of ${distinct} tokens`);
  return `no token outside, ${distinct.join(', ')} distinct ones`;
}

async function checkSample(model) {
  for (const sampling of SAMPLINGS) {
    const greedy = () => run(model, [new Sample(sampling, SEED, PROMPTS[0].length)], { do_sample: false });
    const [result, again] = [await greedy(), await greedy()];
    assert.equal(outside(result, sampling), 0, JSON.stringify(sampling));
    assert.deepEqual(again.rows, result.rows);
  }
  const { rows, steps } = await run(model, [new Sample({ temperature: 0 }, SEED)], { do_sample: false });
  const plain = await run(model, [], { do_sample: false });
  assert.deepEqual([rows, steps.length], [plain.rows, NEW]);
  return 'no token outside, the same for the same seed, and at temperature 0 those of transformers.js';
}

/** Its tokens are those of transformers.js with the same seed: the model's logits are exact, so each runtime has the same. */
async function checkSession(model, dtype) {
  const file = readFileSync(path.join(folder, 'tiny/onnx', dtype === 'fp16' ? 'model_fp16.onnx' : 'model.onnx'));
  for (const sampling of SAMPLINGS) {
    const rows = await generate(file, PROMPTS, NEW, sampling, SEED);
    const { rows: expected } = await run(model, [new Sample(sampling, SEED, PROMPTS[0].length)], { do_sample: false });
    assert.deepEqual(rows, expected, JSON.stringify(sampling));
  }
  return `the same ${SAMPLINGS.length * 2 * NEW} tokens`;
}
