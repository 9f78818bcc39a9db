import { softmax } from 'softmax-simd';
import scalar = require('softmax-simd/scalar');

// A CommonJS file: what it compiles to is `require`.
export const probs: Float32Array<ArrayBuffer>[] = [
  softmax(new Float32Array(6), 3),
  scalar.softmax(new Float32Array(6), 3),
];
