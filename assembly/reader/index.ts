/**
 * The module of rows as they are: how a row that is no plain f32[cols] becomes one, in the memory of the kernels' module,
 * which it imports (docs/abi.md). It has no memory, no data and no globals that change of its own.
 */
export { abi } from '../tier';
export { halvesIn, halvesOut } from './half';
export { maskBits, maskBytes, maskSpans, trimSpans } from './mask';
export { turn } from './turn';
