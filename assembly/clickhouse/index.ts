/**
 * The kernels behind ClickHouse's UDF ABI `BUFFERED_V1`: a function takes the handle of a buffer that holds a block of
 * its arguments, and the number of rows, and returns the handle of a buffer with the results. docs/clickhouse.md has the
 * SQL. A function in Buffers has its SQL name; in RowBinary that name and `RowBinary`.
 */
// @ts-ignore: decorator
@global const PLAIN_ROWS: bool = true;

export { createBuffer as clickhouse_create_buffer, destroyBuffer as clickhouse_destroy_buffer } from './memory';
export * from './functions';
