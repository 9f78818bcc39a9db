/** What a function takes and gives, as bits of its `kind`: a block has one column for each argument, in this order. */

/** The first argument is always `logits Array(Float32)`. Then, if there: */
// @ts-ignore: decorator
@inline export const PROBS: u32 = 1; // targets Array(Float32)
// @ts-ignore: decorator
@inline export const LABEL: u32 = 2; // target Int64
// @ts-ignore: decorator
@inline export const TEMPERATURE: u32 = 4; // temperature Float64

/** The result: an array, a Float32, or both as Tuple(Array(Float32), Float32). */
// @ts-ignore: decorator
@inline export const ARRAY: u32 = 8;
// @ts-ignore: decorator
@inline export const SCALAR: u32 = 16;

/** How many arguments. */
export function argumentsOf(kind: u32): u32 {
  return 1 + popcnt(kind & (PROBS | LABEL | TEMPERATURE));
}
