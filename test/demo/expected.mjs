import { readFileSync } from 'node:fs';

// What the page must show, in float64 arithmetic that shares nothing with it.

/** The state that an address tells of: `?z=2,1,x-0.5&t=0&T=1&eta=1`, an x before masked logits. */
export function stateOf(address) {
  const given = new URL(address).searchParams;
  const entries = given.get('z').split(',');
  return {
    logits: entries.map((entry) => Math.fround(Number(entry.replace('x', '')))),
    masked: entries.map((entry) => entry.startsWith('x')),
    target: Number(given.get('t')),
    temperature: Number(given.get('T')),
    rate: Number(given.get('eta')),
  };
}

export function expected({ logits, masked, target, temperature }) {
  const x = logits.map((z, i) => (masked[i] ? -Infinity : z / temperature));
  const probs = softmax(x);
  const max = Math.max(...x);
  const lse = max + Math.log(x.reduce((sum, v) => sum + Math.exp(v - max), 0));
  return {
    probs,
    jacobian: probs.map((a, i) => probs.map((b, j) => a * ((i === j ? 1 : 0) - b))),
    lse,
    loss: lse - x[target],
    gradient: probs.map((a, i) => (a - (i === target ? 1 : 0)) / temperature),
  };
}

export function softmax(x) {
  const max = Math.max(...x);
  const terms = x.map((v) => Math.exp(v - max));
  const sum = terms.reduce((total, e) => total + e, 0);
  return terms.map((e) => e / sum);
}

const model = JSON.parse(readFileSync(new URL('../../examples/demo/digits/model.json', import.meta.url), 'utf8'));
const [lower, upper] = model.layers.map(({ scale, weights }) =>
  Array.from(Buffer.from(weights, 'base64'), (byte) => ((byte << 24) >> 24) * scale),
);

/** The digits to choose from, in the order of the page. */
export const samples = [...model.first, ...model.hardest].map(({ index, label, pixels }) => ({
  index,
  label,
  pixels: Array.from(Buffer.from(pixels, 'base64'), (byte) => byte / 255),
}));

/** The network's logits. */
export function digitLogits(pixels) {
  const { hidden } = model;
  const active = Array.from({ length: hidden }, (_, u) =>
    Math.max(
      pixels.reduce((sum, x, k) => sum + x * lower[k * hidden + u], lower[pixels.length * hidden + u]),
      0,
    ),
  );
  return Array.from({ length: 10 }, (_, c) =>
    active.reduce((sum, h, u) => sum + h * upper[u * 10 + c], upper[hidden * 10 + c]),
  );
}

/** A number as the page writes it. */
export function parse(text) {
  const plain = text.trim().replaceAll('−', '-').replace('∞', 'Infinity');
  const value = plain === 'NaN' ? NaN : Number(plain);
  if (plain === '' || (Number.isNaN(value) && plain !== 'NaN')) throw new Error(`no number: ${text}`);
  return value;
}

/** What is lost by showing four decimals of `value`, or three digits of what would look like 0. */
export function rounding(value) {
  // A float32 that is all but halfway may be rounded to the other side.
  const half = 0.5 * (1 + 1e-3);
  return half * (value !== 0 && Math.abs(value) < 0.5e-4 ? 0.01 * Math.abs(value) : 1e-4);
}
