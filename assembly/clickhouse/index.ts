/**
 * The kernels behind ClickHouse's UDF ABI `BUFFERED_V1`: a function takes the handle of a buffer that holds a block of
 * its arguments, and the number of rows, and returns the handle of a buffer with the results. docs/clickhouse.md has the
 * SQL. A function in Buffers has its SQL name; in RowBinary that name and `RowBinary`.
 */
import { readBlock, writeResult } from './buffers';
import { createBuffer, destroyBuffer } from './memory';
import { compute } from './operations';
import { toBuffers, writeRows } from './row-binary';
import {
  ARRAY,
  CROSS_ENTROPY,
  LABEL,
  LOG_SOFTMAX,
  LOG_SUM_EXP,
  PROBS,
  SCALAR,
  SOFTMAX,
  TEMPERATURE,
} from './signature';

export { createBuffer as clickhouse_create_buffer, destroyBuffer as clickhouse_destroy_buffer };

function inBuffers(handle: usize, rows: u32, kind: u32, name: string): usize {
  readBlock(handle, rows, kind, name);
  compute(rows, kind, name);
  return writeResult(handle, rows, kind);
}

function inRows(handle: usize, rows: u32, kind: u32, name: string): usize {
  readBlock(toBuffers(handle, rows, kind, name), rows, kind, name);
  compute(rows, kind, name);
  return writeRows(handle, rows, kind);
}

export function softmax(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, SOFTMAX | ARRAY, 'softmax');
}
export function softmaxRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, SOFTMAX | ARRAY, 'softmax');
}
export function softmaxWithTemperature(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, SOFTMAX | TEMPERATURE | ARRAY, 'softmaxWithTemperature');
}
export function softmaxWithTemperatureRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, SOFTMAX | TEMPERATURE | ARRAY, 'softmaxWithTemperature');
}
export function logSoftmax(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, LOG_SOFTMAX | ARRAY, 'logSoftmax');
}
export function logSoftmaxRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, LOG_SOFTMAX | ARRAY, 'logSoftmax');
}
export function logSoftmaxWithTemperature(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, LOG_SOFTMAX | TEMPERATURE | ARRAY, 'logSoftmaxWithTemperature');
}
export function logSoftmaxWithTemperatureRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, LOG_SOFTMAX | TEMPERATURE | ARRAY, 'logSoftmaxWithTemperature');
}
export function logSumExp(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, LOG_SUM_EXP | SCALAR, 'logSumExp');
}
export function logSumExpRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, LOG_SUM_EXP | SCALAR, 'logSumExp');
}
export function logSumExpWithTemperature(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, LOG_SUM_EXP | TEMPERATURE | SCALAR, 'logSumExpWithTemperature');
}
export function logSumExpWithTemperatureRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, LOG_SUM_EXP | TEMPERATURE | SCALAR, 'logSumExpWithTemperature');
}
export function crossEntropy(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | LABEL | SCALAR, 'crossEntropy');
}
export function crossEntropyRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | LABEL | SCALAR, 'crossEntropy');
}
export function crossEntropyWithTemperature(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | LABEL | TEMPERATURE | SCALAR, 'crossEntropyWithTemperature');
}
export function crossEntropyWithTemperatureRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | LABEL | TEMPERATURE | SCALAR, 'crossEntropyWithTemperature');
}
export function crossEntropyGrad(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | LABEL | ARRAY, 'crossEntropyGrad');
}
export function crossEntropyGradRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | LABEL | ARRAY, 'crossEntropyGrad');
}
export function crossEntropyWithGrad(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | LABEL | ARRAY | SCALAR, 'crossEntropyWithGrad');
}
export function crossEntropyWithGradRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | LABEL | ARRAY | SCALAR, 'crossEntropyWithGrad');
}
export function crossEntropyProbs(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | PROBS | SCALAR, 'crossEntropyProbs');
}
export function crossEntropyProbsRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | PROBS | SCALAR, 'crossEntropyProbs');
}
export function crossEntropyProbsGrad(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | PROBS | ARRAY, 'crossEntropyProbsGrad');
}
export function crossEntropyProbsGradRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | PROBS | ARRAY, 'crossEntropyProbsGrad');
}
export function crossEntropyProbsWithGrad(handle: usize, rows: u32): usize {
  return inBuffers(handle, rows, CROSS_ENTROPY | PROBS | ARRAY | SCALAR, 'crossEntropyProbsWithGrad');
}
export function crossEntropyProbsWithGradRowBinary(handle: usize, rows: u32): usize {
  return inRows(handle, rows, CROSS_ENTROPY | PROBS | ARRAY | SCALAR, 'crossEntropyProbsWithGrad');
}
