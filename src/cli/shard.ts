/** One of `count` parts of the rows, by its number from 1 on: contiguous, in order, of equal size but for one row. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The rows [from, to) of a shard; without one, all. */
export function shardRows(rows: number, shard: Shard | undefined): { from: number; to: number } {
  if (shard === undefined) return { from: 0, to: rows };
  // BigInt, as rows · count may lie beyond 2^53.
  const at = (i: number) => Number((BigInt(rows) * BigInt(i)) / BigInt(shard.count));
  return { from: at(shard.index - 1), to: at(shard.index) };
}
