export interface Shape {
  rows: number;
  cols: number;
}

/** Digits, a small vocabulary, ImageNet's classes, a language model's vocabulary. */
export const SHAPES: readonly Shape[] = [
  { rows: 4096, cols: 10 },
  { rows: 1024, cols: 64 },
  { rows: 64, cols: 1000 },
  { rows: 4, cols: 32000 },
];

/** Of the claim at the top: a row too short to gain, many short ones, ImageNet's classes, a vocabulary. */
export const CLAIM_SHAPES: readonly Shape[] = [
  { rows: 1, cols: 10 },
  { rows: 65536, cols: 10 },
  { rows: 32, cols: 1000 },
  { rows: 1, cols: 32000 },
];

export const OPS = {
  softmax: 'softmax',
  crossEntropyWithGrad: 'cross-entropy with gradient',
  sample: 'sample: top-k 40, top-p 0.95',
} as const;

export type Op = keyof typeof OPS;

/** What `sample` is called with. */
export const SAMPLING = { topK: 40, topP: 0.95 } as const;

export interface Input extends Shape {
  /** f32[rows, cols] */
  logits: Float32Array;
  /** i32[rows] */
  labels: Int32Array;
  /** f64[rows]: what tokens are drawn by */
  uniforms: Float64Array;
}

/** Normal logits of deviation 3, labels, and uniform numbers; the same on every call. */
export function inputOf({ rows, cols }: Shape): Input {
  let state = 1;
  // Park and Miller's generator: states in [1, 2³¹ − 2].
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const logits = Float32Array.from({ length: rows * cols }, () => 3 * normal());
  const labels = Int32Array.from({ length: rows }, () => Math.floor(random() * cols));
  const uniforms = Float64Array.from({ length: rows }, random);
  return { rows, cols, logits, labels, uniforms };
}

/** `32 rows of 1,000` */
export function named({ rows, cols }: Shape): string {
  return `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'} of ${cols.toLocaleString('en')}`;
}
