import { parse, View } from 'vega';

/** What charts of lines have in common, as SVG by Vega; axes are logarithmic where they do not say otherwise. */

const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif';
export const THEMES = {
  light: { ink: '#1f2937', muted: '#6b7280', line: '#e5e7eb', page: '#ffffff' },
  dark: { ink: '#e6edf3', muted: '#9aa4b2', line: '#2b3340', page: '#0d1117' },
};

/**
 * @typedef {keyof typeof THEMES} Theme
 * @typedef {{ name: string, colour: string, shape: string, dash?: number[], wide?: boolean }} Look
 *   wide: where another line is likely to fall together with it
 * @typedef {{ type?: 'log' | 'linear', domain: number[], values: number[], title?: string, format?: string }} Axis
 */

const lineWidth = (/** @type {boolean} */ wide) => (wide ? 6 : 2);
const symbolSize = (/** @type {boolean} */ wide) => (wide ? 140 : 58);

/** @param {Theme} theme @param {number} width @param {number} height @param {any[]} marks */
export function drawSvg(theme, width, height, marks) {
  /** @type {any} */
  const spec = { background: THEMES[theme].page, autosize: 'none', padding: 28, width, height, marks };
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}

/**
 * @param {Look[]} looks
 * @param {{ top: number, columns: number, width: number, line: number }} place
 * @param {Theme} theme
 */
export function legend(looks, { top, columns, width, line }, theme) {
  const { ink, page } = THEMES[theme];
  return looks.flatMap(({ name, colour, shape, dash, wide = false }, k) => {
    const x = (k % columns) * width;
    const y = top + Math.floor(k / columns) * line;
    const rule = constants({ x, x2: x + 28, y: y + 8, y2: y + 8, stroke: colour, strokeWidth: lineWidth(wide) });
    return [
      { type: 'rule', encode: { enter: { ...rule, ...(dash ? { strokeDash: { value: dash } } : {}) } } },
      {
        type: 'symbol',
        encode: {
          enter: constants({
            x: x + 14,
            y: y + 8,
            shape,
            fill: colour,
            stroke: page,
            strokeWidth: 1,
            size: symbolSize(wide),
          }),
        },
      },
      text(x + 36, y, name, { fill: ink }),
    ];
  });
}

/**
 * Lines in axes of their own; those with fewer than two points are left out, and the first are drawn last, on top.
 *
 * @param {string} title
 * @param {{ x: number, y: number, width: number, height: number }} place
 * @param {{ x: Axis, y: Axis }} axes
 * @param {(Look & { values: { x: number, y: number }[] })[]} lines
 * @param {Theme} theme
 * @param {any[]} [under] marks below the lines
 */
export function linePanel(title, { x, y, width, height }, axes, lines, theme, under = []) {
  const { ink } = THEMES[theme];
  const drawn = lines.map((line, k) => ({ ...line, data: `line${k}` })).filter(({ values }) => values.length > 1);
  drawn.reverse();
  const group = {
    type: 'group',
    encode: { enter: constants({ x, y, width, height }) },
    signals: [
      { name: 'width', value: width },
      { name: 'height', value: height },
    ],
    data: drawn.map(({ data, values }) => ({ name: data, values })),
    scales: [
      { name: 'x', type: axes.x.type ?? 'log', domain: axes.x.domain, range: [0, width] },
      { name: 'y', type: axes.y.type ?? 'log', domain: axes.y.domain, range: [height, 0] },
    ],
    axes: axesOf(axes, theme),
    marks: [...under, ...drawn.flatMap((line) => lineMarks(line, theme))],
  };
  return [text(x, y - 34, title, { fontSize: 16, fontWeight: 600, fill: ink }), group];
}

/** @param {Look & { data: string }} line @param {Theme} theme */
function lineMarks({ data, colour, shape, dash, wide = false }, theme) {
  const { page } = THEMES[theme];
  const point = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  const stroke = constants({ stroke: colour, strokeWidth: lineWidth(wide), strokeJoin: 'round' });
  const symbol = constants({ shape, fill: colour, stroke: page, strokeWidth: 1, size: symbolSize(wide) });
  const line = { ...point, ...stroke, ...(dash ? { strokeDash: { value: dash } } : {}) };
  return [
    { type: 'line', from: { data }, encode: { enter: line } },
    { type: 'symbol', from: { data }, encode: { enter: { ...point, ...symbol } } },
  ];
}

/** @param {{ x: Axis, y: Axis }} axes @param {Theme} theme */
function axesOf({ x, y }, theme) {
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
  const shown = (/** @type {Axis} */ { values, title, format = ',' }) => ({
    values,
    format,
    ...(title ? { title } : {}),
  });
  return [
    { ...style, orient: 'left', scale: 'y', grid: true, domain: false, ...shown(y) },
    { ...style, orient: 'bottom', scale: 'x', domainColor: muted, ...shown(x) },
  ];
}

/** `{ x: 3 }` as Vega's `{ x: { value: 3 } }`. @param {Record<string, any>} properties */
export function constants(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value }]));
}

/** A text whose top left corner is at x, y. @param {number} x @param {number} y @param {string} content @param {object} [more] */
export function text(x, y, content, more = {}) {
  const style = { baseline: 'top', font: FONT, fontSize: 13 };
  return { type: 'text', encode: { enter: constants({ x, y, text: content, ...style, ...more }) } };
}
