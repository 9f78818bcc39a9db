import { parse, View } from 'vega';
import { COLUMNS, KINDS } from './inputs.mjs';

const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif';
const INK = '#1f2937';
const MUTED = '#6b7280';
const LINE = '#e5e7eb';
const PROMISE = '#eef3fe';
const PROMISED = '#5b7cc4';

/**
 * Where two lines are likely to fall together, the first drawn is wide and pale, the second thin.
 *
 * @type {Record<string, { colour: string, shape: string, wide?: boolean, dash?: number[] }>}
 */
const LOOKS = {
  relaxed: { colour: '#93b4f5', shape: 'circle', wide: true },
  simd: { colour: '#1d4ed8', shape: 'circle' },
  scalar: { colour: '#7c3aed', shape: 'circle' },
  loop: { colour: '#c3cad5', shape: 'diamond', wide: true },
  'tfjs-cpu': { colour: '#eab308', shape: 'square' },
  'tfjs-wasm': { colour: '#f7a072', shape: 'square', wide: true },
  'ort-web': { colour: '#b91c1c', shape: 'triangle-up', dash: [6, 3] },
  'ort-node': { colour: '#15803d', shape: 'triangle-up' },
};
const LEGEND_COLUMNS = [0, 212, 416, 700];

/** @typedef {{ op: string, kind: keyof typeof KINDS, title: string, bound: number }} Panel */

/** @type {Panel[]} */
const PANELS = [
  { op: 'softmax', kind: 'normal', title: 'softmax', bound: 6 },
  { op: 'softmax', kind: 'larger', title: 'softmax', bound: 6 },
  { op: 'logSoftmax', kind: 'normal', title: 'log_softmax', bound: 4 },
  { op: 'logSoftmax', kind: 'larger', title: 'log_softmax', bound: 4 },
];
const PANEL = { width: 420, height: 260, gapX: 72, gapY: 108, left: 56 };
const LEGEND_TOP = 74;
const TOP = 190;

/** Max ULP over the columns, one panel for each kind of rows and each operation, as SVG. @param {import('./tables.mjs').Record} record */
export async function drawChart(record) {
  const width = PANEL.left + 2 * PANEL.width + PANEL.gapX;
  /** @type {any} */
  const spec = {
    background: 'white',
    autosize: 'none',
    padding: 32,
    width,
    height: TOP + 2 * PANEL.height + PANEL.gapY + 36,
    marks: [
      text(0, 0, 'How far from the exact result', { fontSize: 22, fontWeight: 600, fill: INK }),
      text(0, 34, 'Largest error in ULP of float32 by columns of a row, both axes logarithmic; lower is better', {
        fontSize: 14,
      }),
      ...legend(record),
      ...PANELS.flatMap((panel, i) => panelMarks(record, panel, i)),
    ],
  };
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}

/** @param {import('./tables.mjs').Record} record @param {Panel} panel @param {number} i */
function panelMarks({ implementations, results }, { op, kind, title, bound }, i) {
  const x = PANEL.left + (i % 2) * (PANEL.width + PANEL.gapX);
  const y = TOP + Math.floor(i / 2) * (PANEL.height + PANEL.gapY);
  const rows = `rows of ${KINDS[kind]}`;
  const lines = implementations.map(({ id }) => {
    const values = results
      .filter((r) => r.op === op && r.kind === kind && r.id === id)
      .map(({ cols, maxUlp }) => ({ cols, ulp: maxUlp }));
    return { id, values };
  });
  // Wide lines first, then the others' thin ones, ours last.
  const layer = (/** @type {string} */ id) => (LOOKS[id].wide ? 0 : isOurs(id) ? 2 : 1);
  lines.sort((a, b) => layer(a.id) - layer(b.id));
  const place = { x: { scale: 'x', field: 'cols' }, y: { scale: 'y', field: 'ulp' } };
  const group = {
    type: 'group',
    encode: { enter: constants({ x, y, width: PANEL.width, height: PANEL.height }) },
    signals: [
      { name: 'width', value: PANEL.width },
      { name: 'height', value: PANEL.height },
    ],
    data: lines.map(({ id, values }) => ({ name: id, values })),
    scales: [
      { name: 'x', type: 'log', domain: [50, 165_000], range: [0, PANEL.width] },
      { name: 'y', type: 'log', domain: [0.07, 200_000], range: [PANEL.height, 0] },
    ],
    axes: axes(),
    marks: [
      {
        type: 'rect',
        encode: {
          enter: {
            ...constants({ x: 0, x2: PANEL.width, y2: PANEL.height, fill: PROMISE }),
            y: { scale: 'y', value: bound },
          },
        },
      },
      text(10, PANEL.height - 19, `${bound} ULP and less: what softmax-simd promises`, {
        fontSize: 12,
        fill: PROMISED,
      }),
      ...lines.flatMap(({ id }) => lineMarks(id, place)),
    ],
  };
  return [
    text(x, y - 46, title, { fontSize: 16, fontWeight: 600, fill: INK }),
    text(x, y - 24, rows, { fontSize: 13 }),
    group,
  ];
}

