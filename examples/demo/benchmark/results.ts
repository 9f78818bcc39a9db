import { Chart, type Line } from '../chart.js';
import { create, find } from '../dom.js';
import { isPlain } from './contenders.js';
import type { Timing } from './messages.js';
import { SHAPES } from './shapes.js';

/** One accent: the library is drawn in it, from the fastest tier on in shorter and shorter dashes; the plain loop is grey. */
const DASHES = [[], [10, 4], [4, 4], [1.5, 4]];

export interface Results {
  begin(names: string[]): void;
  add(timings: Timing[]): void;
  /** As a table in Markdown. */
  markdown(title: string): string;
}

/** Chart and table of what has been timed so far. */
export function showResults(): Results {
  const host = find('bench-table', HTMLElement);
  let names: string[] = [];
  let timings = new Map<string, Timing>();
  const chart = new Chart(find('bench-chart', HTMLElement), chartOptions([]));

  const timingOf = (name: string, shape: number) => timings.get(`${name} ${shape}`);
  const cell = (name: string, shape: number) => {
    const timing = timingOf(name, shape);
    if (timing === undefined) return { time: '', ratio: '' };
    const plain = timingOf(names.find(isPlain) ?? '', shape);
    const ratio = plain === undefined || isPlain(name) ? '' : `× ${(plain.minimum / timing.minimum).toFixed(1)}`;
    return { time: timing.minimum.toFixed(2), ratio };
  };
  const draw = () => {
    host.replaceChildren(table(names, cell));
    const lines = names.map((name) => SHAPES.map((_, k) => timingOf(name, k)?.minimum ?? null));
    const text = 'Nanoseconds per element over the length of the rows; the table below has the numbers';
    chart.show([SHAPES.map(({ cols }) => cols), ...lines], text);
  };
  draw();
  return {
    begin(given) {
      names = given;
      timings = new Map();
      chart.replace(chartOptions(given));
      draw();
    },
    add(given) {
      for (const timing of given) timings.set(`${timing.name} ${timing.shape}`, timing);
      draw();
    },
    markdown(title) {
      const head = ['ns per element', ...SHAPES.map(({ rows, cols }) => `${rows} × ${cols}`)];
      const rows = names.map((name) => [name, ...SHAPES.map((_, k) => Object.values(cell(name, k)).join(' ').trim())]);
      const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
      return `${title}\n\n${lines.join('\n')}\n`;
    },
  };
}

function lineOf(name: string, names: string[]): Line {
  if (isPlain(name)) return { label: name, colour: 'muted' };
  return { label: name, colour: 'accent', dash: DASHES[names.indexOf(name)] ?? [] };
}

function chartOptions(names: string[]) {
  return {
    xLabel: 'classes in a row',
    yLabel: 'ns per element',
    lines: names.map((name) => lineOf(name, names)),
    logarithmicX: SHAPES.map(({ cols }) => cols),
    height: 240,
  };
}

function table(names: string[], cell: (name: string, shape: number) => { time: string; ratio: string }): HTMLElement {
  const head = create('tr', {}, create('th', { scope: 'col' }, 'engine'));
  for (const { rows, cols } of SHAPES) {
    head.append(
      create('th', { scope: 'col' }, rows.toLocaleString('en'), create('span', {}, ` × ${cols.toLocaleString('en')}`)),
    );
  }
  const rows = names.map((name) => {
    const row = create('tr', {}, create('th', { scope: 'row' }, swatch(lineOf(name, names)), name));
    SHAPES.forEach((_, k) => {
      const { time, ratio } = cell(name, k);
      row.append(create('td', {}, time, create('small', {}, ratio)));
    });
    return row;
  });
  const caption = create('caption', {}, 'Fastest of eight samples, and how many times as fast as what people write');
  return create('table', { className: 'timings' }, caption, create('thead', {}, head), create('tbody', {}, ...rows));
}

/** A piece of the line in the chart. */
function swatch({ colour, dash }: Line): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  svg.setAttribute('class', 'swatch');
  svg.setAttribute('viewBox', '0 0 26 8');
  svg.setAttribute('aria-hidden', 'true');
  for (const [name, value] of Object.entries({ x1: '1', x2: '25', y1: '4', y2: '4', 'stroke-width': '2.5' })) {
    line.setAttribute(name, value);
  }
  line.setAttribute('stroke', `var(--${colour})`);
  line.setAttribute('stroke-dasharray', dash?.join(' ') ?? '');
  svg.append(line);
  return svg;
}
