import { createEngine } from '../../dist/index.js';
import { inputLengths, opOf } from '../ops.mjs';
import { shapeOf } from '../shapes.mjs';

/**
 * This package on each tier of the runtime: in linear memory (`alloc`), from ordinary arrays with `out`, and with a fresh
 * output each call.
 */

/** One call of an operation; `o` are the outputs, or undefined for fresh ones. */
const CALLS = {
  softmax: (engine, x, cols, o) => () => engine.softmax(x.logits, cols, { out: o?.[0] }),
  logSoftmax: (engine, x, cols, o) => () => engine.logSoftmax(x.logits, cols, { out: o?.[0] }),
  logSumExp: (engine, x, cols, o) => () => engine.logSumExp(x.logits, cols, { out: o?.[0] }),
  softmaxVjp: (engine, x, cols, o) => () => engine.softmaxVjp(x.probs, x.cotangent, cols, { out: o?.[0] }),
  softmaxWithJvp: (engine, x, cols, o) => () =>
    engine.softmaxWithJvp(x.logits, x.tangent, cols, { out: o?.[0], jvpOut: o?.[1] }),
  crossEntropyWithGrad: (engine, x, cols, o) => () =>
    engine.crossEntropyWithGrad(x.logits, x.targets, cols, { out: o?.[1] }),
  softmaxJacobian: (engine, x, cols, o) => () => engine.softmaxJacobian(x.probs, cols, { out: o?.[0] }),
};
CALLS.crossEntropyWithGradSoft = CALLS.crossEntropyWithGrad;
CALLS.softmaxTail = CALLS.softmax;

/** The outputs of a call as a list. @param {any} result */
function listOf(result) {
  if (result instanceof Float32Array) return [result];
  if ('jvp' in result) return [result.probs, result.jvp];
  return [[result.loss], result.dlogits];
}

/** @param {any} _host @param {import('../suite/suite.mjs').Plan} plan */
export async function open(_host, plan) {
  const arenaBytes = Math.max(...plan.cases.map(arenaBytesOf));
  const engines = [];
  for (const tier of ['relaxed', 'simd', 'scalar']) {
    try {
      engines.push(createEngine({ tier, arenaBytes }));
    } catch {
      // A runtime without this tier: its columns are left out of the tables.
    }
  }
  return engines.map((engine) => ({ id: engine.tier, subjects: (task) => subjectsOf(engine, task, plan.modes) }));
}

/** Inputs, outputs and the softmax beside them, with room for alignment. */
function arenaBytesOf({ op: opId, shape }) {
  const op = opOf(opId);
  const { rows, cols } = shapeOf(shape);
  const lengths = [...Object.values(inputLengths(op, rows, cols)), ...op.outputs(rows, cols), 2 * rows * cols];
  return lengths.reduce((sum, length) => sum + 4 * length + 64, 0);
}

function subjectsOf(engine, task, modes) {
  const { op, rows, cols, inputs, usual } = task;
  const owned = [];
  const alloc = (length) => {
    const array = engine.alloc(length);
    owned.push(array);
    return array;
  };
  const copyOf = (array) => {
    if (array instanceof Float32Array) {
      const copy = alloc(array.length);
      copy.set(array);
      return copy;
    }
    const copy = engine.allocInt32(array.length);
    copy.set(array);
    owned.push(copy);
    return copy;
  };
  const subject = (name, call) => ({ id: `${engine.tier} ${name}`, call, results: () => listOf(call()) });
  const make = CALLS[op.id];
  const subjects = [];
  if (modes.includes('alloc')) {
    const resident = Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, copyOf(array)]));
    subjects.push(subject('alloc', make(engine, resident, cols, op.outputs(rows, cols).map(alloc))));
  }
  if (modes.includes('out')) {
    const out = op.outputs(rows, cols).map((length) => new Float32Array(length));
    subjects.push(subject('out', make(engine, inputs, cols, out)));
  }
  if (modes.includes('fresh')) subjects.push(subject('fresh', make(engine, inputs, cols)));
  if (usual !== null && modes.includes('alloc')) {
    const call = CALLS.softmax(engine, { logits: copyOf(usual) }, cols, [alloc(rows * cols)]);
    subjects.push({ id: `${engine.tier} softmax`, call, unchecked: true });
  }
  if (subjects.length > 0) {
    const last = subjects[subjects.length - 1];
    last.close = () => owned.forEach((array) => engine.free(array));
  }
  return subjects;
}