/** @param {string} id @param {any} place */
function lineMarks(id, place) {
  const { colour, shape, wide, dash } = LOOKS[id];
  const stroke = constants({ stroke: colour, strokeWidth: wide ? 6 : 2, strokeCap: 'round', strokeJoin: 'round' });
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
        enter: {
          ...place,
          ...constants({ shape, fill: colour, stroke: 'white', strokeWidth: 1, size: wide ? 150 : 62 }),
        },
      },
    },
  ];
}

/** @param {string} id */
function isOurs(id) {
  return ['relaxed', 'simd', 'scalar'].includes(id);
}

/** Two lines of four, ours and the loop above. @param {import('./tables.mjs').Record} record */
function legend({ implementations }) {
  const order = Object.keys(LOOKS);
  const sorted = [...implementations].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  return sorted.flatMap(({ id, name, version }, i) => {
    const x = LEGEND_COLUMNS[i % 4];
    const y = LEGEND_TOP + Math.floor(i / 4) * 26;
    const { colour, shape, wide, dash } = LOOKS[id];
    const rule = constants({
      x,
      x2: x + 30,
      y: y + 8,
      y2: y + 8,
      stroke: colour,
      strokeWidth: wide ? 6 : 2,
      strokeCap: 'round',
    });
    const label = isOurs(id) || id === 'loop' ? name : `${name} ${version}`;
    return [
      { type: 'rule', encode: { enter: { ...rule, ...(dash ? { strokeDash: { value: dash } } : {}) } } },
      {
        type: 'symbol',
        encode: {
          enter: constants({
            x: x + 15,
            y: y + 8,
            shape,
            fill: colour,
            stroke: 'white',
            strokeWidth: 1,
            size: wide ? 130 : 62,
          }),
        },
      },
      text(x + 38, y, label, { fill: INK }),
    ];
  });
}

function axes() {
  const style = {
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    labelColor: MUTED,
    titleColor: MUTED,
    gridColor: LINE,
    ticks: false,
    labelPadding: 8,
    format: ',',
    zindex: 0,
  };
  return [
    { ...style, orient: 'left', scale: 'y', grid: true, domain: false, values: [1, 10, 100, 1000, 10_000, 100_000] },
    { ...style, orient: 'bottom', scale: 'x', domainColor: MUTED, values: COLUMNS, title: 'columns' },
  ];
}

/** `{ x: 3 }` as Vega's `{ x: { value: 3 } }`. @param {Record<string, any>} properties */
function constants(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value }]));
}

/** A text whose top left corner is at x, y. @param {number} x @param {number} y @param {string} content @param {object} [more] */
function text(x, y, content, more = {}) {
  const style = { baseline: 'top', font: FONT, fontSize: 13, fill: MUTED };
  return { type: 'text', encode: { enter: constants({ x, y, text: content, ...style, ...more }) } };
}
