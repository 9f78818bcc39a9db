import { create, find, formula } from '../dom.js';
import { show } from '../format.js';
import { FEWEST, LARGEST, MOST, REACH, type State } from './state.js';
import type { Store } from './store.js';

interface Row {
  root: HTMLElement;
  radio: HTMLInputElement;
  slider: HTMLInputElement;
  number: HTMLInputElement;
  mask: HTMLButtonElement;
  bar: HTMLElement;
  prob: HTMLOutputElement;
}

const BEYOND = `Logits reach from −${LARGEST.toLocaleString('en')} to ${LARGEST.toLocaleString('en')}.`;

/** One row per class: whether it is the true one, its logit, its mask, its probability; and the temperature. */
export function showClasses(store: Store): void {
  const host = find('classes', HTMLElement);
  let rows: Row[] = [];
  const temperature = find('temperature', HTMLInputElement);
  const temperatureValue = find('temperature-value', HTMLOutputElement);
  const add = find('add-class', HTMLButtonElement);
  const remove = find('remove-class', HTMLButtonElement);

  temperature.addEventListener('input', () => store.update({ temperature: 10 ** Number(temperature.value) }));
  add.addEventListener('click', () => {
    const { logits, masked } = store.state;
    store.update({ logits: [...logits, 0], masked: [...masked, false] });
  });
  remove.addEventListener('click', () => {
    const logits = store.state.logits.slice(0, -1);
    const target = Math.min(store.state.target, logits.length - 1);
    store.update({ logits, masked: store.state.masked.slice(0, -1), target });
  });

  store.subscribe((state, { probs }) => {
    if (rows.length !== state.logits.length) {
      rows = state.logits.map((_, i) => createRow(store, i));
      host.replaceChildren(createHead(), ...rows.map(({ root }) => root));
    }
    rows.forEach((row, i) => updateRow(row, state, i, probs[i]!));
    add.disabled = state.logits.length === MOST;
    remove.disabled = state.logits.length === FEWEST;
    temperature.value = String(Math.log10(state.temperature));
    temperatureValue.textContent = state.temperature.toFixed(2);
    temperature.setAttribute('aria-valuetext', state.temperature.toFixed(2));
  });
}

function createHead(): HTMLElement {
  const label = (text: string, name: string) => create('span', { className: name }, formula(text));
  const head = create('div', { className: 'class-row head' });
  head.setAttribute('aria-hidden', 'true');
  head.append(
    label('{t}', 'true'),
    label('logit {z}', 'logit'),
    label('mask', 'mask'),
    label('probability {a}', 'prob'),
  );
  return head;
}

function createRow(store: Store, i: number): Row {
  const name = `${i + 1}`;
  const radio = create('input', { type: 'radio', name: 'target', 'aria-label': `Class ${name} is the true one` });
  const range = { min: String(-REACH), max: String(REACH) };
  const slider = create('input', { type: 'range', ...range, step: '0.1', 'aria-label': `Logit ${name}` });
  const number = create('input', { type: 'number', step: '0.1', 'aria-label': `Logit ${name}, as a number` });
  const mask = create('button', { type: 'button', className: 'mask', 'aria-label': `Mask class ${name}` }, '−∞');
  const bar = create('span', { className: 'bar' });
  const prob = create('output', { className: 'value', 'aria-label': `Probability ${name}` });
  const note = find('classes-note', HTMLElement);

  const setLogit = (value: number) => {
    store.update({ logits: store.state.logits.map((z, k) => (k === i ? value : z)) });
  };
  radio.addEventListener('change', () => store.update({ target: i }));
  slider.addEventListener('input', () => setLogit(slider.valueAsNumber));
  number.addEventListener('input', () => {
    const typed = number.valueAsNumber;
    // Not a number yet.
    if (Number.isNaN(typed)) return;
    const used = Math.min(Math.max(typed, -LARGEST), LARGEST);
    note.textContent = used === typed ? '' : BEYOND;
    if (used !== typed) number.value = written(used);
    setLogit(used);
  });
  // At Enter, and where the focus leaves: what is no number gives way to what is used.
  const settle = () => {
    note.textContent = '';
    number.value = written(store.state.logits[i]!);
  };
  number.addEventListener('blur', settle);
  number.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') settle();
  });
  mask.addEventListener('click', () =>
    store.update({ masked: store.state.masked.map((masked, k) => (k === i ? !masked : masked)) }),
  );

  const root = create(
    'div',
    { className: 'class-row', role: 'group', 'aria-label': `Class ${name}` },
    create('label', { className: 'true' }, radio, create('span', {}, formula(`z_${name}`))),
    slider,
    number,
    mask,
    create('span', { className: 'track' }, bar),
    prob,
  );
  return { root, radio, slider, number, mask, bar, prob };
}

function updateRow({ root, radio, slider, number, mask, bar, prob }: Row, state: State, i: number, a: number): void {
  const logit = state.logits[i]!;
  const masked = state.masked[i]!;
  root.classList.toggle('masked', masked);
  root.classList.toggle('target', state.target === i);
  radio.checked = state.target === i;
  slider.value = String(logit);
  slider.disabled = masked;
  number.disabled = masked;
  // Not under the hands of somebody who types.
  if (document.activeElement !== number) number.value = written(logit);
  mask.setAttribute('aria-pressed', String(masked));
  bar.style.setProperty('--share', String(Number.isNaN(a) ? 0 : a));
  prob.textContent = show(a);
}

function written(logit: number): string {
  return String(Number(logit.toFixed(3)));
}
