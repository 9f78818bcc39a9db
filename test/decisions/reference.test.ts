import { describe, expect, it } from 'vitest';
import { filterLogits, type SamplingOptions, sample, topK } from './reference.js';

// The oracle against what others publish. Rows are probabilities, of which the logarithms are the logits.

const kept = (probs: number[], options: SamplingOptions) =>
  filterLogits(probs.map(Math.log), options)
    .kept.slice()
    .sort((a, b) => a - b);

/** transformers, tests/generation/test_logits_process.py: the rows and thresholds of its tests of warpers. */
describe('Hugging Face transformers', () => {
  it('topP: the shortest prefix that reaches it, with the one that crosses', () => {
    expect(kept([0.3, 0.1, 0.1, 0.5], { topP: 0.8 - 1e-9 })).toEqual([0, 3]);
    expect(kept([0.15, 0.3, 0.3, 0.25], { topP: 0.8 })).toEqual([1, 2, 3]);
  });

  it('minP: what has that part of the largest probability', () => {
    expect(kept([0.9, 0.0274, 0.047, 0.0274], { minP: 0.1 })).toEqual([0]);
    expect(kept([0.15, 0.3, 0.3, 0.25], { minP: 0.1 })).toEqual([0, 1, 2, 3]);
    expect(kept([0.97, 0.01, 0.01, 0.01], { minP: 0.1 })).toEqual([0]);
  });

  it('repetition: once an id, positive logits divided, negative ones multiplied', () => {
    const { values } = filterLogits([0.25, -0.5, 0.25, 3], { history: [0, 1, 0, 3], repetitionPenalty: 2 });
    expect(values).toEqual([0.125, -1, 0.25, 1.5]);
  });

  it('differs in ties: it keeps all that equal the k-th, we keep k', () => {
    expect(kept([0.4, 0.2, 0.2, 0.2], { topK: 2 })).toEqual([0, 1]);
  });

  it('differs in order: it filters topK, topP, minP, we filter minP first', () => {
    const probs = [0.5, 0.3, 0.15, 0.05];
    // Of all: 0.5 + 0.3 reach 0.8. Of what minP leaves, 0.5 and 0.3, which sum to 0.8: 0.625 does not reach 0.8, both do.
    expect(kept(probs, { topP: 0.62, minP: 0.55 })).toEqual([0]);
    expect(kept(probs, { topP: 0.62 })).toEqual([0, 1]);
  });
});

/** llama.cpp, tests/test-sampling.cpp: the rows and arguments of its tests. */
describe('llama.cpp', () => {
  const four = [0.1, 0.2, 0.3, 0.4];

  it('topK and topP of four candidates', () => {
    expect(kept(four, { topK: 1 })).toEqual([3]);
    expect(kept(four, { topK: 3 })).toEqual([1, 2, 3]);
    expect(kept(four, { topP: 1e-9 })).toEqual([3]);
    expect(kept(four, { topP: 0.7 - 1e-9 })).toEqual([2, 3]);
    expect(kept(four, { topP: 0.8 })).toEqual([1, 2, 3]);
  });

  it('minP of four candidates', () => {
    expect(kept(four, { minP: 0.24 })).toEqual([0, 1, 2, 3]);
    expect(kept(four, { minP: 0.26 })).toEqual([1, 2, 3]);
    expect(kept(four, { minP: 0.76 })).toEqual([3]);
  });

  it('penalties: x / r, then count and presence', () => {
    const { values } = filterLogits([2, 2, 2], {
      history: [0, 0, 1],
      repetitionPenalty: 2,
      frequencyPenalty: 0.25,
      presencePenalty: 0.125,
    });
    expect(values).toEqual([0.375, 0.625, 2]);
  });
});

/** vLLM, model_executor/layers/utils.py: its penalties take repetition from prompt and output, the others from the output. */
describe('vLLM', () => {
  it('repetition sees the prompt, frequency and presence do not', () => {
    const { values } = filterLogits([2, 2, -2], {
      prompt: [0, 2],
      history: [1],
      repetitionPenalty: 2,
      presencePenalty: 0.5,
    });
    expect(values).toEqual([1, 0.5, -4]);
  });
});

describe('the oracle itself', () => {
  it('orders equals by the lower index, -0 with 0', () => {
    expect(topK([0, -0, 1, 0], 4)).toEqual([2, 0, 1, 3]);
  });

  it('draws the first whose cumulative sum exceeds u, to the edge', () => {
    const row = [0, 0, 0, 0];
    expect([0, 0.25 - 2 ** -54, 0.25, 0.5, 0.75, 1 - 2 ** -53].map((u) => sample(row, u).token)).toEqual([
      0, 0, 1, 2, 3, 3,
    ]);
  });
});
