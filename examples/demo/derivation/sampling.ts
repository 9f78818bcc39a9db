import { create, find, reducedMotion } from '../dom.js';
import { percent } from '../format.js';
import type { Sampling } from './state.js';
import type { Store } from './store.js';
import { drawToken, type Left, leftBy, STAGES, WORDS } from './vocabulary.js';

const TICKS_A_SECOND = 20;
const DRAWS_A_TICK = 10;
/** What Run does at once for those who want no motion. */
const DRAWS_AT_ONCE = 1000;
const MOST_DRAWS = 10_000;

interface Row {
  root: HTMLElement;
  bar: HTMLElement;
  value: HTMLElement;
  left: HTMLElement;
  drawn: HTMLElement;
  goal: HTMLElement;
  count: HTMLElement;
}

/** How a slider shows and holds a setting. */
interface Knob {
  of: keyof Sampling;
  toSlider(value: number): number;
  toValue(slider: number): number;
  text(value: number): string;
}

const same = { toSlider: (value: number) => value, toValue: (slider: number) => slider };
const share = (value: number) => value.toFixed(2);
const KNOBS: Record<string, Knob> = {
  'token-temperature': { of: 'temperature', toSlider: Math.log10, toValue: (slider) => 10 ** slider, text: share },
  'min-p': { of: 'minP', ...same, text: (value) => (value === 0 ? 'off' : share(value)) },
  'top-k': { of: 'topK', ...same, text: (value) => (value === WORDS.length ? 'all' : String(value)) },
  'top-p': { of: 'topP', ...same, text: (value) => (value === 1 ? 'off' : share(value)) },
};

/** Which tokens the stages leave, why the others are out, and draws of what is left. */
export function showSampling(store: Store): { clear(): void } {
  const rows = WORDS.map(createRow);
  find('tokens', HTMLElement).append(createHead(), ...rows.map(({ root }) => root));
  const note = find('left-note', HTMLElement);
  let shown: Sampling | null = null;
  let left = leftBy(store.state.sampling);
  const draws = startDraws(store, rows, () => left);
  const knobs = Object.entries(KNOBS).map(([id, knob]) => connect(store, id, knob));

  store.subscribe(({ sampling }) => {
    if (sampling === shown) return;
    shown = sampling;
    left = leftBy(sampling);
    for (const update of knobs) update(sampling);
    rows.forEach((row, i) => updateRow(row, left, i));
    note.textContent = summary(left);
    draws.clear();
  });
  return draws;
}

/** A slider of the card. @returns shows a state */
function connect(store: Store, id: string, { of, toSlider, toValue, text }: Knob): (sampling: Sampling) => void {
  const slider = find(id, HTMLInputElement);
  const output = find(`${id}-value`, HTMLOutputElement);
  slider.addEventListener('input', () =>
    store.update({ sampling: { ...store.state.sampling, [of]: toValue(slider.valueAsNumber) } }),
  );
  return (sampling) => {
    slider.value = String(toSlider(sampling[of]));
    output.textContent = text(sampling[of]);
    slider.setAttribute('aria-valuetext', text(sampling[of]));
  };
}

