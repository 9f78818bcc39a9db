import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';

const I = Int32Array;
const F = Float32Array;

/** Options of sample, and what is said of them. */
const WRONG: [options: object, message: RegExp, type?: typeof TypeError][] = [
  [{ temperature: -1 }, /temperature to be 0 or a number in \[2\^-16, 2\^16\], got -1/],
  [{ temperature: 2 ** -17 }, /temperature/],
  [{ temperature: '1' }, /temperature/, TypeError],
  [{ topK: -1 }, /topK to be an integer >= 0, got -1/],
  [{ topK: 1.5 }, /topK/],
  [{ topP: 0 }, /topP to be a number in \(0, 1\], got 0/],
  [{ topP: 1.1 }, /topP/],
  [{ topP: NaN }, /topP/],
  [{ minP: -0.1 }, /minP to be a number in \[0, 1\], got -0.1/],
  [{ minP: 1.1 }, /minP/],
  [{ bias: new F(2) }, /bias to be an object with ids and values, got Float32Array/, TypeError],
  [{ bias: { ids: [0], values: new F(1) } }, /bias.ids to be an Int32Array, got Array/, TypeError],
  [{ bias: { ids: new I(1), values: new F(2) } }, /bias.values.length to be bias.ids.length = 1, got 2/],
  [{ bias: { ids: I.of(0, 3), values: new F(2) } }, /bias.ids\[1\] to be in \[0, 3\), got 3/],
  [{ bias: { ids: new I(1), values: F.of(NaN) } }, /bias.values\[0\] to be neither NaN nor \+Infinity, got NaN/],
  [{ bias: { ids: new I(1), values: F.of(Infinity) } }, /bias.values\[0\]/],
  [{ history: new F(1) }, /history to be an integer typed array/, TypeError],
  [{ history: [new I(1)] }, /history.length to be rows = 2, got 1/],
  [{ history: [new I(1), [0]] }, /history\[1\] to be an integer typed array, got Array/, TypeError],
  [{ history: I.of(0, -1) }, /history\[1\] to be in \[0, 3\), got -1/],
  [{ history: [new I(0), BigInt64Array.of(3n)] }, /history\[1\]\[0\] to be in \[0, 3\), got 3/],
  [{ prompt: I.of(5) }, /prompt\[0\] to be in \[0, 3\), got 5/],
  [{ history: new I(1), repetitionPenalty: 0 }, /repetitionPenalty to be a finite number > 0, got 0/],
  [{ history: new I(1), frequencyPenalty: Infinity }, /frequencyPenalty to be a finite number, got Infinity/],
  [{ repetitionPenalty: 1.1 }, /repetitionPenalty to be 1 without history or prompt, got 1.1/],
  [{ frequencyPenalty: 1 }, /frequencyPenalty to be 0 without history or prompt, got 1/],
  [{ presencePenalty: 1 }, /presencePenalty to be 0 without history or prompt, got 1/],
  [{ seed: -1 }, /seed to be an integer in \[0, 2\^53\), got -1/],
  [{ seed: 2 ** 53 }, /seed/],
  [{ seed: 1n }, /seed/, TypeError],
  [{ step: 1 }, /step to be undefined without seed, got 1/],
  [{ streams: new I(2) }, /streams to be undefined without seed/],
  [{ seed: 1, streams: new I(3) }, /streams.length to be rows = 2, got 3/],
  [{ seed: 1, uniforms: new Float64Array(2) }, /uniforms to be undefined with seed/],
  [{ uniforms: new F(2) }, /uniforms to be a Float64Array, got Float32Array/, TypeError],
  [{ uniforms: new Float64Array(1) }, /uniforms.length to be rows = 2, got 1/],
  [{ uniforms: Float64Array.of(0, 1) }, /uniforms\[1\] to be in \[0, 1\), got 1/],
  [{ uniforms: Float64Array.of(NaN, 0) }, /uniforms\[0\] to be in \[0, 1\), got NaN/],
  [{ tokens: new I(3) }, /tokens.length to be rows = 2, got 3/],
  [{ tokens: new F(2) }, /tokens to be an Int32Array, got Float32Array/, TypeError],
  [{ logProbs: new F(3) }, /logProbs.length to be rows = 2, got 3/],
  [{ logProbsOf: 'all' }, /logProbsOf to be 'raw' or 'filtered', got 'all'/],
  [{ logProbsOf: true }, /logProbsOf/, TypeError],
];

everyTier('errors of decisions', (engine) => {
  it.each(WRONG)('sample: %o', (options, message, type = RangeError as unknown as typeof TypeError) => {
    const logits = F.of(1, 2, 3, 4, 5, 6);
    let thrown: unknown;
    try {
      engine.sample(logits, 3, options as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(type);
    expect((thrown as Error).message).toMatch(message);
    const [, argument] = /^sample: expected (\w+)/.exec((thrown as Error).message)!;
    expect((thrown as { argument?: string }).argument).toBe(argument);
  });

  it('outputs overlap neither inputs nor each other', () => {
    const logits = F.of(1, 2, 3);
    const ids = new I(logits.buffer, 0, 1);
    expect(() => engine.sample(logits, 3, { tokens: ids })).toThrow(/tokens not to overlap logits/);
    const history = I.of(0, 1);
    const tokens = history.subarray(0, 1);
    const asked = { history, repetitionPenalty: 2 };
    expect(() => engine.sample(logits, 3, { ...asked, tokens })).toThrow(/tokens not to overlap history/);
    const logProbs = new F(history.buffer, 0, 1);
    expect(() => engine.sample(logits, 3, { tokens, logProbs })).toThrow(/not to overlap/);
    expect(() => engine.filterLogits(logits, 3, { out: new F(logits.buffer, 0, 3) })).not.toThrow();
    expect(() => engine.topK(logits, 3, 1, { indices: ids })).toThrow(/indices not to overlap logits/);
  });

  it.each([0, 4, 1.5, NaN])('topK: k = %d', (k) => {
    expect(() => engine.topK(new F(3), 3, k)).toThrow(`topK: expected k to be an integer in [1, cols = 3], got ${k}`);
    expect(() => engine.topK(new F(3), 3, '1' as never)).toThrow(TypeError);
  });

  it("topK: values are 'probs', 'logProbs' or 'logits'", () => {
    const rule = "topK: expected values to be 'probs', 'logProbs' or 'logits', got";
    expect(() => engine.topK(new F(3), 3, 1, { values: 'all' as never })).toThrow(new RangeError(`${rule} 'all'`));
    expect(() => engine.topK(new F(3), 3, 1, { values: 1 as never })).toThrow(new TypeError(`${rule} 1`));
  });

  it.each(['seed', 'step', 'streams', 'uniforms', 'tokens'])('filterLogits knows no %s', (name) => {
    expect(() => engine.filterLogits(new F(3), 3, { [name]: 1 })).toThrow(
      `filterLogits: expected ${name} to be one of`,
    );
  });
});
