// docs/pool.svg and the table in docs/batch.md from bench/results/pool-node*.json: softmax by batch size, on one thread and
// in the pool.
//
//   node bench/pool-chart.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { between } from './report/marks.mjs';

const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif';
const INK = '#1f2937';
const MUTED = '#6b7280';
const LINE = '#e5e7eb';
const WAYS = [
  { name: 'alloc', title: 'pool, arrays of pool.alloc', colour: '#1d4ed8', shape: 'circle' },
  { name: 'ordinary', title: 'pool, ordinary arrays', colour: '#7c3aed', shape: 'square' },
  { name: 'one', title: 'one thread, ordinary arrays', colour: '#f7a072', shape: 'triangle-up' },
];
const PANEL = { width: 380, height: 260, gap: 84 };

const records = readdirSync('bench/results')
  .filter((name) => /^pool-node\d+\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(`bench/results/${name}`, 'utf8')));
const [{ machine }] = records;

const text = (x, y, words, more = {}) => ({
  type: 'text',
  encode: { enter: { x: { value: x }, y: { value: y }, text: { value: words }, ...values(more) } },
});
const values = (more) =>
  Object.fromEntries(
    Object.entries({ font: FONT, fontSize: 13, fill: MUTED, ...more }).map(([key, value]) => [key, { value }]),
  );

const spec = {
  background: 'white',
  padding: 28,
  autosize: 'none',
  width: 60 + records.length * (PANEL.width + PANEL.gap) - PANEL.gap,
  height: 96 + PANEL.height + 56,
  marks: [
    text(0, 0, 'Softmax by batch size', { fontSize: 22, fontWeight: 600, fill: INK }),
    text(
      0,
      26,
      `Elements per nanosecond, rows of 1,024; ${machine.threads} threads on ${machine.cores} cores; fastest of many rounds; higher is better`,
    ),
    ...WAYS.flatMap(({ title, colour, shape }, i) => [
      {
        type: 'symbol',
        encode: {
          enter: {
            x: { value: 6 + i * 240 },
            y: { value: 54 },
            shape: { value: shape },
            size: { value: 70 },
            fill: { value: colour },
          },
        },
      },
      text(18 + i * 240, 58, title, { fill: INK }),
    ]),
    ...records.map(panel),
  ],
};

function panel(record, i) {
  const data = record.rows
    .filter(({ cols }) => cols === 1024)
    .flatMap(({ rows, cols, ns }) =>
      WAYS.map(({ name }) => ({ name, n: rows * cols, speed: (rows * cols) / ns[name].min })),
    );
  return {
    type: 'group',
    encode: {
      enter: {
        x: { value: 60 + i * (PANEL.width + PANEL.gap) },
        y: { value: 96 },
        width: { value: PANEL.width },
        height: { value: PANEL.height },
      },
    },
    data: [{ name: 'points', values: data }],
    scales: [
      { name: 'x', type: 'log', domain: [1000, 2e7], range: [0, PANEL.width] },
      { name: 'y', domain: [0, 3], range: [PANEL.height, 0] },
    ],
    axes: [
      {
        ...axis('x', 'bottom', 'elements of a call'),
        values: [1e3, 1e4, 1e5, 1e6, 1e7],
        format: '.0s',
      },
      { ...axis('y', 'left', i === 0 ? 'elements per ns' : ''), grid: true, tickCount: 6 },
    ],
    title: {
      text: `${record.machine.runtime.replace(/ \(.*/, '')}, ${record.machine.tier}`,
      anchor: 'start',
      font: FONT,
      fontSize: 14,
      color: INK,
    },
    marks: WAYS.flatMap(({ name, colour, shape }) => lines(name, colour, shape)),
  };
}

function axis(scale, orient, title) {
  const font = { labelFont: FONT, titleFont: FONT, labelColor: MUTED, titleColor: MUTED, titleFontWeight: 400 };
  return {
    scale,
    orient,
    title,
    ...font,
    labelFontSize: 12,
    titleFontSize: 12,
    domain: false,
    tickColor: LINE,
    gridColor: LINE,
  };
}

function lines(name, colour, shape) {
  const at = { x: { scale: 'x', field: 'n' }, y: { scale: 'y', field: 'speed' } };
  const own = { data: `points-${name}` };
  return [
    {
      type: 'group',
      data: [{ name: own.data, source: 'points', transform: [{ type: 'filter', expr: `datum.name === '${name}'` }] }],
      marks: [
        { type: 'line', from: own, encode: { enter: { ...at, stroke: { value: colour }, strokeWidth: { value: 2 } } } },
        {
          type: 'symbol',
          from: own,
          encode: { enter: { ...at, shape: { value: shape }, size: { value: 50 }, fill: { value: colour } } },
        },
      ],
    },
  ];
}

writeFileSync('docs/pool.svg', `${await new View(parse(spec), { renderer: 'none' }).toSVG()}\n`);

const BATCH = 'docs/batch.md';
const tables = records.map(table).join('\n');
const page = readFileSync(BATCH, 'utf8');
writeFileSync(BATCH, await between(page, BATCH, ['<!-- pool:begin -->', '<!-- pool:end -->'], tables));
console.log(`docs/pool.svg, ${BATCH}`);

function table({ machine: { cpu, cores, runtime, tier, threads }, roundTrip, rows }) {
  const us = (ns) => (ns / 1000).toFixed(ns < 1e5 ? 1 : 0);
  const cell = (way, one) => `${us(way.min)} (${us(way.p50)})${one ? `, ${(one.min / way.min).toFixed(2)}×` : ''}`;
  return `${cpu}, ${cores} cores, ${runtime}, ${tier}, ${threads} threads. A call with nothing to compute goes to a worker and
back in ${us(roundTrip.p50)} µs (median; minimum ${us(roundTrip.min)}).

| rows × cols | one thread, µs | \`pool.alloc\` | ordinary arrays |
| --- | --- | --- | --- |
${rows.map(({ rows, cols, ns }) => `| ${rows} × ${cols} | ${cell(ns.one)} | ${cell(ns.alloc, ns.one)} | ${cell(ns.ordinary, ns.one)} |`).join('\n')}
`;
}
