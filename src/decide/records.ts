/**
 * What a kernel of sample and filterLogits is told of each row beside its logits, as one record a row:
 *
 *   | u, float64 | how many ids n | 0 | n ids, ascending; room for an even number | n values, float64 |
 *
 * `u` is the row's draw. The ids are those that bias and penalties touch, the values what they become: few, in float64, and
 * known before the kernel runs, so that it need not change the caller's row.
 */

const HEAD = 4;

/** The ids that a row's bias and penalties touch, ascending, and their values. */
export interface Adjusted {
  readonly ids: readonly number[] | Int32Array;
  readonly values: readonly number[] | Float64Array;
}

/** Words of 32 bits of a record with room for so many ids. */
export function recordWords(ids: number): number {
  return HEAD + 3 * (ids + (ids & 1));
}

export class Records {
  readonly words: Int32Array<ArrayBuffer>;
  /** Words of a record. */
  readonly stride: number;
  private readonly doubles: Float64Array;

  /** @param most the most ids that a row has */
  constructor(rows: number, most: number) {
    this.stride = recordWords(most);
    this.words = new Int32Array(rows * this.stride);
    this.doubles = new Float64Array(this.words.buffer);
  }

  setUniform(row: number, u: number): void {
    this.doubles[(row * this.stride) / 2] = u;
  }

  setAdjusted(row: number, { ids, values }: Adjusted): void {
    const at = row * this.stride;
    const n = ids.length;
    this.words[at + 2] = n;
    this.words.set(ids, at + HEAD);
    this.doubles.set(values, (at + HEAD + n + (n & 1)) / 2);
  }
}

/** Writes the u of each row. */
export function setUniforms(words: Int32Array, stride: number, rows: number, uniform: (row: number) => number): void {
  const doubles = new Float64Array(words.buffer, words.byteOffset);
  for (let r = 0; r < rows; r++) doubles[(r * stride) / 2] = uniform(r);
}

/** The u of the record at a word of `words`. */
export function uniformAt(words: Int32Array, at: number): number {
  return new Float64Array(words.buffer, words.byteOffset + 4 * at, 1)[0]!;
}

/** Writes the values of the record at a word over those of the row. */
export function adjust(values: Float64Array, words: Int32Array, at: number): void {
  const n = words[at + 2]!;
  const from = at + HEAD;
  const adjusted = new Float64Array(words.buffer, words.byteOffset + 4 * (from + n + (n & 1)), n);
  for (let i = 0; i < n; i++) values[words[from + i]!] = adjusted[i]!;
}
