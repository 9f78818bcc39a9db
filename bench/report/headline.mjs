import { find, perElement, ratio, three } from './figures.mjs';
import { table } from './table.mjs';
import { shapeName, shapeOf } from '../shapes.mjs';

/** What docs/performance.md shows of the main record, between its two marks. */

const SHAPES = ['1x1000', '1x128256', '64x32000', '256x1000', '4096x64', '65536x10', '65536x2'];
const COLUMNS = [
  ['`out`', 'relaxed out'],
  ['in memory', 'relaxed alloc'],
  ['loop', 'loop'],
  ['TF.js wasm', 'tfjs-wasm whole'],
  ['… resident', 'tfjs-wasm resident'],
  ['ONNX Runtime Web', 'ort-web'],
  ['ONNX Runtime, native', 'ort-node'],
  ['PyTorch, native', 'torch'],
];

/** @param {import('../record.mjs').Record} record */
export function headlineOf(record) {
  const cell = (/** @type {string} */ op, /** @type {string} */ shape, /** @type {string} */ subject) => {
    const result = find(record, op, shape, subject);
    return result?.min === undefined ? '-' : three(perElement(result));
  };
  const rows = SHAPES.map((shape) => [
    shapeName(shapeOf(shape)),
    ...COLUMNS.map(([, subject]) => cell('softmax', shape, subject)),
  ]);
  const gains = SHAPES.map((shape) =>
    ratio(record, 'crossEntropyWithGrad', shape, 'tfjs-wasm whole', 'relaxed out'),
  ).filter((v) => v !== null);
  const { runtime, cpu, command } = record;
  return [
    `Softmax, ns per element (minimum; lower is better), on one thread of ${cpu}, ${runtime.name}, tier \`relaxed\`; made by \`${command}\` from [this record](../bench/results/${runtime.id}.json):`,
    table(['rows × columns', ...COLUMNS.map(([name]) => name)], rows),
    `For \`crossEntropyWithGrad\` TF.js wasm (valueAndGrad) needs ${three(Math.min(...gains))} to ${three(Math.max(...gains))} times as long at these shapes, end to end.`,
    '![Time per element against columns, both axes logarithmic, one line for each implementation](speed.svg)',
  ].join('\n\n');
}
