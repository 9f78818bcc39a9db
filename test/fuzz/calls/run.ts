// One random call on every tier of this runtime: within the bounds of the oracle, and of rows as they are with the bits of the
// rows written out; wherever its arrays lie.
import fc from 'fast-check';
import { createEngine, type Engine, type Tier } from '../../../src/index.js';
import { type Call, exactOf, newOutput, type Operand, run } from '../../calls.js';
import { random } from '../../inputs.js';
import { LAID_OPS } from '../../rows/case.js';
import { expectedOf, expectWrittenOut } from '../../rows/compare.js';
import { laidCalls } from '../../rows/specs.js';
import { spacing } from '../../ulp.js';
import { drawCall } from './draw.js';

const TIERS: Tier[] = ['scalar', 'simd', 'relaxed'];
const ARENA = 8 << 20;

let engines: Engine[] | null = null;
function everyTier(): Engine[] {
  engines ??= TIERS.flatMap((tier) => {
    try {
      return [createEngine({ tier, arenaBytes: ARENA })];
    } catch {
      // Of a runtime that lacks it: `npm test` says which that are.
      return [];
    }
  });
  return engines;
}

/** Null, or what is wrong. */
export function fault(seed: number): string | null {
  const chance = random(seed);
  const isLaid = chance() < 0.5;
  for (const engine of everyTier()) {
    const wrong = isLaid ? faultOfLaid(engine, seed) : faultOfPlain(engine, seed);
    if (wrong !== null) return `${engine.tier}: ${wrong}`;
  }
  return null;
}

function faultOfLaid(engine: Engine, seed: number): string | null {
  const chance = random(seed ^ 0x5bd1e995);
  const op = LAID_OPS[Math.floor(chance() * LAID_OPS.length)];
  const [{ laid, half }] = fc.sample(laidCalls(op), { seed, numRuns: 1 });
  const want = expectedOf(engine, laid);
  const placed = new Placed(engine, laid.call, chance);
  try {
    expectWrittenOut(laid, run(engine, placed.call, placed.outs), want, half);
    return placed.changed();
  } catch (error) {
    return `${laid.call.title} ${laid.cols} columns: ${(error as Error).message}`;
  } finally {
    placed.free();
  }
}

function faultOfPlain(engine: Engine, seed: number): string | null {
  const { call, extra } = drawCall(random(seed ^ 0x2545f491));
  const placed = new Placed(engine, call, random(seed ^ 0x9e3779b9));
  try {
    const got = run(engine, placed.call, placed.outs);
    return placed.changed() ?? outside(call, got, extra);
  } finally {
    placed.free();
  }
}

/** Which result is not where the oracle says. */
function outside(call: Call, got: Record<string, Operand>, extra: (name: string, i: number) => number): string | null {
  const exact = exactOf({ ...call, options: { ...call.options, reduction: 'none' } });
  const isSoft = !(call.arrays[1] instanceof Int32Array) || Boolean(call.options.labelSmoothing);
  for (const { name, bound, soft } of call.op.outputs) {
    const { values, flushed, magnitudes } = exact[name];
    for (let i = 0; i < values.length; i++) {
      const [v, f, g] = [values[i], flushed[i], got[name][i]];
      if (Number.isNaN(v) || !Number.isFinite(v)) {
        if (!Object.is(v, g)) return `${describe(call)}: ${name}[${i}] is ${g}, not ${v}`;
        continue;
      }
      if (g >= Math.min(v, f) && g <= Math.max(v, f)) continue;
      const size = magnitudes?.[i] ?? Math.abs(v);
      const ofBound = (soft !== undefined && isSoft ? soft : bound) * spacing(size);
      const allowed = ofBound + extra(name, i) + (name === 'jvpOut' ? movedBySubnormal(exact.out.values[i], size) : 0);
      if (g === 0 && Math.abs(v) < 2 ** -126) continue;
      const off = Math.min(Math.abs(g - v), Math.abs(g - f));
      const isTooLarge = Math.abs(v) + allowed >= 2 ** 128 * (1 - 2 ** -24);
      if (!(off <= allowed) && !isTooLarge) return `${describe(call)}: ${name}[${i}] is ${g}, not ${v}, ±${allowed}`;
    }
  }
  return null;
}

/**
 * softmaxWithJvp's jvp is bound against the probabilities that it returns (CONTRACT section 3): what rounding one that is
 * subnormal, by half of 2^-149, moves of terms that are that probability times something.
 */
function movedBySubnormal(prob: number, size: number): number {
  return prob > 0 && prob < 2 ** -126 ? (2 ** -150 / prob) * size : 0;
}

function describe({ title, cols, arrays, options }: Call): string {
  const said = Object.entries(options).map(([name, v]) => `${name}: ${ArrayBuffer.isView(v) ? 'array' : String(v)}`);
  return `${title}, ${arrays[0].length / cols} × ${cols}, { ${said.join(', ')} }`;
}

/** A call whose arrays lie here and there, its outputs sometimes over its inputs. */
class Placed {
  readonly call: Call;
  readonly outs: Record<string, Operand> = {};
  readonly #engine: Engine;
  readonly #held: Float32Array[] = [];
  readonly #before: [Operand, Operand][];

  constructor(engine: Engine, call: Call, chance: () => number) {
    this.#engine = engine;
    const put = (array: Operand) => (chance() < 0.5 ? (array.slice() as Operand) : this.#move(array));
    const isArray = (value: unknown): value is Operand => ArrayBuffer.isView(value);
    const options = Object.entries(call.options).map(([name, value]) => [name, isArray(value) ? put(value) : value]);
    this.call = { ...call, arrays: call.arrays.map(put), options: Object.fromEntries(options) as Call['options'] };
    const { op, arrays, cols } = this.call;
    const rows = arrays[0].length / cols;
    for (const output of op.outputs) {
      const over = op.inputs.findIndex(({ name }) => name === output.over);
      const mayBeOver = output.width === 'cols' && over >= 0 && arrays[over] instanceof Float32Array;
      if (mayBeOver && chance() < 0.3) this.outs[output.name] = arrays[over];
      else if (chance() < 0.5) this.outs[output.name] = put(newOutput(output, rows, cols, 7));
    }
    const kept = arrays.filter((array) => !Object.values(this.outs).includes(array));
    this.#before = kept.map((array) => [array, array.slice() as Operand]);
  }

  #move(array: Operand): Operand {
    const block = this.#engine.alloc(Math.ceil(array.byteLength / 4));
    this.#held.push(block);
    const Class = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Operand;
    const view = new Class(block.buffer, block.byteOffset, array.length);
    view.set(array);
    return view;
  }

  /** Whether an input was written to. */
  changed(): string | null {
    const wrong = this.#before.findIndex(([array, before]) => array.some((v, i) => !Object.is(v, before[i])));
    return wrong < 0 ? null : `${describe(this.call)}: input ${wrong} was written to`;
  }

  free(): void {
    for (const block of this.#held) this.#engine.free(block);
  }
}
