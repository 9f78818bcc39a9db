export const FEWEST = 2;
export const MOST = 8;
/** Sliders reach this far; numbers may be typed, and descent may go, further. */
export const REACH = 10;
/** No number that is typed lies beyond ±LARGEST: there is no room for more digits. */
export const LARGEST = 1e6;

export interface State {
  /** The values of the sliders, masked or not. */
  logits: number[];
  /** Masked logits count as −∞. */
  masked: boolean[];
  /** The true class, from 0. */
  target: number;
  temperature: number;
  /** The step size η. */
  rate: number;
  /** Of the card that draws tokens. */
  sampling: Sampling;
}

export interface Sampling {
  temperature: number;
  minP: number;
  topK: number;
  topP: number;
}

const SAMPLING: Sampling = { temperature: 1, minP: 0.03, topK: 10, topP: 0.9 };
/** Tokens of the vocabulary: as many keep all. */
export const MOST_TOKENS = 16;

export function initialState(): State {
  const logits = [2, 1, 0.1, -0.7, -1.5];
  return { logits, masked: logits.map(() => false), target: 2, temperature: 1, rate: 1, sampling: SAMPLING };
}

/**
 * The state as a query: `z=2,1,x-0.5&t=0&T=1&eta=1`, an x before masked logits, and `&draw=0.8,0.05,40,0.95` where the settings
 * of the draws (temperature, min-p, top-k, top-p) are not those of the beginning.
 */
export function toQuery({ logits, masked, target, temperature, rate, sampling }: State): string {
  const z = logits.map((logit, i) => `${masked[i] ? 'x' : ''}${shortest(logit)}`).join(',');
  return `z=${z}&t=${target}&T=${shortest(temperature)}&eta=${shortest(rate)}${drawing(sampling)}`;
}

/** The state that `query` tells of; what is missing or makes no sense is as at the beginning. */
export function fromQuery(query: string): State {
  const state = initialState();
  const given = new URLSearchParams(query);
  const entries = (given.get('z') ?? '').split(',').map((entry) => /^(x?)(-?\d.*)$/.exec(entry));
  const logits = entries.map((entry) => Number(entry?.[2] ?? NaN));
  if (logits.length >= FEWEST && logits.length <= MOST && logits.every((z) => Math.abs(z) <= LARGEST)) {
    state.logits = logits;
    state.masked = entries.map((entry) => entry?.[1] === 'x');
    state.target = Math.min(state.target, logits.length - 1);
  }
  const target = Number(given.get('t') ?? NaN);
  if (Number.isInteger(target) && target >= 0 && target < state.logits.length) state.target = target;
  state.temperature = within(given.get('T'), 0.1, 10, state.temperature);
  state.rate = within(given.get('eta'), 0.01, 10, state.rate);
  state.sampling = samplingOf(given.get('draw'));
  return state;
}

function drawing(sampling: Sampling): string {
  const settings = listed(sampling);
  return settings === listed(SAMPLING) ? '' : `&draw=${settings}`;
}

function listed({ temperature, minP, topK, topP }: Sampling): string {
  return [temperature, minP, topK, topP].map(shortest).join(',');
}

function samplingOf(text: string | null): Sampling {
  const [temperature, minP, topK, topP] = (text ?? '').split(',');
  return {
    temperature: within(temperature, 0.1, 10, SAMPLING.temperature),
    minP: within(minP, 0, 1, SAMPLING.minP),
    topK: Math.round(within(topK, 1, MOST_TOKENS, SAMPLING.topK)),
    topP: within(topP, 0.01, 1, SAMPLING.topP),
  };
}

/** Softmax of nothing: every probability is NaN. */
export function allMasked({ masked }: State): boolean {
  return masked.every(Boolean);
}

function within(text: string | null | undefined, low: number, high: number, otherwise: number): number {
  const value = Number(text ?? NaN);
  return value >= low && value <= high ? value : otherwise;
}

/** The fewest digits that give the same float32 again. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return String(short);
  }
  return String(value);
}
