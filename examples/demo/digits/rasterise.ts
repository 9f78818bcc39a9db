/** A pen stroke: points in any unit, x to the right, y down. */
export type Stroke = { x: number; y: number }[];

export const SIDE = 28;
/** MNIST's digits are scaled to this box, then moved until their centre of mass is the middle of the picture. */
const BOX = 20;
/** Width of a stroke in pixels of the picture, about that of the pens behind MNIST. */
const PEN = 2.2;

/**
 * Strokes as MNIST has its digits: the longer side of all ink 20 pixels, the centre of mass in the middle of 28 × 28.
 * The pen's width does not depend on how large the digit was drawn.
 *
 * @returns f32[28 · 28], 0 (paper) to 1 (ink); all 0 where nothing was drawn
 */
export function rasterise(strokes: Stroke[]): Float32Array {
  const points = strokes.flat();
  if (points.length === 0) return new Float32Array(SIDE * SIDE);
  const [left, right] = extremes(points.map(({ x }) => x));
  const [top, bottom] = extremes(points.map(({ y }) => y));
  const size = Math.max(right - left, bottom - top);
  const scale = size === 0 ? 1 : (BOX - PEN) / size;
  const place = (dx: number, dy: number) =>
    strokes.map((stroke) =>
      stroke.map(({ x, y }) => ({
        x: (x - (left + right) / 2) * scale + SIDE / 2 + dx,
        y: (y - (top + bottom) / 2) * scale + SIDE / 2 + dy,
      })),
    );
  const mass = centreOfMass(ink(place(0, 0)));
  return ink(place(SIDE / 2 - mass.x, SIDE / 2 - mass.y));
}

/** Where the ink is, in pixels; the middle of the first pixel is (0.5, 0.5). */
export function centreOfMass(pixels: Float32Array): { x: number; y: number } {
  let [sum, x, y] = [0, 0, 0];
  pixels.forEach((value, k) => {
    sum += value;
    x += value * ((k % SIDE) + 0.5);
    y += value * (Math.floor(k / SIDE) + 0.5);
  });
  return { x: x / sum, y: y / sum };
}

/** Full ink where a pixel's middle is well within the pen's width of a stroke, falling to none over one pixel. */
function ink(strokes: Stroke[]): Float32Array {
  const pixels = new Float32Array(SIDE * SIDE);
  const reach = PEN / 2 + 0.5;
  for (const stroke of strokes) {
    stroke.forEach((to, k) => {
      const from = stroke[Math.max(k - 1, 0)]!;
      const [x0, x1] = span(from.x, to.x, reach);
      const [y0, y1] = span(from.y, to.y, reach);
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++) {
          const value = Math.min(reach - distance({ x: x + 0.5, y: y + 0.5 }, from, to), 1);
          if (value > pixels[y * SIDE + x]!) pixels[y * SIDE + x] = value;
        }
      }
    });
  }
  return pixels;
}

/** The pixels from `a` to `b` and `reach` more on both sides. */
function span(a: number, b: number, reach: number): [number, number] {
  return [Math.max(Math.floor(Math.min(a, b) - reach), 0), Math.min(Math.ceil(Math.max(a, b) + reach), SIDE)];
}

type Point = Stroke[number];

/** From `p` to the segment between `a` and `b`. */
function distance(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(Math.max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0), 1);
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

function extremes(values: number[]): [number, number] {
  return values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
}
