import { describe, expect, it } from 'vitest';
import { type Call, exactOf, type Op, OPS, run } from '../calls.js';
import { everyTier, named, once } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectSame, expectUlp } from '../ulp.js';

const COLUMNS = [1, 2, 3, 5, 8, 10, 17, 33, 64, 65, 130];
const ROWS = 5;
const F32_EPSILON = 2 ** -23;

function dot(a: reference.Numbers, b: reference.Numbers): [value: number, absolute: number] {
  const products = Array.from(a, (v, i) => v * b[i]);
  return [reference.sum(products), reference.sum(products.map(Math.abs))];
}

/** |⟨g, J u⟩ − ⟨Jᵀ g, u⟩| against 6 ULP of the terms of J u and of Jᵀ g, which may cancel: the bound of each element. */
function expectAdjoint(
  [g, ju, terms]: [Float32Array, Float32Array, Float64Array],
  [u, jtg, cotangentTerms]: [Float32Array, Float32Array, Float64Array],
): void {
  const [left] = dot(g, ju);
  const [right] = dot(u, jtg);
  const slack = 6 * F32_EPSILON * (dot(g, terms)[1] + dot(u, cotangentTerms)[1]);
  expect(Math.abs(left - right), `${left} and ${right}`).toBeLessThanOrEqual(slack);
}

everyTier('derivatives', (engine) => {
  describe.each(COLUMNS)('%i columns', (cols) => {
    const logits = inputs.normal(ROWS * cols, 0, 2, cols);
    const probs = engine.softmax(logits, cols);
    const logProbs = engine.logSoftmax(logits, cols);
    const u = inputs.uniform(ROWS * cols, 0.5, 1.5, cols + 1);
    const g = inputs.normal(ROWS * cols, 0, 1, cols + 2);

    const pairs = OPS.flatMap((op) => OPS.filter(({ name }) => name === op.adjoint).map((adjoint) => [op, adjoint]));
    it.each(pairs.map(([op, adjoint]) => [op.name, adjoint.name, op, adjoint] as const))(
      '⟨g, J u⟩ = ⟨Jᵀ g, u⟩ for %s and %s',
      (_, __, op, adjoint) => {
        const along = (of: Op, vector: Float32Array<ArrayBuffer>): [Float32Array, Float64Array] => {
          const first = op.inputs[0].holds === 'probs' ? probs : logProbs;
          const call: Call = { op: of, title: of.name, arrays: [first, vector], cols, options: {} };
          return [run(engine, call).out as Float32Array, exactOf(call).out.magnitudes!];
        };
        expectAdjoint([g, ...along(op, u)], [u, ...along(adjoint, g)]);
      },
    );

    it('the Jacobian is symmetric, bit for bit', () => {
      const jacobian = engine.softmaxJacobian(probs, cols);
      const transposed = new Float32Array(jacobian.length);
      for (let r = 0; r < ROWS; r++) {
        for (let i = 0; i < cols; i++) {
          for (let j = 0; j < cols; j++) {
            transposed[(r * cols + j) * cols + i] = jacobian[(r * cols + i) * cols + j];
          }
        }
      }
      expectSame(jacobian, transposed, cols);
    });

    it('rows of the Jacobian sum to 0', () => {
      const jacobian = engine.softmaxJacobian(probs, cols);
      const { magnitudes } = reference.softmaxJacobian(probs, cols);
      for (let row = 0; row < ROWS * cols; row++) {
        const span = [row * cols, (row + 1) * cols] as const;
        const total = reference.sum(jacobian.subarray(...span));
        // a sums to 1 within 6 ULP, which a_i multiplies
        const slack = 6 * F32_EPSILON * (reference.sum(magnitudes!.subarray(...span)) + probs[row]);
        expect(Math.abs(total), `row ${row}`).toBeLessThanOrEqual(slack);
      }
    });

    it('the JVP is the Jacobian times the vector', () => {
      const jacobian = engine.softmaxJacobian(probs, cols);
      const values = new Float64Array(ROWS * cols);
      const magnitudes = new Float64Array(ROWS * cols);
      for (let row = 0; row < ROWS * cols; row++) {
        const r = Math.floor(row / cols);
        const vector = g.subarray(r * cols, (r + 1) * cols);
        [values[row], magnitudes[row]] = dot(jacobian.subarray(row * cols, (row + 1) * cols), vector);
      }
      const jvp = engine.softmaxJvp(probs, g, cols);
      // a_i u_i − a_i Σ a_k u_k needs Σ a = 1 nowhere, so the two agree to rounding of their terms
      const terms = reference.softmaxJvp(probs, g, cols).magnitudes!;
      for (let i = 0; i < jvp.length; i++) {
        const slack = 12 * F32_EPSILON * (magnitudes[i] + terms[i]);
        if (!(Math.abs(jvp[i] - values[i]) <= slack)) expect.fail(`element ${i}: ${jvp[i]} and ${values[i]}`);
      }
    });

    it('softmaxWithJvp is the slope of softmax along the tangent', () => {
      const h = 1e-5;
      for (const temperature of [1, 0.5, 3]) {
        const along = (step: number) =>
          reference.softmax(
            Float64Array.from(logits, (x, i) => x + step * g[i]),
            cols,
            temperature,
          ).values;
        const [ahead, behind] = [along(h), along(-h)];
        const slope = ahead.map((v, i) => (v - behind[i]) / (2 * h));
        const { jvp } = engine.softmaxWithJvp(logits, g, cols, { temperature });
        expectClose(jvp, slope, 2e-6 / temperature);
      }
    });

    it('logSoftmaxJvp is the slope of logSoftmax along the tangent', () => {
      const h = 1e-5;
      const along = (step: number) =>
        reference.logSoftmax(
          Float64Array.from(logits, (x, i) => x + step * g[i]),
          cols,
        ).values;
      const [ahead, behind] = [along(h), along(-h)];
      const slope = ahead.map((v, i) => (v - behind[i]) / (2 * h));
      expectClose(engine.logSoftmaxJvp(logProbs, g, cols), slope, 6e-6);
    });
  });
});

