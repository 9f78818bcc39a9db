/// <reference types="vite/client" />
import { describe, expect, it } from 'vitest';
import page from '../../docs/derivation.md?raw';
import {
  crossEntropy,
  delta,
  dot,
  entropy,
  everyRow,
  expectComputed,
  expectGradient,
  expectSlopes,
  gradient,
  gradientTerms,
  jacobianOf,
  logSoftmax,
  logSumExp,
  oneHot,
  type Row,
  size,
  softmax,
  square,
  total,
} from './derivation-formulas.js';
import type { CrossEntropyOptions, Engine } from '../../src/index.js';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { type Numbers, sum } from '../reference.js';
import { expectSame } from '../ulp.js';

/**
 * docs/derivation.md, section by section. Each formula is written once more here, in float64, and compared with
 *
 *   the definition   by central differences, within the error that these have
 *   the functions    of every tier, on the same numbers, within the ULP that they promise
 */

const SECTIONS: Record<string, (engine: Engine) => void> = {
  'Softmax, and why a maximum may be subtracted'(engine) {
    everyRow(({ cols, logits, x }) => {
      const a = softmax(x);
      expect(Math.abs(sum(a) - 1)).toBeLessThan(cols * 2 ** -52);
      for (const m of [Math.max(...x), 1, -30, 600]) {
        const shifted = softmax(x.map((v) => v - m));
        // x − m is rounded by at most 2^-53 of 1024, which e^x makes relative, in numerator and denominator.
        shifted.forEach((v, i) => expect(Math.abs(v / a[i] - 1)).toBeLessThan(2 ** -42 + (cols + 8) * 2 ** -51));
      }
      expectComputed(engine.softmax(logits, cols), a);
      // Multiples of 2^-9 move by 2^14 without rounding, to where e^x does not fit a double either.
      const coarse = logits.map((v) => Math.round(v * 2 ** 9) / 2 ** 9);
      const far = coarse.map((v) => v + 2 ** 14);
      expect(total(Float64Array.from(far))).toBe(Infinity);
      expectComputed(engine.softmax(far, cols), softmax(Float64Array.from(coarse)));
    });
  },

  'The derivative when i = j'(engine) {
    everyRow(({ cols, logits, x }) => {
      const where = (i: number, j: number) => i === j;
      const a = softmax(x);
      expectSlopes(softmax, x, (i) => a[i] * (1 - a[i]), { where });
      const probs = engine.softmax(logits, cols);
      const jacobian = engine.softmaxJacobian(probs, cols);
      const p = Float64Array.from(probs);
      expectComputed(
        p.map((_, i) => jacobian[i * cols + i]),
        p.map((v) => v * (1 - v)),
        p.map((v) => v * (1 + v)),
      );
    });
  },

  'The derivative when i ≠ j'(engine) {
    everyRow(({ cols, logits, x }) => {
      const where = (i: number, j: number) => i !== j;
      const a = softmax(x);
      expectSlopes(softmax, x, (i, j) => -a[i] * a[j], { where });
      const probs = engine.softmax(logits, cols);
      const beside = (_: number, at: number) => where(Math.floor(at / cols), at % cols);
      const formula = square(cols, (i, j) => -probs[i] * probs[j]);
      expectComputed(engine.softmaxJacobian(probs, cols).filter(beside), formula.filter(beside));
    });
  },

  'Both cases in one formula'(engine) {
    everyRow(({ cols, logits, x }) => {
      expectSlopes(softmax, x, jacobianOf(softmax(x)));
      const probs = engine.softmax(logits, cols);
      const p = Float64Array.from(probs);
      const terms = square(cols, (i, j) => p[i] * (delta(i, j) + p[j]));
      expectComputed(engine.softmaxJacobian(probs, cols), square(cols, jacobianOf(p)), terms);
    });
  },

  'The Jacobian as a matrix'(engine) {
    everyRow(({ cols, logits, x }) => {
      const a = softmax(x);
      const matrix = square(cols, (i, j) => (i === j ? a[i] : 0) - a[i] * a[j]);
      expectSlopes(softmax, x, (i, j) => matrix[i * cols + j]);
      const probs = engine.softmax(logits, cols);
      const jacobian = engine.softmaxJacobian(probs, cols);
      expectSame(
        jacobian,
        square(cols, (i, j) => jacobian[j * cols + i]),
      );
      for (let i = 0; i < cols; i++) {
        const row = jacobian.subarray(i * cols, (i + 1) * cols);
        // 6 ULP of each entry's terms, and of each probability in the sum that should be 1.
        const terms = probs[i] + 2 * probs[i] * sum(probs);
        expect(Math.abs(sum(row))).toBeLessThanOrEqual(6 * 2 ** -23 * terms);
      }
    });
  },

  'Products with the Jacobian, without building it'(engine) {
    everyRow(({ cols, logits, x, u }) => {
      const product = (a: Row) => a.map((v, i) => v * (u[i] - dot(a, u)));
      const terms = (a: Row) => a.map((v, i) => v * (Math.abs(u[i]) + dot(a, u.map(Math.abs))));
      const a = softmax(x);
      // Along u: f(s) = softmax(x + s·u). Its third derivative is at most 1.85 of the cubed width of u.
      const width = Math.max(...u) - Math.min(...u);
      const along = (s: Row) => softmax(x.map((v, k) => v + s[0] * u[k]));
      expectSlopes(along, Float64Array.of(0), (i) => product(a)[i], {
        third: 1.85 * width ** 3,
        terms: cols + 2,
      });
      // Backwards: the gradient of ⟨g, softmax(x)⟩, g being u.
      expectSlopes(
        (y) => [dot(u, softmax(y))],
        x,
        (_, j) => product(a)[j],
        { third: size(u) / 8, terms: 1 + size(u) },
      );

      const probs = engine.softmax(logits, cols);
      const p = Float64Array.from(probs);
      expectComputed(engine.softmaxJvp(probs, u, cols), product(p), terms(p));
      expectComputed(engine.softmaxVjp(probs, u, cols), product(p), terms(p));
      const fused = engine.softmaxWithJvp(logits, u, cols);
      expectSame(fused.probs, probs);
      expectComputed(fused.jvp, product(p), terms(p));
    });
  },

  'Log-softmax and its Jacobian'(engine) {
    everyRow(({ cols, logits, x, u }) => {
      const a = softmax(x);
      const m = Math.max(...x);
      const rest = Math.log(sum(x.map((v) => Math.exp(v - m))));
      logSoftmax(x).forEach((l, i) => expect(Math.abs(l - (x[i] - m - rest))).toBeLessThan((cols + 8) * 2 ** -49));
      expectSlopes(logSoftmax, x, (i, j) => delta(i, j) - a[j]);
      expectComputed(engine.logSoftmax(logits, cols), logSoftmax(x));

      const logProbs = engine.logSoftmax(logits, cols);
      const p = Float64Array.from(logProbs, Math.exp);
      const jvp = p.map((_, i) => u[i] - dot(p, u));
      const vjp = p.map((v, i) => u[i] - v * sum(u));
      // They are the products with the matrix, from the right and from the left.
      const entry = (i: number, j: number) => delta(i, j) - p[j];
      for (let k = 0; k < cols; k++) {
        const ofRow = p.map((_, j) => entry(k, j));
        const ofColumn = p.map((_, i) => entry(i, k));
        expect(Math.abs(jvp[k] - dot(ofRow, u))).toBeLessThan((cols + 8) * 2 ** -50);
        expect(Math.abs(vjp[k] - dot(ofColumn, u))).toBeLessThan((cols + 8) * 2 ** -50);
      }
      const absolute = u.map(Math.abs);
      expectComputed(
        engine.logSoftmaxJvp(logProbs, u, cols),
        jvp,
        p.map((_, i) => absolute[i] + dot(p, absolute)),
      );
      expectComputed(
        engine.logSoftmaxVjp(logProbs, u, cols),
        vjp,
        p.map((v, i) => absolute[i] + v * size(u)),
      );
    });
  },

  'Log-sum-exp'(engine) {
    everyRow(({ cols, logits, label, x }) => {
      const m = Math.max(...x);
      const lse = m + Math.log(sum(x.map((v) => Math.exp(v - m))));
      expect(Math.abs(lse - logSumExp(x))).toBeLessThan((cols + 8) * 2 ** -50);
      const a = softmax(x);
      expectSlopes(
        (y) => [logSumExp(y)],
        x,
        (_, j) => a[j],
      );
      // The slopes of its gradient are J.
      expectSlopes(softmax, x, jacobianOf(a));
      const magnitude = [Math.max(Math.abs(lse), Math.abs(m))];
      expectComputed(engine.logSumExp(logits, cols), [lse], magnitude);
      const side = new Float32Array(1);
      engine.crossEntropy(logits, Int32Array.of(label), cols, { lse: side });
      expectComputed(side, [lse], magnitude);
    });
  },

  Entropy(engine) {
    everyRow(({ cols, logits, x }) => {
      const a = softmax(x);
      const h = entropy(x);
      const bound = (cols + 8) * 2 ** -50 * (1 + size(x));
      expect(Math.abs(h - (logSumExp(x) - dot(a, x)))).toBeLessThan(bound);
      const m = Math.max(...x);
      const apart = Math.log(sum(x.map((v) => Math.exp(v - m)))) + sum(a.map((v, k) => v * (m - x[k])));
      expect(Math.abs(h - apart)).toBeLessThan(bound);
      expectSlopes(
        (y) => [entropy(y)],
        x,
        (_, j) => -a[j] * (Math.log(a[j]) + h),
        // H = h(p) + (1 − p) R in p = a_j, R the entropy of the others: its third derivative is σ'''·(−z − R) − 2σ''.
        { third: 0.3 + Math.log(cols) / 8 },
      );
      const largest = Math.max(...a.map((v) => -v * Math.log(v)));
      expectComputed(engine.entropy(logits, cols), [h], [h + largest]);
    });
  },

  'A draw from the distribution'(engine) {
    everyRow(({ cols, logits, x }) => {
      const a = softmax(x);
      const edges = x.map((_, i) => sum(a.subarray(0, i + 1)));
      const draw = (uniforms: Float64Array, options = {}) => {
        const rows = new Float32Array(uniforms.length * cols).map((_, at) => logits[at % cols]);
        return engine.sample(rows, cols, { uniforms, ...options }).tokens;
      };
      // Both ends of every interval, by more than a sum's rounding.
      const margin = 1e-12;
      const first = Float64Array.from(edges, (f, i) => f - a[i] + margin);
      const last = edges.map((f) => f - margin);
      expect([...draw(first)]).toEqual([...x.keys()]);
      expect([...draw(last)]).toEqual([...x.keys()]);
      // Evenly spread numbers fall into an interval as often as it is long, but for one.
      const n = 4096;
      const even = Float64Array.from({ length: n }, (_, j) => (j + 0.5) / n);
      const temperature = 0.7;
      for (const [tokens, probs] of [
        [draw(even), a],
        [draw(even, { temperature }), softmax(x.map((v) => v / temperature))],
      ] as const) {
        const seen = new Float64Array(cols);
        for (const token of tokens) seen[token]++;
        seen.forEach((count, i) => expect(Math.abs(count - n * probs[i])).toBeLessThanOrEqual(1 + 1e-9));
      }
      // A column of probability 0 never comes.
      if (cols > 1) {
        const masked = logits.map((v, k) => (k === 0 ? -Infinity : v));
        expect(engine.sample(masked, cols, { uniforms: Float64Array.of(0) }).tokens[0]).toBe(1);
      }

      // Gumbel's: the density at y of x_i, and all the others below it, summed over y.
      const lse = logSumExp(x);
      const step = 1 / 32;
      for (const i of new Set([0, cols >> 1, cols - 1])) {
        let integral = 0;
        for (let y = lse - 7; y < lse + 40; y += step) {
          const below = x.map((v) => Math.exp(-Math.exp(v - y)));
          integral += step * Math.exp(x[i] - y) * below.reduce((product, v) => product * v, 1);
        }
        // What lies beyond is e^-40 of it.
        expect(Math.abs(integral / a[i] - 1)).toBeLessThan(1e-12);
      }
    });
  },

  'Cross-entropy with a one-hot target'(engine) {
    everyRow(({ cols, logits, label, labels, x, t }) => {
      const a = softmax(x);
      const loss = crossEntropy(x, t);
      expect(Math.abs(loss + Math.log(a[label]))).toBeLessThan((cols + 8) * 2 ** -50);
      expect(Math.abs(loss - (logSumExp(x) - x[label]))).toBeLessThan((cols + 8) * 2 ** -50);
      expectSlopes(
        (y) => [crossEntropy(y, t)],
        x,
        (_, j) => a[j] - t[j],
      );
      expectComputed(engine.crossEntropy(logits, labels, cols, { reduction: 'none' }), [loss]);
      expectComputed([engine.crossEntropy(logits, labels, cols)], [loss]);
      const dlogits = engine.crossEntropyGrad(logits, labels, cols);
      expectComputed(
        dlogits,
        a.map((v, j) => v - t[j]),
      );
      const both = engine.crossEntropyWithGrad(logits, labels, cols);
      expect(both.loss).toBe(engine.crossEntropy(logits, labels, cols));
      expectSame(both.dlogits, dlogits);
    });
  },

  "The label's own gradient"(engine) {
    everyRow(({ cols, logits, label, labels, x }) => {
      const others = (a: Row) => sum(a, label);
      const a = softmax(x);
      expect(Math.abs(a[label] - 1 + others(a))).toBeLessThan((cols + 8) * 2 ** -51);
      const far = x.map((v) => Math.exp(v - x[label]));
      expect(Math.abs(crossEntropy(x, oneHot(cols, label)) - Math.log(1 + others(far)))).toBeLessThan(
        (cols + 8) * 2 ** -49,
      );
      expectComputed([engine.crossEntropyGrad(logits, labels, cols)[label]], [-others(a)]);

      // Where a_c is 1 in float32 the digits are there all the same.
      const certain = logits.map((v, k) => (k === label ? 40 : v));
      const all = Float64Array.from(certain, Math.exp);
      const exact = -others(all) / sum(all);
      expectComputed([engine.crossEntropyGrad(certain, labels, cols)[label]], [exact]);
      expectComputed(engine.crossEntropy(certain, labels, cols, { reduction: 'none' }), [
        Math.log1p(others(all) / all[label]),
      ]);
    });
    // The document's figure.
    const [figure] = /-2\.06/.exec(page)!;
    const of20 = Float32Array.of(20, 0);
    expect(engine.softmax(of20, 2)[0]).toBe(1);
    expect((engine.crossEntropyGrad(of20, Int32Array.of(0), 2)[0] * 1e9).toFixed(2)).toBe(figure);
  },

  'Soft labels'(engine) {
    everyRow(({ cols, logits, x, soft }) => {
      expectGradient(x, soft, engine.crossEntropyGrad(logits, soft, cols));
      // Not a − t, whose error is a (Σt − 1).
      const a = softmax(x);
      if (cols > 1) expect(Math.abs(gradient(a, soft)[0] - (a[0] - soft[0]))).toBeGreaterThan(1e-3);
    });
  },

  Masks(engine) {
    everyRow(({ cols, logits, x, soft, label, labels }) => {
      if (cols < 3) return;
      const kept = (_: unknown, k: number) => k % 3 !== 2;
      const spread = (values: Numbers) => {
        const left = Array.from(values);
        return x.map((_, k) => (kept(_, k) ? left.shift()! : 0));
      };
      const masked = logits.map((v, k) => (kept(v, k) ? v : -Infinity));
      const y = Float64Array.from(masked);
      const a = softmax(y);
      expect(a).toEqual(spread(softmax(x.filter(kept))));
      expectSlopes(softmax, y, jacobianOf(a));
      expectComputed(engine.softmax(masked, cols), a);
      const probs = engine.softmax(masked, cols);
      const jacobian = engine.softmaxJacobian(probs, cols);
      const beside = jacobian.filter((_, at) => !kept(0, Math.floor(at / cols)) || !kept(0, at % cols));
      expect(beside.every((v) => v === 0)).toBe(true);

      // 0 · log 0 = 0: the loss is that of the kept columns, and the gradient 0 in the others.
      const targets = soft.map((v, k) => (kept(v, k) ? v : 0));
      const loss = crossEntropy(x.filter(kept), soft.filter(kept));
      const terms = dot(soft.filter(kept).map(Math.abs), logSoftmax(x.filter(kept)).map(Math.abs));
      expectComputed(engine.crossEntropy(masked, targets, cols, { reduction: 'none' }), [loss], [terms]);
      const dlogits = engine.crossEntropyGrad(masked, targets, cols);
      expectGradient(x.filter(kept), soft.filter(kept), dlogits.filter(kept));
      expectComputed(dlogits, gradient(a, targets), gradientTerms(a, targets));

      const atLabel = logits.map((v, k) => (k === label ? -Infinity : v));
      expect(engine.crossEntropy(atLabel, labels, cols)).toBe(Infinity);
      const rest = softmax(Float64Array.from(atLabel));
      expectComputed(
        engine.crossEntropyGrad(atLabel, labels, cols),
        rest.map((v, k) => v - delta(k, label)),
      );
      expectSame(engine.softmax(new Float32Array(cols).fill(-Infinity), cols), new Float32Array(cols).fill(NaN));
    });
  },

  Temperature(engine) {
    everyRow(({ cols, logits, labels, x, t, u, label }) => {
      for (const temperature of [0.5, 0.7, 3]) {
        const scaled = (y: Row) => y.map((v) => v / temperature);
        const a = softmax(scaled(x));
        // x / T is rounded, 2^-53 of at most 16, which the exponential makes relative.
        const terms = 4 + 16 / (cols + 8);
        const third = 1 / 8 / temperature ** 3;
        expectSlopes(
          (y) => softmax(scaled(y)),
          x,
          (i, j) => jacobianOf(a)(i, j) / temperature,
          { third, terms },
        );
        expectSlopes(
          (y) => [crossEntropy(scaled(y), t)],
          x,
          (_, j) => (a[j] - t[j]) / temperature,
          { third, terms: terms + crossEntropy(scaled(x), t) },
        );
        const { probs, jvp } = engine.softmaxWithJvp(logits, u, cols, { temperature });
        expectComputed(probs, a);
        const p = Float64Array.from(probs);
        expectComputed(
          jvp,
          p.map((v, i) => (v * (u[i] - dot(p, u))) / temperature),
          p.map((v, i) => (v * (Math.abs(u[i]) + dot(p, u.map(Math.abs)))) / temperature),
        );
        expectComputed(
          engine.crossEntropyGrad(logits, labels, cols, { temperature }),
          a.map((v, j) => (j === label ? -sum(a, label) : v) / temperature),
        );
      }
    });
  },

  'Label smoothing'(engine) {
    everyRow(({ cols, logits, labels, x, t, soft }) => {
      for (const labelSmoothing of [0.1, 1]) {
        const smooth = (of: Numbers) => x.map((_, k) => (1 - labelSmoothing) * of[k] + labelSmoothing / cols);
        expectGradient(x, smooth(t), engine.crossEntropyGrad(logits, labels, cols, { labelSmoothing }));
        expectGradient(x, smooth(soft), engine.crossEntropyGrad(logits, soft, cols, { labelSmoothing }));
      }
    });
  },

  'Class weights'(engine) {
    everyRow(({ cols, logits, label, labels, x, t, soft, classWeights }) => {
      const weigh = (of: Numbers) => x.map((_, k) => classWeights[k] * of[k]);
      const options = { classWeights, reduction: 'sum' } as const;
      expectGradient(x, weigh(soft), engine.crossEntropyGrad(logits, soft, cols, options));
      const dlogits = engine.crossEntropyGrad(logits, labels, cols, options);
      expectGradient(x, weigh(t), dlogits);
      const a = softmax(x);
      expectComputed(
        dlogits,
        a.map((v, j) => classWeights[label] * (j === label ? -sum(a, label) : v)),
      );
      const labelSmoothing = 0.2;
      const smooth = t.map((v) => (1 - labelSmoothing) * v + labelSmoothing / cols);
      expectGradient(x, weigh(smooth), engine.crossEntropyGrad(logits, labels, cols, { ...options, labelSmoothing }));
    });
  },

  'Z-loss'(engine) {
    everyRow(({ cols, logits, labels, x, t }) => {
      const zLoss = 0.3;
      const a = softmax(x);
      const lse = logSumExp(x);
      expectSlopes(
        (y) => [zLoss * logSumExp(y) ** 2],
        x,
        (_, j) => 2 * zLoss * lse * a[j],
        // (L²)''' = 6 L' L'' + 2 L L'''
        { third: zLoss * (6 / 4 + Math.abs(lse) / 4), terms: 1 + 3 * zLoss * lse ** 2 },
      );
      const ofZ = a.map((v) => 2 * zLoss * lse * v);
      expectComputed(
        engine.crossEntropyGrad(logits, labels, cols, { zLoss }),
        gradient(a, t).map((v, j) => v + ofZ[j]),
        gradientTerms(a, t).map((v, j) => v + Math.abs(ofZ[j])),
      );
      const loss = crossEntropy(x, t) + zLoss * lse ** 2;
      expectComputed(engine.crossEntropy(logits, labels, cols, { zLoss, reduction: 'none' }), [loss]);
    });
  },

  'A batch of rows'(engine) {
    const [cols, scale] = [3, 2.5];
    const logits = inputs.normal(4 * cols, 0, 2, 1);
    const labels = Int32Array.of(2, -100, 0, 2);
    const soft = inputs.softLabels(4, cols, 2);
    const classWeights = Float32Array.of(0.5, 3, 2);
    const x = Float64Array.from(logits);
    const ofRow = (y: Row, r: number) => y.subarray(r * cols, (r + 1) * cols);
    const hot = x.map((_, at) => delta(labels[Math.floor(at / cols)], at % cols));
    const cases: [Float32Array | Int32Array, Row, CrossEntropyOptions, number][] = [
      [labels, hot, { reduction: 'sum' }, 1],
      [labels, hot, { reduction: 'none' }, 1],
      [labels, hot, {}, 3],
      [labels, hot.map((v, at) => v * classWeights[at % cols]), { classWeights }, 2 + 0.5 + 2],
      [soft, Float64Array.from(soft), {}, 4],
      [soft, x.map((_, at) => soft[at] * classWeights[at % cols]), { classWeights }, 4],
    ];
    for (const [targets, tau, options, divisor] of cases) {
      const loss = (y: Row) =>
        (scale / divisor) * sum([0, 1, 2, 3].map((r) => crossEntropy(ofRow(y, r), ofRow(tau, r))));
      const inRow = (f: typeof gradient) => [0, 1, 2, 3].flatMap((r) => [...f(softmax(ofRow(x, r)), ofRow(tau, r))]);
      const values = inRow(gradient).map((v) => (v * scale) / divisor);
      expectSlopes(
        (y) => [loss(y)],
        x,
        (_, at) => values[at],
        { third: scale, terms: 1 + 2 * loss(x) },
      );
      const terms = inRow(gradientTerms).map((v) => (v * scale) / divisor);
      expectComputed(engine.crossEntropyGrad(logits, targets, cols, { ...options, scale }), values, terms);
      const got = engine.crossEntropy(logits, targets, cols, { ...options, scale });
      expectComputed([typeof got === 'number' ? got : sum(got)], [loss(x)]);
    }
  },

  'A row by hand'(engine) {
    const x = Float32Array.of(Math.log(1), Math.log(2), Math.log(5));
    const label = Int32Array.of(1);
    const a = engine.softmax(x, 3);
    const dlogits = (options = {}, targets: Float32Array | Int32Array = label) =>
      engine.crossEntropyGrad(x, targets, 3, options);
    const weighted = { classWeights: Float32Array.of(1, 2, 1), reduction: 'sum' };
    const computed: Numbers[] = [
      a,
      engine.softmaxJacobian(a, 3),
      engine.softmaxJvp(a, Float32Array.of(4, 0, 0), 3),
      engine.logSumExp(x, 3),
      [engine.crossEntropy(x, label, 3)],
      dlogits(),
      dlogits({}, Float32Array.of(1, 1, 0)),
      engine.softmax(Float32Array.of(x[0], x[1], -Infinity), 3),
      engine.softmax(x, 3, { temperature: 0.5 }),
      dlogits({ temperature: 0.5 }),
      dlogits({ labelSmoothing: 0.3 }),
      dlogits(weighted),
    ];
    expect(byHand().length).toBe(computed.length);
    byHand().forEach(({ quantity, numbers }, at) => {
      expect(computed[at].length, quantity).toBe(numbers.length);
      // 6 ULP of numbers below 4, and the rounding of ln 2 and ln 5 to float32.
      numbers.forEach((v, i) => expect(Math.abs(computed[at][i] - v), quantity).toBeLessThan(6 * 2 ** -22 + 2 ** -23));
    });
  },
};

/** The last section's table: "−3/4, ln 8" as numbers. */
function byHand(): { quantity: string; numbers: number[] }[] {
  const [, section] = page.split('## A row by hand\n');
  const rows = [...section.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)].slice(2);
  return rows.map(([, quantity, cell]) => ({
    quantity,
    numbers: cell.split(', ').map((text) => {
      const [, sign, ln, top, bottom] = /^(−?)(ln )?(\d+)(?:\/(\d+))?$/.exec(text)!;
      const size = ln ? Math.log(Number(top)) : Number(top) / Number(bottom ?? 1);
      return sign ? -size : size;
    }),
  }));
}

describe('docs/derivation.md', () => {
  it('has a test for each of its sections', () => {
    const headings = Array.from(page.matchAll(/^## (.+)$/gm), ([, heading]) => heading);
    expect(Object.keys(SECTIONS)).toEqual(headings);
  });

  it('has a worked table', () => {
    expect(byHand().map(({ numbers }) => numbers.length)).toEqual([3, 9, 3, 1, 1, 3, 3, 3, 3, 3, 3, 3]);
  });
});

everyTier('the derivation', (engine) => {
  it.each(Object.entries(SECTIONS))('%s', (_, check) => check(engine));
});
