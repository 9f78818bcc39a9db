import { parse, View } from 'vega';
import { shapeOf } from '../shapes.mjs';
import { find, perElement } from './figures.mjs';

/** Time per element against columns, log axes, one line for each engine: two panels, as SVG, for a light and a dark page. */

const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif';
const THEMES = {
  light: { ink: '#1f2937', muted: '#6b7280', line: '#e5e7eb', page: '#ffffff' },
  dark: { ink: '#e6edf3', muted: '#9aa4b2', line: '#2b3340', page: '#0d1117' },
};

/** Colours that both pages carry. @type {Record<string, { name: string, colour: string, shape: string, dash?: number[] }>} */
const LINES = {
  'relaxed alloc': { name: 'relaxed, in memory', colour: '#3b82f6', shape: 'circle' },
  'relaxed out': { name: 'relaxed, out', colour: '#3b82f6', shape: 'circle', dash: [5, 3] },
  'simd alloc': { name: 'simd, in memory', colour: '#06b6d4', shape: 'circle' },
  'scalar out': { name: 'scalar', colour: '#a855f7', shape: 'circle' },
  loop: { name: 'Math.exp loop', colour: '#8b95a5', shape: 'diamond' },
  'tfjs-wasm resident': { name: 'TF.js wasm, resident', colour: '#f97316', shape: 'square' },
  'tfjs-wasm whole': { name: 'TF.js wasm, end to end', colour: '#f97316', shape: 'square', dash: [5, 3] },
  'ort-web': { name: 'ONNX Runtime Web', colour: '#e11d48', shape: 'triangle-up' },
  'ort-node': { name: 'ONNX Runtime, native', colour: '#16a34a', shape: 'triangle-up' },
  'jax whole': { name: 'jax-js wasm', colour: '#d4a017', shape: 'cross' },
  torch: { name: 'PyTorch, native', colour: '#b45309', shape: 'triangle-down' },
};

/** Batches of 65,536 elements and more: what the row costs, not the call. */
const BATCHES = ['65536x2', '65536x10', '16384x16', '4096x64', '2048x128', '256x1000', '64x32000', '16x128256'];
const PANELS = [
  { op: 'softmax', title: 'softmax' },
  { op: 'crossEntropyWithGrad', title: 'crossEntropyWithGrad' },
];
const COLUMNS = [2, 10, 64, 1000, 32_000, 128_256];
const PANEL = { width: 430, height: 330, gap: 70, left: 58 };
const LEGEND = { top: 72, columns: 4, width: 235, line: 24 };
const TOP = 212;

/** @param {import('../record.mjs').Record} record @param {keyof typeof THEMES} theme */
export async function drawChart(record, theme) {
  const { ink, muted } = THEMES[theme];
  const shown = Object.keys(LINES).filter((id) => PANELS.some(({ op }) => pointsOf(record, op, id).length > 1));
  const slowest = PANELS.flatMap(({ op }) => shown.flatMap((id) => pointsOf(record, op, id).map(({ ns }) => ns)));
  const top = 1.3 * Math.max(...slowest);
  const legend = shown.flatMap((id, k) => legendEntry(id, k, theme));
  const under = `ns per element against columns of a row, both axes logarithmic; lower is better. ${record.cpu}, ${record.runtime.name}, one thread`;
  /** @type {any} */
  const spec = {
    background: THEMES[theme].page,
    autosize: 'none',
    padding: 28,
    width: PANEL.left + 2 * PANEL.width + PANEL.gap,
    height: TOP + PANEL.height + 42,
    marks: [
      text(0, 0, 'Time per element', { fontSize: 22, fontWeight: 600, fill: ink }),
      text(0, 34, under, { fill: muted }),
      ...legend,
      ...PANELS.flatMap((panel, k) => panelMarks(record, panel, k, shown, top, theme)),
    ],
  };
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}

