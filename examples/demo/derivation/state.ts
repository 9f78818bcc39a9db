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
}

export function initialState(): State {
  const logits = [2, 1, 0.1, -0.7, -1.5];
  return { logits, masked: logits.map(() => false), target: 2, temperature: 1, rate: 1 };
}

/** The state as a query: `z=2,1,x-0.5&t=0&T=1&eta=1`, an x before masked logits. */
export function toQuery({ logits, masked, target, temperature, rate }: State): string {
  const z = logits.map((logit, i) => `${masked[i] ? 'x' : ''}${shortest(logit)}`).join(',');
  return `z=${z}&t=${target}&T=${shortest(temperature)}&eta=${shortest(rate)}`;
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
  return state;
}

/** Softmax of nothing: every probability is NaN. */
export function allMasked({ masked }: State): boolean {
  return masked.every(Boolean);
}

function within(text: string | null, low: number, high: number, otherwise: number): number {
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
