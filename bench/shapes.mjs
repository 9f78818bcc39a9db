/**
 * The shapes that are timed, named after their use.
 *
 * @typedef {{ id: string, rows: number, cols: number, use: string }} Shape
 */

/** @type {Shape[]} */
export const SHAPES = [
  { id: '1x10', rows: 1, cols: 10, use: 'one image of a digit' },
  { id: '1x1000', rows: 1, cols: 1000, use: 'one photograph, the classes of ImageNet' },
  { id: '1x32000', rows: 1, cols: 32_000, use: 'one token, a vocabulary of 32,000' },
  { id: '1x128256', rows: 1, cols: 128_256, use: 'one decode step, a vocabulary of 128,256' },
  { id: '32x1000', rows: 32, cols: 1000, use: 'a batch of photographs' },
  { id: '256x1000', rows: 256, cols: 1000, use: 'a large batch of photographs' },
  { id: '64x32000', rows: 64, cols: 32_000, use: 'a training batch of tokens' },
  { id: '16x128256', rows: 16, cols: 128_256, use: 'a training batch of tokens, a large vocabulary' },
  { id: '2048x128', rows: 2048, cols: 128, use: 'attention over 128 positions' },
  { id: '4096x64', rows: 4096, cols: 64, use: 'attention over 64 positions' },
  { id: '16384x16', rows: 16_384, cols: 16, use: 'a policy over 16 actions' },
  { id: '65536x10', rows: 65_536, cols: 10, use: 'a data set of digits' },
  { id: '65536x2', rows: 65_536, cols: 2, use: 'yes or no for a data set' },
  { id: '8192x1024', rows: 8192, cols: 1024, use: 'a batch too large for the caches (2 × 32 MiB)' },
];

/** @param {string} id as `32x1000` or `32×1000` */
export function shapeOf(id) {
  const shape = SHAPES.find((s) => s.id === id.replace('×', 'x'));
  if (shape === undefined) throw new Error(`no shape ${id}: ${SHAPES.map((s) => s.id).join(', ')}`);
  return shape;
}

/** `65,536 × 10` @param {Shape} shape */
export function shapeName({ rows, cols }) {
  return `${rows.toLocaleString('en')} × ${cols.toLocaleString('en')}`;
}
