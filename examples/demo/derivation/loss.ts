import { create, find, formula } from '../dom.js';
import { show } from '../format.js';
import { allMasked } from './state.js';
import type { Store } from './store.js';

interface Row {
  root: HTMLElement;
  terms: HTMLElement;
  bar: HTMLElement;
  value: HTMLElement;
}

/** The loss of the true class, and the gradient as bars to both sides of 0. */
export function showLoss(store: Store): void {
  const host = find('gradient', HTMLElement);
  const value = find('loss-value', HTMLOutputElement);
  const sum = find('loss-formula', HTMLElement);
  const overTemperature = find('chain-temperature', HTMLElement);
  let rows: Row[] = [];

  store.subscribe((state, { cols, probs, loss, lse, logits, dlogits }) => {
    const { target, temperature } = state;
    value.textContent = show(loss);
    const t = target + 1;
    const z = `${show(logits[target]!)}${temperature === 1 ? '' : ` / ${temperature.toFixed(2)}`}`;
    sum.replaceChildren(
      formula(`= −log a_${t}${allMasked(state) ? '' : ` = −log ${show(probs[target]!)}`}`),
      create('br'),
      formula(`= log Σ e`),
      create('sup', {}, formula(temperature === 1 ? '{z}' : '{z}/{T}')),
      formula(` − z_${t}${temperature === 1 ? '' : '/{T}'} = ${show(lse)} − ${z.startsWith('−') ? `(${z})` : z}`),
    );
    overTemperature.hidden = temperature === 1;

    if (rows.length !== cols) {
      rows = Array.from({ length: cols }, (_, i) => createRow(i));
      host.replaceChildren(...rows.map(({ root }) => root));
    }
    const most = 1 / temperature;
    rows.forEach((row, i) => {
      const slope = dlogits[i]!;
      const isTarget = i === target;
      row.root.classList.toggle('target', isTarget);
      const difference = `${show(probs[i]!)} − ${isTarget ? 1 : 0}`;
      row.terms.textContent = temperature === 1 ? difference : `(${difference}) / ${temperature.toFixed(2)}`;
      row.bar.style.setProperty('--share', String(Number.isNaN(slope) ? 0 : Math.min(Math.abs(slope) / most, 1)));
      row.bar.classList.toggle('negative', slope < 0);
      row.value.textContent = show(slope);
    });
  });
}

function createRow(i: number): Row {
  const terms = create('span', { className: 'terms' });
  const bar = create('span', { className: 'arrow' });
  const value = create('output', { className: 'value', 'aria-label': `Gradient ${i + 1}` });
  const name = create('span', { className: 'name' }, formula(`a_${i + 1} − t_${i + 1}`));
  const root = create(
    'div',
    { className: 'gradient-row' },
    name,
    terms,
    create('span', { className: 'axis' }, bar),
    value,
  );
  return { root, terms, bar, value };
}
