import { crossEntropy, softmax } from 'softmax-simd';
import { create, find, formula } from '../dom.js';
import { percent, show } from '../format.js';
import { CLASSES } from './network.js';

/** The distribution over the digits as bars. `null` is an empty pad. */
export function showDistribution(): (logits: Float32Array | null, label: number | null) => void {
  const slider = find('digit-temperature', HTMLInputElement);
  const sliderValue = find('digit-temperature-value', HTMLOutputElement);
  const prediction = find('prediction', HTMLOutputElement);
  const text = find('prediction-text', HTMLElement);
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const bar = create('span', { className: 'bar' });
    const value = create('output', { className: 'value', 'aria-label': `Probability of ${digit}` });
    const root = create(
      'div',
      { className: 'digit-row' },
      create('span', { className: 'name' }, String(digit)),
      create('span', { className: 'track' }, bar),
      value,
    );
    return { root, bar, value };
  });
  find('distribution', HTMLElement).append(...rows.map(({ root }) => root));

  let shown: { logits: Float32Array | null; label: number | null } = { logits: null, label: null };
  const update = () => {
    const { logits, label } = shown;
    const temperature = 10 ** Number(slider.value);
    sliderValue.textContent = temperature.toFixed(2);
    slider.setAttribute('aria-valuetext', temperature.toFixed(2));
    const probs = logits === null ? null : softmax(logits, CLASSES, { temperature });
    const best = probs === null ? -1 : probs.indexOf(Math.max(...probs));
    rows.forEach(({ root, bar, value }, digit) => {
      const share = probs?.[digit] ?? 0;
      bar.style.setProperty('--share', String(share));
      value.textContent = probs === null ? '–' : percent(share);
      root.classList.toggle('target', digit === best);
      root.classList.toggle('wrong', digit === label && digit !== best);
    });
    prediction.textContent = best < 0 ? '–' : String(best);
    text.replaceChildren(...caption(logits, probs, best, label, temperature));
  };
  slider.addEventListener('input', update);
  update();
  return (logits, label) => {
    shown = { logits, label };
    update();
  };
}

function caption(
  logits: Float32Array | null,
  probs: Float32Array | null,
  best: number,
  label: number | null,
  temperature: number,
): Node[] {
  if (logits === null || probs === null) return [formula('Draw something, or choose a test digit.')];
  const sure = formula(`with ${percent(probs[best]!)}.`);
  if (label === null) return [sure];
  const loss = show(crossEntropy(logits, Int32Array.of(label), CLASSES, { temperature }));
  const verdict = label === best ? ' Right:' : ` Wrong, it is a ${label}:`;
  return [sure, formula(`${verdict} {L} = −log a_${label} = `), create('b', { className: 'loss' }, loss)];
}
