export const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif';

export const COLOURS = {
  ink: '#1f2937',
  muted: '#6b7280',
  line: '#e5e7eb',
  bar: '#c3cad5',
  truth: '#2563eb',
  guess: '#e2711d',
  band: '#dbe7fb',
  training: '#7fa6ea',
};

/**
 * `{ x: 3 }` as Vega's `{ x: { value: 3 } }`; references to data (objects) stay as they are.
 *
 * @param {Record<string, any>} properties
 */
export function constants(properties) {
  const entries = Object.entries(properties);
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'object' ? value : { value }]));
}

/**
 * A text whose top left corner is at x, y.
 *
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Record<string, any>} [more]
 */
export function textMark(x, y, text, more = {}) {
  const style = { baseline: 'top', font: FONT, fontSize: 13, fill: COLOURS.muted };
  return { type: 'text', encode: { enter: constants({ x, y, text, ...style, ...more }) } };
}

/** @param {number} x @param {number} y @param {string} text @param {number} fontSize */
export function heading(x, y, text, fontSize) {
  return textMark(x, y, text, { fontSize, fontWeight: 600, fill: COLOURS.ink });
}
