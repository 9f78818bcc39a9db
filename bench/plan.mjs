import { ENGINE_IDS, NODE_ONLY, OPTIONAL } from './engines/names.mjs';
import { opOf, OPS } from './ops.mjs';
import { shapeOf, SHAPES } from './shapes.mjs';

/** What is run where. The first is the one that most figures are of; the others measure a part of it. */
export const RUNTIMES = ['node24', 'node20', 'node26', 'chromium', 'firefox'];
export const MAIN = RUNTIMES[0];

const MODES = ['alloc', 'out', 'fresh'];
/** Added for the goals, to the two operations that have one there. */
const EXTRA_SHAPES = ['2048x128', '16384x16'];
const EXTRA_OPS = ['softmax', 'crossEntropyWithGrad'];

/** On all runtimes but the first: softmax at every shape, the rest at these. */
const PART = {
  crossEntropyWithGrad: ['1x10', '1x1000', '32x1000', '64x32000', '4096x64', '65536x10', '65536x2'],
  others: ['32x1000', '65536x10'],
};
const QUICK = {
  ops: ['softmax', 'crossEntropyWithGrad'],
  shapes: ['1x10', '1x1000', '32x1000', '64x32000', '65536x10'],
};

/**
 * The main runtime is measured in a second process too, with the engines that goals compare: now and then one process runs
 * one kernel a third slower than all others do, from its first call to its last.
 */
const SECOND_PASS = ['ours', 'copy', 'loop', 'tfjs-wasm', 'ort-web', 'ort-node'];

const NODE = { turns: 5, turnMs: 8, sampleMs: 0.1, warmMs: 40 };
// A page's clock ticks every 5 µs in Chromium and every 20 in Firefox, when it shares memory with nobody.
const PAGE = { turns: 5, turnMs: 12, sampleMs: 2, warmMs: 60 };
const HURRIED = { turns: 3, turnMs: 6, warmMs: 30 };

/**
 * @typedef {object} Options of the command line
 * @property {boolean} [quick]
 * @property {string[]} [ops]
 * @property {string[]} [shapes]
 * @property {string[]} [peers]
 */

/** True when the options leave nothing out, so that the result may be kept. @param {Options} options */
export function isWhole({ quick, ops, shapes, peers }) {
  return !quick && ops === undefined && shapes === undefined && peers === undefined;
}

/** @param {string} runtime @param {Options} options @returns {import('./suite/suite.mjs').Plan} */
export function planFor(runtime, options) {
  const inPage = !runtime.startsWith('node');
  return {
    cases: casesOf(runtime, options),
    engines: enginesOf(inPage, options.peers),
    modes: options.quick ? ['alloc', 'out'] : MODES,
    settings: { ...(inPage ? PAGE : NODE), ...(options.quick ? HURRIED : {}) },
  };
}

/** A plan for each process that is started. @param {string} runtime @param {Options} options */
export function passesFor(runtime, options) {
  const plan = planFor(runtime, options);
  if (runtime !== MAIN || options.quick) return [plan];
  const engines = plan.engines.filter((id) => SECOND_PASS.includes(id));
  return [plan, { ...plan, engines, settings: { ...plan.settings, turns: 3 } }];
}

/** @param {boolean} inPage @param {string[] | undefined} peers */
function enginesOf(inPage, peers) {
  const usual = ENGINE_IDS.filter((id) => !OPTIONAL.includes(id));
  for (const id of peers ?? []) {
    if (id !== 'all' && !ENGINE_IDS.includes(id)) throw new Error(`no peer ${id}: ${ENGINE_IDS.join(', ')}`);
  }
  const all = peers?.includes('all') ? ENGINE_IDS : ['ours', 'copy', ...(peers ?? usual)];
  return [...new Set(all)].filter((id) => !inPage || !NODE_ONLY.includes(id));
}

/** By shape, then by operation. @param {string} runtime @param {Options} options */
function casesOf(runtime, { quick, ops, shapes }) {
  ops?.forEach(opOf);
  const wanted = shapes?.map((id) => shapeOf(id).id);
  const whole = ops !== undefined || shapes !== undefined;
  return SHAPES.flatMap((shape) => OPS.map((op) => ({ op, shape })))
    .filter(({ op, shape: { rows, cols } }) => op.fits?.(rows, cols) ?? true)
    .filter(({ op, shape }) => (ops === undefined || ops.includes(op.id)) && (wanted?.includes(shape.id) ?? true))
    .filter(({ op, shape }) => {
      if (quick) return ops !== undefined || shapes !== undefined || inQuick(op.id, shape.id);
      return whole || isMeasured(runtime, op, shape.id);
    })
    .map(({ op, shape }) => ({ op: op.id, shape: shape.id }));
}

function inQuick(op, shape) {
  return QUICK.ops.includes(op) && QUICK.shapes.includes(shape);
}

function isMeasured(runtime, { id, shapes }, shape) {
  if (shapes !== undefined && !shapes.includes(shape)) return false;
  if (id === 'softmax') return true;
  if (runtime !== MAIN) return (PART[id] ?? PART.others).includes(shape);
  return EXTRA_OPS.includes(id) || !EXTRA_SHAPES.includes(shape);
}
