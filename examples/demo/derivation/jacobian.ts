import { create, find, formula } from '../dom.js';
import { fixed, show } from '../format.js';
import type { Derived } from './derive.js';
import { allMasked, type State } from './state.js';
import type { Store } from './store.js';

/** No entry is larger: a (1 − a) ≤ 1/4, and a_i a_j ≤ 1/4 where a_i + a_j ≤ 1. */
const LARGEST = 0.25;

/** The heat map, and which case of the formula gives the entry under the pointer or the focus. */
export function showJacobian(store: Store): void {
  const host = find('heat', HTMLElement);
  const note = find('jacobian-note', HTMLElement);
  let cells: HTMLTableCellElement[] = [];
  let chosen = { i: 0, j: 1 };

  const choose = (i: number, j: number) => {
    chosen = { i, j };
    explain(store.derived, chosen, cells);
  };

  host.addEventListener('keydown', (event) => {
    const cols = store.state.logits.length;
    const { i, j } = chosen;
    const to =
      { ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1] }[event.key] ??
      { Home: [i, 0], End: [i, cols - 1] }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const [row, column] = to.map((k) => Math.min(Math.max(k, 0), cols - 1)) as [number, number];
    cells[row * cols + column]!.focus();
  });

  store.subscribe((state, derived) => {
    const { cols, jacobian } = derived;
    if (cells.length !== cols * cols) {
      cells = createCells(cols, choose);
      chosen = { i: Math.min(chosen.i, cols - 1), j: Math.min(chosen.j, cols - 1) };
      host.replaceChildren(createTable(cells, cols));
    }
    cells.forEach((cell, k) => paint(cell, jacobian[k]!, Math.floor(k / cols), k % cols));
    note.replaceChildren(formula(remark(state)));
    explain(derived, chosen, cells);
  });
}

function remark(state: State): string {
  if (allMasked(state))
    return 'Every class is masked: nothing is left to share the probability, so that each is 0/0, which is NaN.';
  if (state.temperature === 1) return 'Rows and columns sum to 0.';
  return 'With respect to {z}/{T}; divide by {T} for {z}. Rows and columns sum to 0.';
}

function createCells(cols: number, choose: (i: number, j: number) => void): HTMLTableCellElement[] {
  return Array.from({ length: cols * cols }, (_, k) => {
    const [i, j] = [Math.floor(k / cols), k % cols];
    const cell = create('td', { role: 'gridcell' }, create('div', { className: 'cell' }));
    cell.addEventListener('pointerenter', () => choose(i, j));
    cell.addEventListener('click', () => choose(i, j));
    cell.addEventListener('focus', () => choose(i, j));
    return cell;
  });
}

function createTable(cells: HTMLTableCellElement[], cols: number): HTMLTableElement {
  const heading = (letter: string, k: number) =>
    create('th', { scope: letter === 'a' ? 'row' : 'col' }, formula(`∂${letter}_${k + 1}`));
  const classes = Array.from({ length: cols }, (_, k) => k);
  const head = create('tr', { role: 'row' }, create('td'), ...classes.map((j) => heading('z', j)));
  const rows = classes.map((i) =>
    create('tr', { role: 'row' }, heading('a', i), ...cells.slice(i * cols, (i + 1) * cols)),
  );
  const label = 'Jacobian: rows are probabilities, columns logits. Arrow keys move.';
  const table = create(
    'table',
    { className: 'heat', role: 'grid', 'aria-label': label },
    create('tbody', {}, head, ...rows),
  );
  table.style.setProperty('--cols', String(cols));
  return table;
}

function paint(cell: HTMLTableCellElement, value: number, i: number, j: number): void {
  // The root shows small entries too.
  const strength = Number.isNaN(value) ? 0 : Math.sqrt(Math.min(Math.abs(value) / LARGEST, 1));
  cell.style.setProperty('--strength', `${(100 * strength).toFixed(1)}%`);
  cell.classList.toggle('negative', value < 0);
  cell.setAttribute('aria-description', `i = ${i + 1}, j = ${j + 1}: ${show(value)}`);
  cell.firstElementChild!.replaceChildren(create('span', { className: 'number' }, ...digits(value)));
}

/** Three decimals; the 0 before the point is an element of its own, which narrow cells hide. */
function digits(value: number): (Node | string)[] {
  const [whole = '', decimals] = fixed(value, 3).split('.');
  if (decimals === undefined) return [whole];
  return [whole.replace('0', ''), create('span', { className: 'zero' }, '0'), `.${decimals}`];
}

/** The entry's case, and its numbers in the case's formula. */
function explain({ cols, probs, jacobian }: Derived, { i, j }: { i: number; j: number }, cells: HTMLElement[]): void {
  cells.forEach((cell, k) => {
    const here = k === i * cols + j;
    cell.tabIndex = here ? 0 : -1;
    cell.classList.toggle('chosen', here);
  });
  for (const [scope, chosen] of Object.entries({ row: i, col: j })) {
    const headings = find('heat', HTMLElement).querySelectorAll(`th[scope=${scope}]`);
    headings.forEach((heading, k) => heading.classList.toggle('chosen', k === chosen));
  }
  const same = i === j;
  for (const element of find('cases', HTMLElement).querySelectorAll<HTMLElement>('.case')) {
    const applies = element.dataset.case === (same ? 'same' : 'other');
    element.classList.toggle('applies', applies);
  }
  const [a, b] = [probs[i]!, probs[j]!].map((p) => show(p)) as [string, string];
  const value = show(jacobian[i * cols + j]!);
  const [row, column] = [i + 1, j + 1];
  const symbols = same ? `a_${row} (1 − a_${row})` : `−a_${row} a_${column}`;
  const numbers = same ? `${a} · (1 − ${a})` : `−${a} · ${b}`;
  // Without probabilities there is nothing to put in.
  const terms = Number.isNaN(probs[i]!) ? symbols : `${symbols} = ${numbers}`;
  find('substituted', HTMLElement).replaceChildren(formula(`J_${row}${column} = ${terms} = `), create('b', {}, value));
}
