import { shapeOf } from '../shapes.mjs';
import { drawSvg, legend, linePanel, text, THEMES } from './draw.mjs';
import { find, perElement } from './figures.mjs';

/** Time per element against columns, log axes, one line for each engine: two panels, as SVG, for a light and a dark page. */

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
  const slowest = PANELS.flatMap(({ op }) => shown.flatMap((id) => pointsOf(record, op, id).map(({ y }) => y)));
  const top = 1.3 * Math.max(...slowest);
  const under = `ns per element against columns of a row, both axes logarithmic; lower is better. ${record.cpu}, ${record.runtime.name}, one thread`;
  return drawSvg(theme, PANEL.left + 2 * PANEL.width + PANEL.gap, TOP + PANEL.height + 42, [
    text(0, 0, 'Time per element', { fontSize: 22, fontWeight: 600, fill: ink }),
    text(0, 34, under, { fill: muted }),
    ...legend(
      shown.map((id) => LINES[id]),
      LEGEND,
      theme,
    ),
    ...PANELS.flatMap(({ op, title }, k) => {
      const lines = shown.map((id) => ({ ...LINES[id], values: pointsOf(record, op, id) }));
      const x = { domain: [1.6, 165_000], values: COLUMNS, title: 'columns' };
      const y = { domain: [0.3, top], values: [0.5, 1, 2, 5, 10, 20, 50, 100] };
      const place = { x: PANEL.left + k * (PANEL.width + PANEL.gap), y: TOP, width: PANEL.width, height: PANEL.height };
      return linePanel(title, place, { x, y }, lines, theme);
    }),
  ]);
}

/** @param {import('../record.mjs').Record} record @param {string} op @param {string} subject */
function pointsOf(record, op, subject) {
  return BATCHES.flatMap((shape) => {
    const result = find(record, op, shape, subject);
    return result?.min === undefined ? [] : [{ x: shapeOf(shape).cols, y: perElement(result) }];
  });
}
