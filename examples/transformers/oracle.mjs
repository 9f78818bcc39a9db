/**
 * The tokens that may be drawn, by sorting the row: the stages of docs/sampling.md in a few lines of float64.
 *
 * @param {Float32Array} logits of one row
 * @param {import('../../dist/index.js').SamplingOptions} sampling
 * @param {number[]} prompt
 * @param {number[]} history
 * @returns {Set<number>}
 */
export function survivors(logits, sampling, prompt, history) {
  const { temperature = 1, minP = 0, topK = 0, topP = 1 } = sampling;
  const penalised = penalise(Array.from(logits), sampling, prompt, history);
  const sorted = penalised.map((v, token) => ({ token, v })).sort((a, b) => b.v - a.v || a.token - b.token);
  const largest = sorted[0].v / temperature;
  let left = sorted.filter(({ v }) => v / temperature >= largest + Math.log(minP));
  if (topK > 0) left = left.slice(0, topK);
  const weights = left.map(({ v }) => Math.exp(v / temperature - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const crossing = weights.findIndex((weight) => (sum += weight) >= topP * total);
  return new Set(left.slice(0, crossing + 1).map(({ token }) => token));
}

function penalise(x, { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 }, prompt, history) {
  for (const token of new Set([...prompt, ...history])) {
    x[token] = x[token] > 0 ? x[token] / repetitionPenalty : x[token] * repetitionPenalty;
  }
  for (const token of history) x[token] -= frequencyPenalty;
  for (const token of new Set(history)) x[token] -= presencePenalty;
  return x;
}