/** The buttons, and the histogram of what they draw. */
function startDraws(store: Store, rows: Row[], left: () => Left): { clear(): void } {
  const draw = find('draw', HTMLButtonElement);
  const run = find('draw-run', HTMLButtonElement);
  const clear = find('draw-clear', HTMLButtonElement);
  const note = find('draw-note', HTMLElement);
  let counts = WORDS.map(() => 0);
  let seed = 0;
  let step = 0;
  let last = -1;
  let timer: ReturnType<typeof setInterval> | null = null;

  const show = () => {
    const { drawnFrom } = left();
    rows.forEach((row, i) => updateDrawn(row, counts[i]!, step, drawnFrom[i]!, i === last));
    draw.disabled = run.disabled = step >= MOST_DRAWS;
    clear.disabled = step === 0;
    note.textContent = step === 0 ? 'Nothing is drawn yet.' : drawnText(last, step, farthest(counts, step, drawnFrom));
  };
  const stop = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    run.textContent = 'Run';
    run.setAttribute('aria-pressed', 'false');
  };
  const drawMany = (most: number) => {
    const end = Math.min(step + most, MOST_DRAWS);
    for (; step < end; step++) {
      last = drawToken(store.state.sampling, seed, step);
      counts[last]!++;
    }
    if (step === MOST_DRAWS) stop();
    show();
  };
  const begin = () => {
    stop();
    counts = WORDS.map(() => 0);
    [step, last] = [0, -1];
    show();
  };

  draw.addEventListener('click', () => drawMany(1));
  run.addEventListener('click', () => {
    if (timer !== null) return stop();
    if (reducedMotion()) return drawMany(DRAWS_AT_ONCE);
    run.textContent = 'Pause';
    run.setAttribute('aria-pressed', 'true');
    timer = setInterval(() => drawMany(DRAWS_A_TICK), 1000 / TICKS_A_SECOND);
  });
  clear.addEventListener('click', () => {
    // Other draws than before.
    seed++;
    begin();
  });
  return { clear: begin };
}

function createHead(): HTMLElement {
  const head = create('div', { className: 'token-row head' });
  head.setAttribute('aria-hidden', 'true');
  for (const [className, text] of [
    ['prob', 'probability'],
    ['left', 'left, or out by'],
    ['drawn', 'drawn'],
  ] as const)
    head.append(create('span', { className }, text));
  return head;
}

function createRow(word: string): Row {
  const bar = create('span', { className: 'bar' });
  const value = create('output', { className: 'value', 'aria-label': `Probability of ${word}` });
  const left = create('output', { className: 'left', 'aria-label': `What is left of ${word}` });
  const drawn = create('span', { className: 'bar' });
  const goal = create('span', { className: 'goal' });
  const count = create('output', { className: 'value', 'aria-label': `Draws of ${word}` });
  const root = create(
    'div',
    { className: 'token-row', role: 'group', 'aria-label': word },
    create('span', { className: 'name' }, word),
    create('span', { className: 'track' }, bar),
    value,
    left,
    create('span', { className: 'track draws' }, drawn, goal),
    count,
  );
  return { root, bar, value, left, drawn, goal, count };
}

function updateRow({ root, bar, value, left, goal }: Row, { probs, out, drawnFrom }: Left, i: number): void {
  root.classList.toggle('out', out[i] !== null);
  bar.style.setProperty('--share', String(probs[i]!));
  value.textContent = percent(probs[i]!);
  left.textContent = out[i] ?? percent(drawnFrom[i]!);
  goal.style.setProperty('--share', String(drawnFrom[i]!));
  goal.hidden = out[i] !== null;
}

function updateDrawn({ root, drawn, count }: Row, times: number, of: number, goal: number, isLast: boolean): void {
  root.classList.toggle('last', isLast);
  drawn.style.setProperty('--share', String(of === 0 ? 0 : times / of));
  count.textContent = goal === 0 ? '' : times.toLocaleString('en');
}

function summary({ out }: Left): string {
  const left = out.filter((stage) => stage === null).length;
  const by = STAGES.map((stage) => ({ stage, count: out.filter((one) => one === stage).length }));
  const reasons = by.filter(({ count }) => count > 0).map(({ stage, count }) => `${count} by ${stage}`);
  const rest = reasons.length === 0 ? '' : ` Out: ${reasons.join(', ')}.`;
  return `${left} of ${WORDS.length} tokens ${left === 1 ? 'is' : 'are'} left.${rest}`;
}

/** The largest difference between a part of the draws and its probability. */
function farthest(counts: number[], step: number, drawnFrom: Float32Array): number {
  return counts.reduce((most, count, i) => Math.max(most, Math.abs(count / step - drawnFrom[i]!)), 0);
}

function drawnText(last: number, step: number, gap: number): string {
  const draws = `${step.toLocaleString('en')} ${step === 1 ? 'draw' : 'draws'}`;
  return `“${WORDS[last]!}”. ${draws}, each token within ${percent(gap)} of its probability.`;
}
