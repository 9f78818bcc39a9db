/**
 * What bench/rows.mjs times: of each case the same elements as plain rows (`base`), rows as they are (`ours`), and the loop
 * that users write (`hand`). The goals are limits on the ratio of ours to base.
 */

const [IMAGES, PIXELS] = [8, 64 * 64];
const [ROWS, COLS] = [256, 1000];
const T = 512;

export const CASES = [
  axis(21, 1),
  axis(150, 1.1),
  half('float16', 1.15),
  half('bfloat16', 1.15),
  {
    name: `float16 in place, ${ROWS}×${COLS}`,
    goal: 1.45,
    make: (engine, normal) => {
      const x = normal(ROWS * COLS, 0, 3, 1);
      const bits = Uint16Array.from(x, float16Of);
      const [out, own] = [new Float32Array(x.length), bits.slice()];
      return {
        base: subject('plain', () => engine.softmax(x, COLS, { out })),
        ours: subject(
          'in place',
          () => engine.softmax(bits, COLS, { dtype: 'float16', out: own }),
          () => Float32Array.from(own, numberOf16),
        ),
        hand: subject(
          'loop',
          () => loop(Float32Array.from(bits, numberOf16), COLS),
          (y) => y.map((p) => numberOf16(float16Of(p))),
        ),
      };
    },
  },
  mask(
    'byte mask',
    1.25,
    (n) => Uint8Array.from({ length: n }, (_, i) => ((i * 7919) % 10 < 7 ? 1 : 0)),
    (m, r, c) => m[r * COLS + c],
  ),
  mask(
    'packed mask',
    1.15,
    () => Uint32Array.from({ length: ROWS * 32 }, (_, i) => Math.imul(i + 1, 2654435761)),
    (m, r, c) => (m[r * 32 + (c >> 5)] >>> (c & 31)) & 1,
  ),
  causal('resident', 0.6, (engine, x) => {
    const own = engine.alloc(x.length);
    own.set(x);
    return [own, engine.alloc(x.length)];
  }),
  causal('ordinary arrays', 0.72, (_, x) => [x, new Float32Array(x.length)]),
  {
    name: `crossEntropyWithGrad [${IMAGES}, 21, 64, 64], byte labels, of softmax`,
    goal: 1.6,
    make: (engine, normal) => {
      const x = normal(IMAGES * 21 * PIXELS, 0, 3, 1);
      const labels = Uint8Array.from({ length: IMAGES * PIXELS }, (_, i) => (i % 11 === 0 ? 255 : (i * 7) % 21));
      const out = new Float32Array(x.length);
      const grad = new Float32Array(x.length);
      return {
        base: subject('softmax', () => engine.softmax(x, 21, { inner: PIXELS, out })),
        ours: subject(
          'loss',
          () => engine.crossEntropyWithGrad(x, labels, 21, { inner: PIXELS, ignoreIndex: 255, out: grad }).dlogits,
        ),
        hand: subject('loop', () => lossLoop(x, labels, 21)),
      };
    },
  },
];

/** The channels of images. */
function axis(cols, goal) {
  return {
    name: `[${IMAGES}, ${cols}, 64, 64] along its channels`,
    goal,
    make: (engine, normal) => {
      const x = normal(IMAGES * cols * PIXELS, 0, 3, 1);
      const [out, own] = [new Float32Array(x.length), new Float32Array(x.length)];
      return {
        base: subject('last', () => engine.softmax(x, cols, { out })),
        ours: subject('inner', () => engine.softmax(x, cols, { inner: PIXELS, out: own })),
        hand: subject('loop', () => axisLoop(x, cols)),
      };
    },
  };
}

function half(dtype, goal) {
  const [to, from] = dtype === 'float16' ? [float16Of, numberOf16] : [bfloat16Of, numberOfB];
  return {
    name: `${dtype} in, float32 out, ${ROWS}×${COLS}`,
    goal,
    make: (engine, normal) => {
      const x = normal(ROWS * COLS, 0, 3, 1);
      const bits = Uint16Array.from(x, to);
      const [out, own] = [new Float32Array(x.length), new Float32Array(x.length)];
      return {
        base: subject('plain', () => engine.softmax(x, COLS, { out })),
        ours: subject(dtype, () => engine.softmax(bits, COLS, { dtype, out: own })),
        hand: subject('loop', () => loop(Float32Array.from(bits, from), COLS)),
      };
    },
  };
}