/** @param {import('../record.mjs').Record} record @param {string} op @param {string} subject */
function pointsOf(record, op, subject) {
  return BATCHES.flatMap((shape) => {
    const result = find(record, op, shape, subject);
    return result?.min === undefined ? [] : [{ cols: shapeOf(shape).cols, ns: perElement(result) }];
  });
}

function panelMarks(record, { op, title }, k, shown, top, theme) {
  const { ink, page } = THEMES[theme];
  const x = PANEL.left + k * (PANEL.width + PANEL.gap);
  const lines = shown.map((id) => ({ id, values: pointsOf(record, op, id) })).filter(({ values }) => values.length > 1);
  // Ours are drawn last, on top.
  lines.reverse();
  const place = { x: { scale: 'x', field: 'cols' }, y: { scale: 'y', field: 'ns' } };
  const group = {
    type: 'group',
    encode: { enter: constants({ x, y: TOP, width: PANEL.width, height: PANEL.height }) },
    signals: [
      { name: 'width', value: PANEL.width },
      { name: 'height', value: PANEL.height },
    ],
    data: lines.map(({ id, values }) => ({ name: id, values })),
    scales: [
      { name: 'x', type: 'log', domain: [1.6, 165_000], range: [0, PANEL.width] },
      { name: 'y', type: 'log', domain: [0.3, top], range: [PANEL.height, 0] },
    ],
    axes: axes(theme),
    marks: lines.flatMap(({ id }) => {
      const { colour, shape, dash } = LINES[id];
      const stroke = constants({ stroke: colour, strokeWidth: 2, strokeJoin: 'round' });
      return [
        {
          type: 'line',
          from: { data: id },
          encode: { enter: { ...place, ...stroke, ...(dash ? { strokeDash: { value: dash } } : {}) } },
        },
        {
          type: 'symbol',
          from: { data: id },
          encode: {
            enter: { ...place, ...constants({ shape, fill: colour, stroke: page, strokeWidth: 1, size: 58 }) },
          },
        },
      ];
    }),
  };
  return [text(x, TOP - 34, title, { fontSize: 16, fontWeight: 600, fill: ink }), group];
}

/** @param {string} id @param {number} k @param {keyof typeof THEMES} theme */
function legendEntry(id, k, theme) {
  const { name, colour, shape, dash } = LINES[id];
  const { ink, page } = THEMES[theme];
  const x = (k % LEGEND.columns) * LEGEND.width;
  const y = LEGEND.top + Math.floor(k / LEGEND.columns) * LEGEND.line;
  const rule = constants({ x, x2: x + 28, y: y + 8, y2: y + 8, stroke: colour, strokeWidth: 2 });
  return [
    { type: 'rule', encode: { enter: { ...rule, ...(dash ? { strokeDash: { value: dash } } : {}) } } },
    {
      type: 'symbol',
      encode: {
        enter: constants({ x: x + 14, y: y + 8, shape, fill: colour, stroke: page, strokeWidth: 1, size: 58 }),
      },
    },
    text(x + 36, y, name, { fill: ink }),
  ];
}

/** @param {keyof typeof THEMES} theme */
function axes(theme) {
  const { muted, line } = THEMES[theme];
  const style = {
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    labelColor: muted,
    titleColor: muted,
    gridColor: line,
    ticks: false,
    labelPadding: 8,
    zindex: 0,
  };
  return [
    { ...style, orient: 'left', scale: 'y', grid: true, domain: false, values: [0.5, 1, 2, 5, 10, 20, 50, 100] },
    { ...style, orient: 'bottom', scale: 'x', domainColor: muted, values: COLUMNS, format: ',', title: 'columns' },
  ];
}

/** `{ x: 3 }` as Vega's `{ x: { value: 3 } }`. @param {Record<string, any>} properties */
function constants(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value }]));
}

/** A text whose top left corner is at x, y. @param {number} x @param {number} y @param {string} content @param {object} [more] */
function text(x, y, content, more = {}) {
  const style = { baseline: 'top', font: FONT, fontSize: 13 };
  return { type: 'text', encode: { enter: constants({ x, y, text: content, ...style, ...more }) } };
}
