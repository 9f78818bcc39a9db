import { drawSvg, legend, linePanel, text, THEMES } from './draw.mjs';
import { table } from './table.mjs';

/** What docs/batch.md shows of bench/results/pool-node*.json: softmax by batch size, on one thread and in the pool. */

const WAYS = [
  { id: 'alloc', name: 'pool, arrays of pool.alloc', colour: '#1d4ed8', shape: 'circle' },
  { id: 'ordinary', name: 'pool, ordinary arrays', colour: '#7c3aed', shape: 'square' },
  { id: 'one', name: 'one thread, ordinary arrays', colour: '#f7a072', shape: 'triangle-up' },
];
/** The rows that one line goes through. */
const COLS = 1024;
const PANEL = { width: 380, height: 260, gap: 84, left: 60 };
const LEGEND = { top: 50, columns: 3, width: 240, line: 24 };
const TOP = 122;
const AXES = {
  x: { domain: [1000, 2e7], values: [1e3, 1e4, 1e5, 1e6, 1e7], format: '.0s', title: 'elements of a call' },
  y: /** @type {const} */ ({ type: 'linear', domain: [0, 3], values: [0, 0.5, 1, 1.5, 2, 2.5, 3], format: '.1f' }),
};

/** @param {any[]} records */
export function drawPool(records) {
  const { ink, muted } = THEMES.light;
  const [{ threads, system }] = records;
  const cores = /\d+ cores/.exec(system)?.[0];
  const under = `Elements per nanosecond, rows of 1,024; ${threads} threads on ${cores}; fastest of many rounds; higher is better`;
  const width = PANEL.left + records.length * (PANEL.width + PANEL.gap) - PANEL.gap;
  return drawSvg('light', width, TOP + PANEL.height + 42, [
    text(0, 0, 'Softmax by batch size', { fontSize: 22, fontWeight: 600, fill: ink }),
    text(0, 28, under, { fill: muted }),
    ...legend(WAYS, LEGEND, 'light'),
    ...records.flatMap(({ runtime, tier, results }, k) => {
      const place = { x: PANEL.left + k * (PANEL.width + PANEL.gap), y: TOP, width: PANEL.width, height: PANEL.height };
      const lines = WAYS.map((way) => ({
        ...way,
        values: results
          .filter(({ cols }) => cols === COLS)
          .map(({ rows, cols, ns }) => ({ x: rows * cols, y: (rows * cols) / ns[way.id].min })),
      }));
      return linePanel(`${runtime.name}, ${tier}`, place, AXES, lines, 'light');
    }),
  ]);
}

const us = (/** @type {number} */ ns) => (ns / 1000).toFixed(ns < 1e5 ? 1 : 0);

/** @param {any[]} records */
export function poolOf(records) {
  return records.map(ofOne).join('\n\n');
}

/** @param {any} record */
function ofOne({ cpu, system, runtime, tier, threads, roundTrip, published, slept, results, losses }) {
  const cell = (way, one) => `${us(way.min)} (${us(way.p50)})${one ? `, ${(one.min / way.min).toFixed(2)}×` : ''}`;
  const rows = results.map(({ rows, cols, ns }) => [
    `${rows} × ${cols}`,
    cell(ns.one),
    cell(ns.alloc, ns.one),
    cell(ns.shared, ns.one),
    cell(ns.ordinary, ns.one),
  ]);
  const lossRows = losses.map(({ rows, cols, ns }) => [`${rows} × ${cols}`, cell(ns.one), cell(ns.alloc, ns.one)]);
  return `${cpu}, ${system}, ${runtime.name} (${runtime.engine}), ${tier}, ${threads} threads. A call with nothing to compute goes to a worker and
back in ${us(roundTrip.p50)} µs (median; minimum ${us(roundTrip.min)}), and is published after ${us(published.p50)} (${us(published.min)}). Where the calling thread
has slept for 16 ms that takes ${us(slept.pool.p50)} µs, and a plain softmax of 24 numbers ${us(slept.plain.p50)}.

${table(['rows × cols', 'one thread, µs', '`pool.alloc`', 'SharedArrayBuffer', 'ordinary arrays'], rows, 5)}

${table(['`crossEntropyWithGrad`', 'one thread, µs', '`pool.alloc`'], lossRows, 3)}`;
}
