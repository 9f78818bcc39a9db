import { input, output } from '../operand.js';
import { Call, declare, type Operation } from '../operation.js';
import { exp, EXP_SCALE, expTable } from '../scalar/exp.js';
import { rowMaxIndex, rowRest } from '../scalar/rows.js';

const atOp: Operation = /* @__PURE__ */ declare({
  name: 'at',
  operands: [
    /* @__PURE__ */ input('logits', 'row'),
    /* @__PURE__ */ input('values', 'k'),
    /* @__PURE__ */ output('out', 'k', 1),
  ],
  options: ['out'],
  made: [],
  kernel: 'at',
  formula: softmaxAt,
  result: () => undefined,
});

/** That of a call whose decision has been made: its second operand holds the logits. */
export function callAt({ operands: [x, y], rows, cols, temperature, parameters }: Call): Call {
  const call = new Call(atOp, [x, y, y]);
  call.rows = y === null ? 0 : rows;
  call.cols = cols;
  call.k = parameters[0];
  call.temperature = temperature;
  call.parameters.push(...parameters);
  return call;
}

/**
 * What softmax or logSoftmax of each row has for a few of its logits: y[r, i] becomes that of the logit that it holds, with the
 * bits of the whole row's. The first parameter is how many a row, the second what: 0 nothing, 1 softmax, 2 logSoftmax.
 */
export function softmaxAt({ operands, rows, cols, temperature, parameters: [k, kind] }: Call): void {
  const [x, y] = operands as [Float32Array, Float32Array | null];
  if (y === null || kind === 0) return;
  const c = EXP_SCALE / temperature;
  const inverse = 1 / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const m = x[at];
    const rest = rowRest(x, start, end, at, c, powers);
    const log = Math.log1p(rest);
    const factor = 1 / (1 + rest);
    for (let i = r * k; i < (r + 1) * k; i++) {
      y[i] = kind === 1 ? Math.fround(exp((y[i] - m) * c, powers)) * factor : (y[i] - m) * inverse - log;
    }
  }
}
