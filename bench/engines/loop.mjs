/** The loop that everybody writes: float64 arithmetic, Math.exp, results stored as float32 into an array that is kept. */

export async function open() {
  return [{ id: 'loop', subjects: subjectsOf }];
}

function subjectsOf({ op, rows, cols, inputs }) {
  const outs = op.outputs(rows, cols).map((length) => new Float32Array(length));
  const call = CALLS[op.id](inputs, cols, outs);
  const results = () => {
    const loss = call();
    return typeof loss === 'number' ? [[loss], outs[1]] : outs;
  };
  return [{ id: 'loop', call, results }];
}

/** One call of an operation; `o` are the outputs. */
const CALLS = {
  softmax: (x, cols, o) => () => softmax(x.logits, cols, o[0]),
  logSoftmax: (x, cols, o) => () => logSoftmax(x.logits, cols, o[0]),
  logSumExp: (x, cols, o) => () => logSumExp(x.logits, cols, o[0]),
  softmaxVjp: (x, cols, o) => () => vjp(x.probs, x.cotangent, cols, o[0]),
  softmaxWithJvp: (x, cols, o) => () => {
    softmax(x.logits, cols, o[0]);
    vjp(o[0], x.tangent, cols, o[1]);
  },
  crossEntropyWithGrad: (x, cols, o) => () => crossEntropy(x.logits, x.targets, cols, o[1]),
  crossEntropyWithGradSoft: (x, cols, o) => () => softCrossEntropy(x.logits, x.targets, cols, o[1]),
  softmaxJacobian: (x, cols, o) => () => jacobian(x.probs, cols, o[0]),
};
CALLS.softmaxTail = CALLS.softmax;

function maxOf(x, start, end) {
  let m = -Infinity;
  for (let i = start; i < end; i++) if (x[i] > m) m = x[i];
  return m;
}

function softmax(x, cols, y) {
  for (let start = 0; start < x.length; start += cols) {
    const end = start + cols;
    const m = maxOf(x, start, end);
    let s = 0;
    for (let i = start; i < end; i++) {
      const e = Math.exp(x[i] - m);
      y[i] = e;
      s += e;
    }
    const q = 1 / s;
    for (let i = start; i < end; i++) y[i] *= q;
  }
}

/** max + log Σ e^(x − max) of one row. */
function lseOf(x, start, end) {
  const m = maxOf(x, start, end);
  let s = 0;
  for (let i = start; i < end; i++) s += Math.exp(x[i] - m);
  return m + Math.log(s);
}

function logSoftmax(x, cols, y) {
  for (let start = 0; start < x.length; start += cols) {
    const lse = lseOf(x, start, start + cols);
    for (let i = start; i < start + cols; i++) y[i] = x[i] - lse;
  }
}

function logSumExp(x, cols, y) {
  for (let r = 0, start = 0; start < x.length; r++, start += cols) y[r] = lseOf(x, start, start + cols);
}

function vjp(a, g, cols, y) {
  for (let start = 0; start < a.length; start += cols) {
    const end = start + cols;
    let dot = 0;
    for (let i = start; i < end; i++) dot += a[i] * g[i];
    for (let i = start; i < end; i++) y[i] = a[i] * (g[i] - dot);
  }
}

function crossEntropy(x, targets, cols, y) {
  softmax(x, cols, y);
  const rows = targets.length;
  const scale = 1 / rows;
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    const t = r * cols + targets[r];
    loss -= Math.log(y[t]);
    y[t] -= 1;
    for (let i = r * cols; i < (r + 1) * cols; i++) y[i] *= scale;
  }
  return loss * scale;
}

function softCrossEntropy(x, targets, cols, y) {
  const scale = cols / x.length;
  let loss = 0;
  for (let start = 0; start < x.length; start += cols) {
    const end = start + cols;
    const lse = lseOf(x, start, end);
    let total = 0;
    for (let i = start; i < end; i++) {
      total += targets[i];
      loss -= targets[i] * (x[i] - lse);
    }
    for (let i = start; i < end; i++) y[i] = (total * Math.exp(x[i] - lse) - targets[i]) * scale;
  }
  return loss * scale;
}

function jacobian(a, cols, y) {
  for (let start = 0, k = 0; start < a.length; start += cols) {
    for (let i = start; i < start + cols; i++) {
      for (let j = start; j < start + cols; j++) y[k++] = (i === j ? a[i] : 0) - a[i] * a[j];
    }
  }
}
