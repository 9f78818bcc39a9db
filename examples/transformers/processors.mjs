import { LogitsProcessor } from '@huggingface/transformers';
import { filterLogits, sample } from '../../dist/index.js';

/**
 * Options of `sample` in transformers.js, which has neither top_p nor min_p of its own. Both processors go into
 * `generate({ logits_processor: [processor], … })`, after those that generate makes of its own options.
 *
 * `input_ids` are all tokens so far, an array of bigint for each row. Penalties of what was generated alone need to know
 * where the prompt ends.
 *
 * @typedef {import('../../dist/index.js').SamplingOptions} Sampling
 */
class SamplingProcessor extends LogitsProcessor {
  /** @param {Sampling} sampling @param {number} [promptLength] tokens of the prompt */
  constructor(sampling, promptLength = 0) {
    super();
    this.sampling = sampling;
    this.promptLength = promptLength;
  }

  /** @param {bigint[][]} ids */
  optionsOf(ids) {
    const history = ids.map((row) => BigInt64Array.from(row.slice(this.promptLength)));
    const prompt = ids.map((row) => BigInt64Array.from(row.slice(0, this.promptLength)));
    return { ...this.sampling, history, prompt };
  }
}

/**
 * Leaves what `sample` would draw from; transformers.js draws. With `do_sample: true`, and `top_k: 0`, as its own would
 * otherwise keep 50.
 */
export class FilterLogits extends SamplingProcessor {
  /** @param {bigint[][]} ids @param {import('@huggingface/transformers').Tensor} logits f32[rows, cols], changed in place */
  _call(ids, logits) {
    const cols = logits.dims[1];
    filterLogits(logits.data, cols, { ...this.optionsOf(ids), out: logits.data });
    for (let r = 0; r < ids.length; r++) if (Number.isNaN(logits.data[r * cols])) throw new Error(NOTHING(r));
    return logits;
  }
}

/**
 * Draws by itself and leaves that token alone: 0 where all others are -Infinity. With `do_sample: false`, where
 * transformers.js takes the largest. The number of tokens so far is the step, so a seed gives the same tokens each time.
 */
export class Sample extends SamplingProcessor {
  /** @param {Sampling} sampling @param {number} seed @param {number} [promptLength] */
  constructor(sampling, seed, promptLength) {
    super(sampling, promptLength);
    this.seed = seed;
  }

  /** @param {bigint[][]} ids @param {import('@huggingface/transformers').Tensor} logits f32[rows, cols], changed in place */
  _call(ids, logits) {
    const cols = logits.dims[1];
    const { tokens } = sample(logits.data, cols, { ...this.optionsOf(ids), seed: this.seed, step: ids[0].length });
    logits.data.fill(-Infinity);
    tokens.forEach((token, r) => {
      if (token < 0) throw new Error(NOTHING(r));
      logits.data[r * cols + token] = 0;
    });
    return logits;
  }
}

const NOTHING = (/** @type {number} */ row) => `row ${row}: NaN or +Infinity among the logits, or nothing is left`;
