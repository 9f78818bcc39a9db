import { ENGINES } from '../engines/index.mjs';
import { opOf, usualLogits } from '../ops.mjs';
import { shapeOf } from '../shapes.mjs';
import { disagreement } from './agree.mjs';
import { interleave } from './measure.mjs';

/**
 * Runs a plan on the runtime that it is called on, Node or a page.
 *
 * @typedef {object} Plan plain data: it travels to another process or a page
 * @property {{ op: string, shape: string }[]} cases
 * @property {string[]} engines
 * @property {string[]} modes of ours: alloc, out, fresh
 * @property {import('./measure.mjs').Settings} settings
 *
 * @typedef {object} Task one case with its data
 * @property {import('../ops.mjs').Op} op
 * @property {number} rows
 * @property {number} cols
 * @property {any} inputs
 * @property {Float32Array | null} usual the logits of the softmax that is timed beside it
 *
 * @typedef {{ op: string, shape: string, subject: string, wrong?: string, failed?: string } & Partial<import('./measure.mjs').Timing>} Result
 *
 * @param {any} host what differs between Node and a page: bench/engines/index.mjs
 * @param {Plan} plan
 * @param {(message: any) => unknown} emit told of progress, results and engines that are missing
 */
export async function runSuite(host, plan, emit) {
  const engines = [];
  for (const id of plan.engines) {
    try {
      engines.push(...(await ENGINES[id].open(host, plan)));
    } catch (error) {
      await emit({ type: 'missing', engine: id, reason: messageOf(error) });
    }
  }
  for (const [k, { op, shape }] of plan.cases.entries()) {
    const told = (/** @type {number} */ done) => {
      return emit({ type: 'progress', done: (k + done) / plan.cases.length, label: `${op} ${shape}` });
    };
    await told(0);
    for (const result of await runCase(engines, plan, op, shape, told)) await emit({ type: 'result', result });
  }
  for (const engine of engines) engine.close?.();
}

/** @returns {Promise<Result[]>} */
async function runCase(engines, plan, opId, shapeId, told) {
  const op = opOf(opId);
  const { rows, cols } = shapeOf(shapeId);
  const task = {
    op,
    rows,
    cols,
    inputs: op.inputs(rows, cols),
    usual: op.besideSoftmax ? usualLogits(rows, cols) : null,
  };
  const want = op.exact(task.inputs, cols);
  const results = [];
  const right = [];
  const all = [];
  for (const engine of engines) {
    try {
      for (const subject of await engine.subjects(task)) {
        all.push(subject);
        const wrong = subject.unchecked ? null : await check(subject, want, task);
        if (wrong === null) right.push(subject);
        else results.push({ op: opId, shape: shapeId, subject: subject.id, ...wrong });
      }
    } catch (error) {
      results.push({ op: opId, shape: shapeId, subject: engine.id, failed: messageOf(error) });
    }
  }
  const timings = await interleave(right, plan.settings, told);
  right.forEach((subject, i) => {
    results.push({ op: opId, shape: shapeId, subject: subject.id, ...timings[i] });
  });
  // Only now: subjects of one engine share their arrays.
  for (const subject of all) subject.close?.();
  return results;
}

/** Also tells how long the call took, so that a slow one is not warmed for long. */
async function check(subject, want, { op, rows, cols }) {
  try {
    await subject.before?.();
    const begin = performance.now();
    const results = await subject.results();
    subject.firstMs = performance.now() - begin;
    const wrong = disagreement(results, want, cols, op.unit?.(rows) ?? 0);
    return wrong === null ? null : { wrong };
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

/** @param {any} error */
function messageOf(error) {
  return String(error?.message ?? error).split('\n')[0];
}
