import { Chart } from '../chart.js';
import { find, reducedMotion } from '../dom.js';
import { show } from '../format.js';
import { allMasked, type State } from './state.js';
import type { Store } from './store.js';

const STEPS_A_SECOND = 20;
/** What Run does at once for those who want no motion. */
const STEPS_AT_ONCE = 50;
const MOST_STEPS = 1000;

/** Steps the logits along the gradient and draws the loss. */
export function showDescent(store: Store): { stop(): void } {
  const step = find('step', HTMLButtonElement);
  const run = find('run', HTMLButtonElement);
  const rewind = find('rewind', HTMLButtonElement);
  const rate = find('rate', HTMLInputElement);
  const rateValue = find('rate-value', HTMLOutputElement);
  const note = find('descent-note', HTMLElement);
  const chart = new Chart(find('descent-chart', HTMLElement), {
    xLabel: 'step',
    yLabel: 'loss',
    lines: [{ label: 'loss', colour: 'accent' }],
    height: 200,
  });
  /** Where the descent began, and the state of the last call below. */
  let start: State | null = null;
  let last = store.state;
  let stepping = false;
  let losses: number[] = [];
  let timer: ReturnType<typeof setInterval> | null = null;

  const canStep = () => Number.isFinite(store.derived.loss) && losses.length <= MOST_STEPS;
  const stop = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    run.textContent = 'Run';
    run.setAttribute('aria-pressed', 'false');
  };
  const descend = () => {
    if (!canStep()) return stop();
    const { logits, rate: eta } = store.state;
    const { dlogits } = store.derived;
    stepping = true;
    store.update({ logits: logits.map((z, i) => Math.fround(z - eta * dlogits[i]!)) });
    stepping = false;
  };

  step.addEventListener('click', descend);
  run.addEventListener('click', () => {
    if (timer !== null) return stop();
    if (reducedMotion()) {
      for (let k = 0; k < STEPS_AT_ONCE; k++) descend();
      return;
    }
    run.textContent = 'Pause';
    run.setAttribute('aria-pressed', 'true');
    timer = setInterval(descend, 1000 / STEPS_A_SECOND);
  });
  rewind.addEventListener('click', () => {
    stop();
    if (start !== null) store.update({ logits: start.logits });
  });
  rate.addEventListener('input', () => store.update({ rate: 10 ** Number(rate.value) }));

  store.subscribe((state, { loss }) => {
    if (stepping) {
      losses.push(loss);
    } else if (start === null || !sameDescent(state, last)) {
      stop();
      start = state;
      losses = [loss];
    }
    last = state;
    rate.value = String(Math.log10(state.rate));
    rateValue.textContent = state.rate.toFixed(2);
    rate.setAttribute('aria-valuetext', state.rate.toFixed(2));
    step.disabled = run.disabled = !canStep();
    rewind.disabled = losses.length < 2;
    const steps = losses.length - 1;
    note.textContent = Number.isFinite(loss)
      ? `${steps} ${steps === 1 ? 'step' : 'steps'}: loss ${show(losses[0]!)} to ${show(loss)}`
      : `No descent from here: ${allMasked(state) ? 'every' : 'the true'} class is masked.`;
    const text = `Loss over ${steps} steps, from ${show(losses[0]!)} to ${show(loss)}`;
    chart.show([losses.map((_, k) => k), losses.map((l) => (Number.isFinite(l) ? l : null))], text);
  });
  return { stop };
}

/** Whether nothing but the step size differs. */
function sameDescent(a: State, b: State): boolean {
  return a.logits === b.logits && a.masked === b.masked && a.target === b.target && a.temperature === b.temperature;
}
