import { describe, expect, it } from 'vitest';
import { accuracy, first, hardest, logitsOf, testDigits } from '../../examples/demo/digits/network.js';
import { centreOfMass, rasterise, SIDE, type Stroke } from '../../examples/demo/digits/rasterise.js';
import { fromQuery, initialState, toQuery } from '../../examples/demo/derivation/state.js';
import { loadMnist } from '../../examples/mnist/data.mjs';

// What the demo page computes besides this library's functions; test/demo/ clicks through the page itself.

const { test } = loadMnist();

function pixelsOf(r: number): Float32Array {
  return Float32Array.from(test.pixels.subarray(r * test.features, (r + 1) * test.features), (p) => p / 255);
}

function guess(pixels: Float32Array): number {
  const logits = logitsOf(pixels);
  return logits.indexOf(Math.max(...logits));
}

/** Horizontal strokes through the inked pixels of a picture, in units of their own. */
function strokesOver(pixels: Float32Array, unit: number, shift: number): Stroke[] {
  const at = (k: number) => unit * (k + 0.5) + shift;
  const strokes: Stroke[] = [];
  pixels.forEach((value, k) => {
    // Half a pen's width within the digit, so that the pen paints what was there.
    if (value < 0.95) return;
    strokes.push([{ x: at(k % SIDE), y: at(Math.floor(k / SIDE)) }]);
  });
  return strokes;
}

describe('the network of the page', () => {
  it('has the accuracy that it states, on all test digits', () => {
    let right = 0;
    for (let r = 0; r < test.count; r++) if (guess(pixelsOf(r)) === test.labels[r]) right++;
    expect(test.count).toBe(testDigits);
    expect(right / test.count).toBe(accuracy);
    expect(accuracy).toBeGreaterThan(0.97);
  });

  it('shows digits of the test set', () => {
    for (const { index, label, pixels } of [...first, ...hardest]) {
      expect(test.labels[index]).toBe(label);
      expect(pixels).toEqual(pixelsOf(index));
    }
    expect(first.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(hardest.every(({ label, pixels }) => guess(pixels) !== label)).toBe(true);
  });
});

describe('a drawing as MNIST has its digits', () => {
  const corner: Stroke[] = [
    [
      { x: 3, y: 1 },
      { x: 3, y: 9 },
      { x: 7, y: 9 },
    ],
  ];

  it('is 20 pixels long, with its centre of mass in the middle', () => {
    const pixels = rasterise(corner);
    const rows = Array.from({ length: SIDE }, (_, y) => Math.max(...pixels.subarray(y * SIDE, (y + 1) * SIDE)));
    const inked = rows.filter((most) => most > 0.4).length;
    expect(inked).toBeGreaterThanOrEqual(19);
    expect(inked).toBeLessThanOrEqual(21);
    const { x, y } = centreOfMass(pixels);
    expect(x).toBeCloseTo(SIDE / 2, 1);
    expect(y).toBeCloseTo(SIDE / 2, 1);
  });

  it('does not depend on where and how large it was drawn', () => {
    const moved = corner.map((stroke) => stroke.map(({ x, y }) => ({ x: 40 * x - 7, y: 40 * y + 500 })));
    const [a, b] = [rasterise(corner), rasterise(moved)];
    a.forEach((value, k) => expect(b[k]).toBeCloseTo(value, 5));
  });

  it('is empty where nothing was drawn, a dot where the pen only touched', () => {
    expect(rasterise([])).toEqual(new Float32Array(SIDE * SIDE));
    const dot = rasterise([[{ x: 0.1, y: 0.9 }]]);
    expect(centreOfMass(dot)).toEqual({ x: SIDE / 2, y: SIDE / 2 });
  });

  it('keeps what the test digits show', () => {
    let right = 0;
    const count = 500;
    for (let r = 0; r < count; r++) {
      if (guess(rasterise(strokesOver(pixelsOf(r), 0.03, -0.2))) === test.labels[r]) right++;
    }
    expect(right / count).toBeGreaterThan(0.9);
  });
});

describe('the state in the address', () => {
  it('comes back as it was', () => {
    const state = {
      logits: [1 / 3, -2.5, 1e-7, 123456.789, 0].map(Math.fround),
      masked: [false, true, false, false, true],
      target: 4,
      temperature: Math.fround(0.7),
      rate: 10,
      sampling: { temperature: 0.8, minP: 0.05, topK: 3, topP: 0.95 },
    };
    const back = fromQuery(toQuery(state));
    expect({ ...back, logits: back.logits.map(Math.fround) }).toEqual({
      ...state,
      temperature: expect.closeTo(0.7, 6) as number,
    });
    expect(toQuery(back)).toBe(toQuery(state));
    expect(toQuery(state)).toContain('&draw=0.8,0.05,3,0.95');
    expect(toQuery(initialState())).not.toContain('draw');
    expect(fromQuery(toQuery(initialState()))).toEqual(initialState());
  });

  it.each([
    '',
    '?z=1',
    '?z=a,b',
    '?z=1,2e9',
    '?z=,,&t=-1',
    '?z=1,2,3,4,5,6,7,8,9',
    '?z=1,NaN',
    '?T=0&eta=-1&t=1.5',
    '?draw=0,-1,17,0',
  ])('is the first one where the address makes no sense: %s', (query) =>
    expect(fromQuery(query)).toEqual(initialState()),
  );

  it('is taken as far as it makes sense', () => {
    expect(fromQuery('?z=1,x2&t=2&T=0&eta=x')).toEqual({
      logits: [1, 2],
      masked: [false, true],
      target: 1,
      temperature: 1,
      rate: 1,
      sampling: initialState().sampling,
    });
    expect(fromQuery('?draw=2,x,3').sampling).toEqual({ ...initialState().sampling, temperature: 2, topK: 3 });
  });
});
