import { COLOURS, constants, FONT, textMark } from './picture-style.mjs';

/** @typedef {import('./picture.mjs').Curve} Curve */

/** The training curve has about this many points; each stands for several minibatches. */
const POINTS = 300;
/** Room for the labels of the y axis. */
const LEFT = 44;

/**
 * Training loss (a band from the lowest to the highest minibatch around their mean) and test loss over the epochs.
 *
 * @param {Curve} curve
 * @param {{ top: number, width: number, height: number }} place
 */
export function lossCurve(curve, { top, width, height }) {
  const span = Math.ceil(curve.train.length / POINTS);
  const epochs = curve.test.length;
  const training = condense(curve, span);
  const lowest = Math.min(...training.map(({ low }) => low), ...curve.test.map(({ loss }) => loss));
  const x = { scale: 'x', field: 'epoch' };
  const group = {
    type: 'group',
    encode: { enter: constants({ x: LEFT, y: top, width: width - LEFT, height }) },
    // Axes take their lengths from the signals of these names.
    signals: [
      { name: 'width', value: width - LEFT },
      { name: 'height', value: height },
    ],
    data: [
      { name: 'training', values: training },
      { name: 'test', values: curve.test },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: [0, epochs], range: [0, width - LEFT] },
      { name: 'y', type: 'log', domain: [Math.max(lowest * 0.9, 0.02), 2.5], range: [height, 0], clamp: true },
    ],
    axes: axes(),
    marks: [
      mark('area', 'training', {
        x,
        y: { scale: 'y', field: 'low' },
        y2: { scale: 'y', field: 'high' },
        fill: COLOURS.band,
      }),
      mark('line', 'training', { x, y: { scale: 'y', field: 'mean' }, stroke: COLOURS.training, strokeWidth: 1.5 }),
      mark('line', 'test', { x, y: { scale: 'y', field: 'loss' }, stroke: COLOURS.guess, strokeWidth: 2 }),
      mark('symbol', 'test', { x, y: { scale: 'y', field: 'loss' }, fill: COLOURS.guess, size: 36 }),
      ...legend(width - LEFT, span),
    ],
  };
  return [textMark(0, top - 26, 'cross-entropy (natural logarithm, log scale)'), group];
}

/** @param {string} type @param {string} data @param {Record<string, any>} properties */
function mark(type, data, properties) {
  return { type, from: { data }, encode: { enter: constants(properties) } };
}

function axes() {
  const style = {
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    labelColor: COLOURS.muted,
    titleColor: COLOURS.muted,
    domainColor: COLOURS.muted,
    gridColor: COLOURS.line,
    ticks: false,
    labelPadding: 8,
  };
  const y = {
    orient: 'left',
    scale: 'y',
    grid: true,
    domain: false,
    values: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2],
    format: '~g',
  };
  const x = { orient: 'bottom', scale: 'x', title: 'epochs', tickCount: 10, tickMinStep: 1, format: 'd' };
  return [
    { ...style, ...y },
    { ...style, ...x },
  ];
}

/** @param {number} right @param {number} span */
function legend(right, span) {
  const training = span === 1 ? 'training, each minibatch' : `training, mean and range of ${span} minibatches`;
  const x = right - 340;
  return [
    { type: 'rect', encode: { enter: constants({ x, y: 11, width: 24, height: 12, fill: COLOURS.band }) } },
    {
      type: 'rule',
      encode: { enter: constants({ x, x2: x + 24, y: 17, stroke: COLOURS.training, strokeWidth: 1.5 }) },
    },
    textMark(x + 34, 11, training, { fill: COLOURS.ink }),
    { type: 'rule', encode: { enter: constants({ x, x2: x + 24, y: 39, stroke: COLOURS.guess, strokeWidth: 2 }) } },
    { type: 'symbol', encode: { enter: constants({ x: x + 12, y: 39, fill: COLOURS.guess, size: 36 }) } },
    textMark(x + 34, 33, 'test, after each epoch', { fill: COLOURS.ink }),
  ];
}

/**
 * Each `span` minibatches as one point.
 *
 * @param {Curve} curve
 * @param {number} span
 */
function condense({ train }, span) {
  const points = [];
  for (let i = 0; i < train.length; i += span) {
    const part = train.slice(i, i + span);
    const losses = part.map(({ loss }) => loss);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / part.length;
    const epoch = part.reduce((sum, point) => sum + point.epoch, 0) / part.length;
    points.push({ epoch, mean, low: Math.min(...losses), high: Math.max(...losses) });
  }
  return points;
}
