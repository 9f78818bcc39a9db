import { Call } from './call';
import { constants as decideConstants, exp2 } from './decide/exp';
import { Scratch } from './decide/scratch';
import { exp4Full, expVectors } from './exp';
import { expSmall2, log1p2 } from './f64';
import { rowExpSum as rowExpSumOf } from './rows';
import { State } from './state';
import { Table } from './table';

/**
 * What the kernels are made of, for tests alone: no part of the package. Numeric functions over arrays, and the passes that
 * leave e where it can be seen.
 */
export * from './layout';
export { constants } from './table';
export { logSumExp } from './ops/log-sum-exp';
export { ready } from './statistics';

export const STATE_MAX: i32 = offsetof<State>('max');
export const STATE_MAGIC: i32 = offsetof<State>('magic');
export const STATE_SHIFT: i32 = offsetof<State>('shift');

/** e of a row of `call` to y. */
export function rowExpSum(x: usize, y: usize, lane: u32, call: Call): void {
  i32.store(call.state.lane(lane), 0, offsetof<State>('from'));
  i32.store(call.state.lane(lane), 0, offsetof<State>('start'));
  i32.store(call.state.lane(lane), call.cols, offsetof<State>('width'));
  rowExpSumOf(x, y, lane, call);
}

/** Where a narrow group has the columns of e. */
export function columnsOf(s: State): usize {
  return s.e;
}

/** y = exp4(x), no shift, over so many bytes. */
export function exp4Over(x: usize, y: usize, bytes: usize, low: f32, magic: f32, k: Table): void {
  expVectors(x, y, bytes, f32x4.splat(0), f32x4.splat(low), f32x4.splat(magic), k);
}

export function exp4FullOver(x: usize, y: usize, bytes: usize, k: Table): void {
  for (const end = x + bytes; x < end; x += 16, y += 16) v128.store(y, exp4Full(v128.load(x), k));
}

export function expSmall2Over(x: usize, y: usize, bytes: usize, k: Table): void {
  for (const end = x + bytes; x < end; x += 16, y += 16) v128.store(y, expSmall2(v128.load(x), k));
}

export function log1p2Over(x: usize, y: usize, bytes: usize, k: Table): void {
  for (const end = x + bytes; x < end; x += 16, y += 16) v128.store(y, log1p2(v128.load(x), k));
}

/** 2^z of the decisions, over so many bytes, its constants at s. */
export function exp2Over(x: usize, y: usize, bytes: usize, s: Scratch): void {
  decideConstants(s);
  for (const end = x + bytes; x < end; x += 16, y += 16) {
    const z = v128.load(x);
    v128.store(y, exp2(z, s.c1, s.c2, s.c3, s.c4, s.c5, s.c6, s.c7, s.c8, s.one, s.round, s.lowest));
  }
}
