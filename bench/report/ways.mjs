import { shapeName } from '../shapes.mjs';
import { drawSvg, legend, linePanel, text, THEMES } from './draw.mjs';
import { duration, three } from './figures.mjs';
import { table } from './table.mjs';

/** What docs/batch.md shows of bench/results/ways.json: the throughput of each way by the size of the batch. */

/** @typedef {{ way: string, rows: number, cols: number, min: number, p50: number }} Timing in ns */

/** @type {{ id: string, name: string, colour: string, shape: string, dash?: number[] }[]} */
const WAYS = [
  { id: 'memory', name: 'function, in memory', colour: '#3b82f6', shape: 'circle' },
  { id: 'out', name: 'function, `out`', colour: '#3b82f6', shape: 'circle', dash: [5, 3] },
  { id: 'pool alloc', name: 'pool, `pool.alloc`', colour: '#a855f7', shape: 'square' },
  { id: 'pool out', name: 'pool, `out`', colour: '#a855f7', shape: 'square', dash: [5, 3] },
  { id: 'cli 1', name: 'command line, 1 thread', colour: '#f97316', shape: 'triangle-up' },
  { id: 'cli all', name: 'command line, all', colour: '#f97316', shape: 'triangle-up', dash: [5, 3] },
  { id: 'sql', name: 'SQL, `softmax(x)`', colour: '#16a34a', shape: 'diamond' },
  { id: 'plain sql', name: 'plain SQL', colour: '#8b95a5', shape: 'diamond', dash: [5, 3] },
];
const PANEL = { width: 430, height: 330, gap: 70, left: 58 };
const LEGEND = { top: 72, columns: 4, width: 235, line: 24 };
const TOP = 188;
/** A process start for 1,000 elements, and the caches at their best. */
const SPEEDS = [3e3, 5e9];

/** @param {any} record */
const colsOf = ({ results }) => [...new Set(results.map(({ cols }) => cols))];
/** @param {any} record @param {number} cols @param {string} way @returns {Timing[]} */
const timingsOf = ({ results }, cols, way) => results.filter((r) => r.cols === cols && r.way === way);
const elements = (/** @type {Timing} */ { rows, cols }) => rows * cols;
/** Elements a second. @param {Timing} timing @param {'min' | 'p50'} [which] */
const speed = (timing, which = 'min') => (1e9 * elements(timing)) / timing[which];
/** @param {any} record */
const waysOf = ({ results }) => WAYS.filter(({ id }) => results.some(({ way }) => way === id));

/** Elements per second against elements, a panel for each length of a row. @param {any} record */
export function drawWays(record) {
  const theme = 'light';
  const { ink, muted } = THEMES[theme];
  const ways = waysOf(record).map((way) => ({ ...way, name: way.name.replaceAll('`', '') }));
  const panels = colsOf(record);
  const x = { domain: [700, 1e8], values: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8], title: 'elements of a batch', format: '~s' };
  const y = { domain: SPEEDS, values: [1e4, 1e5, 1e6, 1e7, 1e8, 1e9], format: '~s' };
  const under = `Elements per second against elements of a batch, both axes logarithmic; higher is better. ${record.cpu}, ${record.runtime.name}, ${record.threads} threads`;
  return drawSvg(theme, PANEL.left + panels.length * (PANEL.width + PANEL.gap) - PANEL.gap, TOP + PANEL.height + 42, [
    text(0, 0, 'Softmax by every way', { fontSize: 22, fontWeight: 600, fill: ink }),
    text(0, 34, under, { fill: muted }),
    ...legend(ways, LEGEND, theme),
    ...panels.flatMap((cols, k) => {
      const place = { x: PANEL.left + k * (PANEL.width + PANEL.gap), y: TOP, width: PANEL.width, height: PANEL.height };
      const lines = ways.map((way) => ({
        ...way,
        values: timingsOf(record, cols, way.id).map((timing) => ({ x: elements(timing), y: speed(timing) })),
      }));
      return linePanel(`rows of ${cols.toLocaleString('en')}`, place, { x, y }, lines, theme);
    }),
  ]);
}

/** @param {any} record */
export function waysOfBatch(record) {
  const { cpu, system, runtime, tier, threads, clickhouse, poolStart, missing, command, commit, date } = record;
  const sql = clickhouse === null ? '' : `, ClickHouse ${clickhouse}`;
  return [
    '![Elements per second against elements of a batch, one line for each way](ways.svg)',
    `Million elements a second, by the fastest call (by the median one), on ${cpu}, ${system}, ${runtime.name}, tier \`${tier}\`, ${threads} threads${sql}; \`${command}\`, commit ${commit}, ${date}. To start a pool of ${threads} threads takes ${duration(poolStart.p50)}.`,
    ...missing.map(({ way, reason }) => `Not measured: ${way} (${reason}).`),
    ...colsOf(record).map((cols) => speedsOf(record, cols)),
    'From how many elements on, in every batch that was measured:',
    crossingsOf(record),
  ].join('\n\n');
}

/** @param {any} record @param {number} cols */
function speedsOf(record, cols) {
  const ways = waysOf(record);
  const million = (/** @type {number} */ v) => three(v / 1e6);
  const rows = timingsOf(record, cols, WAYS[0].id).map((first) => [
    shapeName({ id: '', use: '', ...first }),
    ...ways.map(({ id }) => {
      const timing = timingsOf(record, cols, id).find((r) => r.rows === first.rows);
      return timing === undefined ? '-' : `${million(speed(timing))} (${million(speed(timing, 'p50'))})`;
    }),
  ]);
  return table(['rows × columns', ...ways.map(({ name }) => name)], rows);
}

/** @param {any} record */
function crossingsOf(record) {
  const panels = colsOf(record);
  const faster = (/** @type {string} */ way, /** @type {string} */ other) => (/** @type {number} */ cols) => {
    const others = timingsOf(record, cols, other);
    return from(timingsOf(record, cols, way), (timing, i) => others[i] !== undefined && timing.min < others[i].min);
  };
  const half = (/** @type {string} */ way) => (/** @type {number} */ cols) => {
    const timings = timingsOf(record, cols, way);
    const best = Math.max(...timings.map((timing) => speed(timing)));
    return from(timings, (timing) => speed(timing) >= best / 2);
  };
  /** @type {[string, (cols: number) => string][]} */
  const lines = [
    ['`pool.alloc` is faster than the function in memory', faster('pool alloc', 'memory')],
    ['the pool with `out` is faster than the function with `out`', faster('pool out', 'out')],
    ['the command line has half of its best speed', half('cli 1')],
    ['the command line is faster on all threads than on one', faster('cli all', 'cli 1')],
    ['SQL with `softmax(x)` has half of its best speed', half('sql')],
    ['SQL with `softmax(x)` is faster than plain SQL', faster('sql', 'plain sql')],
  ];
  return table(
    ['', ...panels.map((cols) => `rows of ${cols.toLocaleString('en')}`)],
    lines.map(([what, at]) => [what, ...panels.map((cols) => at(cols))]),
  );
}

/** The size from which on all batches are so. @param {Timing[]} timings @param {(timing: Timing, i: number) => boolean} holds */
function from(timings, holds) {
  const first = timings.findLastIndex((timing, i) => !holds(timing, i)) + 1;
  return first === timings.length ? 'no' : elements(timings[first]).toLocaleString('en');
}
