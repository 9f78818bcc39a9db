import { filterLogits, sample, softmax } from 'softmax-simd';
import type { Sampling } from './state.js';

/** What may follow “The cat sat on the”, with its logit. */
const TOKENS: readonly (readonly [string, number])[] = [
  ['mat', 5.2],
  ['floor', 4.6],
  ['sofa', 4.3],
  ['bed', 3.9],
  ['table', 3.6],
  ['chair', 3.4],
  ['roof', 3],
  ['fence', 2.8],
  ['grass', 2.5],
  ['stairs', 2.2],
  ['wall', 1.9],
  ['keyboard', 1.7],
  ['piano', 1.1],
  ['bus', 0.6],
  ['moon', -0.2],
  ['idea', -1.4],
];

/** state.ts knows how many. */
export const WORDS = TOKENS.map(([word]) => word);
const LOGITS = Float32Array.from(TOKENS, ([, logit]) => logit);
const COLS = WORDS.length;

/** The stages that leave tokens out, in their order. */
export const STAGES = ['min-p', 'top-k', 'top-p'] as const;
export type Stage = (typeof STAGES)[number];

export interface Left {
  /** f32[cols]: at the temperature, before the stages */
  probs: Float32Array;
  /** Which stage has left a token out. */
  out: (Stage | null)[];
  /** f32[cols]: what tokens are drawn from */
  drawnFrom: Float32Array;
}

/** What the stages make of the logits, one after the other. */
export function leftBy({ temperature, minP, topK, topP }: Sampling): Left {
  const after = [{ minP }, { minP, topK }, { minP, topK, topP }].map((stages) =>
    filterLogits(LOGITS, COLS, { temperature, ...stages }),
  );
  const out = WORDS.map((_, i) => STAGES.find((__, k) => after[k]![i] === -Infinity) ?? null);
  return { probs: softmax(LOGITS, COLS, { temperature }), out, drawnFrom: softmax(after.at(-1)!, COLS) };
}

/** The token that a seed and a step give: the same each time. */
export function drawToken({ temperature, minP, topK, topP }: Sampling, seed: number, step: number): number {
  return sample(LOGITS, COLS, { temperature, minP, topK, topP, seed, step }).tokens[0]!;
}