function expectClose(got: Float32Array, want: Float64Array, slack: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    if (!(Math.abs(got[i] - want[i]) <= slack * (1 + Math.abs(want[i])))) {
      expect.fail(`element ${i}: got ${got[i]}, want ${want[i]} within ${slack}`);
    }
  }
}

/** Central differences of the float64 oracle's loss: its formula for the gradient is not used. */
function slopes(
  logits: Float32Array,
  targets: Int32Array | Float32Array,
  cols: number,
  options: reference.CrossEntropyOptions,
): Float64Array {
  const h = 1e-5;
  const at = Float64Array.from(logits);
  const lossAt = (i: number, x: number): number => {
    const before = at[i];
    at[i] = x;
    const { loss } = reference.crossEntropy(at, targets, cols, options);
    at[i] = before;
    return loss.values[0];
  };
  return at.map((x, i) => (lossAt(i, x + h) - lossAt(i, x - h)) / (2 * h));
}

const gradientCases = [3, 10, 70].flatMap((cols) => {
  const rows = 3;
  const logits = inputs.normal(rows * cols, 0.5, 2, cols);
  const labels = inputs.classIndices(rows, cols, cols);
  const soft = inputs.softLabels(rows, cols, cols);
  const signed = inputs.uniform(rows * cols, -1, 2, cols);
  const someIgnored = labels.map((label, r) => (r === 1 ? -100 : label));
  const classWeights = inputs.uniform(cols, 0.2, 2, cols);
  const everything = { labelSmoothing: 0.1, classWeights, zLoss: 0.05, scale: 2, temperature: 0.8 };
  const list: [string, Int32Array | Float32Array, reference.CrossEntropyOptions & { classWeights?: Float32Array }][] = [
    ['class indices', labels, {}],
    ['soft labels', soft, {}],
    ['targets of both signs that do not sum to 1', signed, {}],
    ['ignored row', someIgnored, {}],
    ['sum', labels, { reduction: 'sum' }],
    ['none', labels, { reduction: 'none' }],
    ['smoothing', labels, { labelSmoothing: 0.2 }],
    ['smoothing of soft labels', soft, { labelSmoothing: 0.2 }],
    ['class weights', labels, { classWeights }],
    ['class weights on soft labels', soft, { classWeights }],
    ['zLoss', labels, { zLoss: 0.1 }],
    ['scale', labels, { scale: 2.5 }],
    ['negative scale', labels, { scale: -1.5 }],
    ['temperature 0.5', labels, { temperature: 0.5 }],
    ['temperature 4', soft, { temperature: 4, zLoss: 0.1 }],
    ['all options', someIgnored, everything],
    ['all options, soft labels', soft, everything],
    ['all options, sum', soft, { ...everything, reduction: 'sum' }],
  ];
  return list.map(([name, targets, options]) => ({
    name,
    logits,
    targets,
    cols,
    options,
    slope: once(() => slopes(logits, targets, cols, options)),
  }));
});

everyTier('gradient of cross-entropy against finite differences', (engine) => {
  it.each(named(gradientCases))('%s', (_, { logits, targets, cols, options, slope }) => {
    expectClose(engine.crossEntropyGrad(logits, targets, cols, options), slope(), 4e-6);
  });

  it('dlogits sum to 0 over a row, whatever the targets', () => {
    for (const cols of [2, 7, 64, 65, 200]) {
      const logits = inputs.normal(4 * cols, 0, 3, cols);
      const targets = inputs.uniform(4 * cols, -1, 2, cols);
      const dlogits = engine.crossEntropyGrad(logits, targets, cols, { reduction: 'none' });
      const { magnitudes } = reference.crossEntropy(logits, targets, cols, { reduction: 'none' }).dlogits;
      for (let r = 0; r < 4; r++) {
        const total = reference.sum(dlogits.subarray(r * cols, (r + 1) * cols));
        const slack = 6 * F32_EPSILON * reference.sum(magnitudes!.subarray(r * cols, (r + 1) * cols));
        expect(Math.abs(total), `row ${r}`).toBeLessThanOrEqual(slack);
      }
    }
  });

  it('class indices and one-hot probabilities have the same gradient', () => {
    for (const cols of [2, 10, 64, 65, 300]) {
      const logits = inputs.normal(6 * cols, 0, 3, cols);
      const labels = inputs.classIndices(6, cols, cols);
      const hot = engine.crossEntropyGrad(logits, inputs.oneHot(labels, cols), cols);
      const { values, flushed, magnitudes } = reference.crossEntropy(logits, inputs.oneHot(labels, cols), cols).dlogits;
      expectUlp(engine.crossEntropyGrad(logits, labels, cols), { values, flushed, magnitudes: magnitudes! }, 6, cols);
      expectUlp(hot, { values, flushed, magnitudes: magnitudes! }, 6, cols);
    }
  });
});