function mask(name, goal, maskOf, takesPart) {
  return {
    name: `${name}, ${ROWS}×${COLS}`,
    goal,
    make: (engine, normal) => {
      const x = normal(ROWS * COLS, 0, 3, 1);
      const of = maskOf(x.length);
      const [out, own] = [new Float32Array(x.length), new Float32Array(x.length)];
      return {
        base: subject('plain', () => engine.softmax(x, COLS, { out })),
        ours: subject(name, () => engine.softmax(x, COLS, { mask: of, out: own })),
        hand: subject('loop', () =>
          loop(
            x.map((v, i) => (takesPart(of, Math.floor(i / COLS), i % COLS) ? v : -Infinity)),
            COLS,
          ),
        ),
      };
    },
  };
}

function causal(where, goal, place) {
  return {
    name: `causal ends, ${T}×${T}, ${where}, of the whole square`,
    goal,
    make: (engine, normal) => {
      const x = normal(T * T, 0, 3, 1);
      const [from, out] = place(engine, x);
      const ends = Int32Array.from({ length: T }, (_, r) => r + 1);
      return {
        base: subject('square', () => engine.softmax(from, T, { out })),
        ours: subject('ends', () => engine.softmax(from, T, { ends, out })),
        hand: subject('loop', () =>
          loop(
            x.map((v, i) => (i % T <= Math.floor(i / T) ? v : -Infinity)),
            T,
          ),
        ),
      };
    },
  };
}

/** @returns {import('../suite/measure.mjs').Subject & { results: () => ArrayLike<number> }} */
function subject(id, call, read = (y) => y) {
  return { id, call, results: () => read(call()) };
}

/** The loops that people write. */
function loop(x, cols) {
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += cols) {
    let max = -Infinity;
    for (let i = start; i < start + cols; i++) if (x[i] > max) max = x[i];
    let sum = 0;
    for (let i = start; i < start + cols; i++) sum += y[i] = Math.exp(x[i] - max);
    for (let i = start; i < start + cols; i++) y[i] /= sum;
  }
  return y;
}

function axisLoop(x, cols) {
  const y = new Float32Array(x.length);
  for (let image = 0; image < x.length; image += cols * PIXELS) {
    for (let p = image; p < image + PIXELS; p++) {
      let max = -Infinity;
      for (let c = 0; c < cols; c++) max = Math.max(max, x[p + c * PIXELS]);
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += y[p + c * PIXELS] = Math.exp(x[p + c * PIXELS] - max);
      for (let c = 0; c < cols; c++) y[p + c * PIXELS] /= sum;
    }
  }
  return y;
}

function lossLoop(x, labels, cols) {
  const y = axisLoop(x, cols);
  const kept = labels.reduce((count, label) => count + (label === 255 ? 0 : 1), 0);
  labels.forEach((label, r) => {
    const p = Math.floor(r / PIXELS) * cols * PIXELS + (r % PIXELS);
    for (let c = 0; c < cols; c++) {
      const at = p + c * PIXELS;
      y[at] = label === 255 ? 0 : (y[at] - (c === label ? 1 : 0)) / kept;
    }
  });
  return y;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export function float16Of(x) {
  const size = Math.min(Math.abs(x), 65536);
  const exponent = Math.max(Math.floor(Math.log2(size || 2 ** -30)), -14);
  const count = size * 2 ** (10 - exponent) + 2 ** 52 - 2 ** 52;
  return (x < 0 ? 0x8000 : 0) | ((exponent + 14) * 1024 + count);
}
export function numberOf16(half) {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}
function bfloat16Of(x) {
  float[0] = x;
  return (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
}
function numberOfB(half) {
  bits[0] = half << 16;
  return float[0];
}
