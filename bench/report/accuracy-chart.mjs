import { COLUMNS, KINDS } from '../accuracy/inputs.mjs';
import { constants, drawSvg, legend, linePanel, text, THEMES } from './draw.mjs';

/** The largest error in ULP against columns, a panel for each operation and kind of rows. */

/** In the order of the legend. @type {Record<string, { colour: string, shape: string, wide?: boolean, dash?: number[] }>} */
const LOOKS = {
  relaxed: { colour: '#93b4f5', shape: 'circle', wide: true },
  simd: { colour: '#1d4ed8', shape: 'circle' },
  scalar: { colour: '#7c3aed', shape: 'circle' },
  loop: { colour: '#c3cad5', shape: 'diamond', wide: true },
  'tfjs-cpu': { colour: '#eab308', shape: 'square' },
  'tfjs-wasm': { colour: '#f7a072', shape: 'square', wide: true },
  'ort-node': { colour: '#15803d', shape: 'triangle-up' },
  'ort-web': { colour: '#b91c1c', shape: 'triangle-up', dash: [6, 3] },
};
const OURS = ['relaxed', 'simd', 'scalar'];
const PANELS = [
  { op: 'softmax', title: 'softmax', bound: 6 },
  { op: 'logSoftmax', title: 'log_softmax', bound: 4 },
].flatMap(({ op, title, bound }) => [
  { op, bound, kind: 'normal', title: `${title}, rows of ${KINDS.normal}` },
  { op, bound, kind: 'larger', title: `${title}, equal logits but for one` },
]);
const PANEL = { width: 420, height: 260, gapX: 72, gapY: 96, left: 56 };
const LEGEND = { top: 68, columns: 4, width: 242, line: 24 };
const TOP = 172;
const [PROMISE, PROMISED] = ['#eef3fe', '#5b7cc4'];
const AXES = {
  x: { domain: [50, 165_000], values: COLUMNS, title: 'columns' },
  y: { domain: [0.07, 200_000], values: [1, 10, 100, 1000, 10_000, 100_000] },
};

/** @param {import('./accuracy.mjs').Record} record */
export function drawAccuracy(record) {
  const { ink, muted } = THEMES.light;
  const looks = Object.keys(LOOKS).map((id) => {
    const { name, version } = record.implementations.find((one) => one.id === id) ?? { name: id, version: '' };
    return { id, ...LOOKS[id], name: OURS.includes(id) || id === 'loop' ? name : `${name} ${version}` };
  });
  const width = PANEL.left + 2 * PANEL.width + PANEL.gapX;
  return drawSvg('light', width, TOP + 2 * PANEL.height + PANEL.gapY + 36, [
    text(0, 0, 'How far from the exact result', { fontSize: 22, fontWeight: 600, fill: ink }),
    text(0, 34, 'Largest error in ULP of float32 by columns of a row, both axes logarithmic; lower is better', {
      fill: muted,
    }),
    ...legend(looks, LEGEND, 'light'),
    ...PANELS.flatMap((panel, k) => panelOf(record, looks, panel, k)),
  ]);
}

/** Ours on top of the others, wide lines below all. */
function panelOf({ results }, looks, { op, kind, title, bound }, k) {
  const x = PANEL.left + (k % 2) * (PANEL.width + PANEL.gapX);
  const y = TOP + Math.floor(k / 2) * (PANEL.height + PANEL.gapY);
  const layer = ({ id, wide }) => (wide ? 2 : OURS.includes(id) ? 0 : 1);
  const lines = looks
    .map((look) => ({
      ...look,
      values: results
        .filter((r) => r.op === op && r.kind === kind && r.id === look.id)
        .map(({ cols, maxUlp }) => ({ x: cols, y: maxUlp })),
    }))
    .sort((a, b) => layer(a) - layer(b));
  const band = constants({ x: 0, x2: PANEL.width, y2: PANEL.height, fill: PROMISE });
  const promise = [
    { type: 'rect', encode: { enter: { ...band, y: { scale: 'y', value: bound } } } },
    text(10, PANEL.height - 19, `${bound} ULP and less: what softmax-simd promises`, { fontSize: 12, fill: PROMISED }),
  ];
  const place = { x, y, width: PANEL.width, height: PANEL.height };
  return linePanel(title, place, AXES, lines, 'light', promise);
}
