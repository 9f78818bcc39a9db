import { Call, Plain } from './call';
import { Table } from './table';

/** What a caller wants to know of the call block, the table and the state: exported as immutable globals. */

/** The most operands that a kernel may have. */
// @ts-ignore: decorator
@inline const OPERANDS: i32 = 8;

export const CALL_BYTES: i32 = offsetof<Plain>() + OPERANDS * sizeof<usize>();
export const CALL_ROWS: i32 = offsetof<Call>('rows');
export const CALL_COLS: i32 = offsetof<Call>('cols');
export const CALL_FIRST: i32 = offsetof<Call>('first');
export const CALL_STEP: i32 = offsetof<Call>('stepOrZero');
export const CALL_SPANS: i32 = offsetof<Call>('spansOrZero');
export const CALL_AHEAD: i32 = offsetof<Call>('aheadOrZero');
export const CALL_TABLE: i32 = offsetof<Call>('table');
export const CALL_STATE: i32 = offsetof<Call>('state');
export const CALL_TOTAL: i32 = offsetof<Call>('total');
export const CALL_PARAMETERS: i32 = offsetof<Call>();
export const CALL_OPERANDS: i32 = offsetof<Plain>();
export const TABLE_BYTES: i32 = (offsetof<Table>() + 15) & ~15;
export { STATE_BYTES } from './state';
