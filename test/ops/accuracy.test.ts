import { describe, expect, it } from 'vitest';
import { boundOf, type Call, exactOf, OPS, type Op, type Operand, run, takesTargets } from '../calls.js';
import { everyTier, named, once } from '../every-tier.js';
import { EQUAL_BESIDE_LARGER, LOGIT_CASES } from './logit-cases.js';
import { VECTOR_CASES } from './vector-cases.js';
import { expectSame, expectUlp } from '../ulp.js';

// CONTRACT section 3 of every operation, on rows drawn and built; cross-entropy, whose bounds follow from its options, has
// a suite of its own.

interface Case {
  name: string;
  cols: number;
  call: Call;
  random: boolean;
  exact: () => ReturnType<typeof exactOf>;
}

function caseOf(op: Op, name: string, arrays: Operand[], cols: number, random: boolean, temperature = 1): Case {
  const call = { op, title: op.name, arrays, cols, options: temperature === 1 ? {} : { temperature } };
  return { name, cols, call, random, exact: once(() => exactOf(call)) };
}

function casesOf(op: Op): Case[] {
  const [first, second] = op.inputs.map(({ holds }) => holds);
  if (second === undefined && first === 'logits') {
    return LOGIT_CASES.map((c) => {
      const random = c.random || EQUAL_BESIDE_LARGER.includes(c);
      return caseOf(op, c.name, [c.logits as Operand], c.cols, random, c.temperature);
    });
  }
  const cases = VECTOR_CASES[first];
  const square = op.outputs.some(({ width }) => width === 'square');
  if (!square) return cases.map((c) => caseOf(op, c.name, [c.of, c.vector] as Operand[], c.cols, true, c.temperature));
  // One of each first input, and rows enough for its cols² results.
  const distinct = cases.filter(({ of, cols }, i) => cols <= 1000 && cases.findIndex((c) => c.of === of) === i);
  return distinct.map(({ name, of, cols }) => {
    const rows = cols <= 33 ? 9 : cols <= 129 ? 3 : 1;
    return caseOf(op, name, [of.subarray(0, rows * cols) as Operand], cols, true);
  });
}

everyTier('accuracy', (engine) => {
  const ops = OPS.filter((op) => !takesTargets(op)).map((op) => [op.name, op] as const);
  describe.each(ops)('%s', (_, op) => {
    it.each(named(casesOf(op)))('%s', (__, { call, random, exact }) => {
      const got = run(engine, call);
      for (const output of op.outputs) {
        const list = got[output.name];
        const width = output.width === 'one' ? 1 : call.cols;
        expectUlp(list, exact()[output.name], boundOf(output, call, random), width, output.name);
        const [low, high] = output.range ?? [-Infinity, Infinity];
        const outside = list.findIndex((v) => !(v >= low && v <= high));
        expect(outside, `element outside [${low}, ${high}]: ${list[outside]}`).toBe(-1);
      }
      const twin = OPS.find(({ name }) => name === op.oracle);
      if (twin) expectSame(got.out, run(engine, { ...call, op: twin }).out, call.cols);
    });
  });
});
