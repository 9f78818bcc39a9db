/**
 * The table: the constants of one temperature T, each in every lane of a vector. They are loaded from memory, not written in
 * the kernels: V8 rebuilds every v128 constant inside a loop, and takes three or four instructions for one of float64.
 */
@unmanaged
export class Table {
  // f32x4: the exponential's. log2(e) / T; T·ln2 as 14 bits and the rest; coefficient i of the polynomial over T^i; 1.
  log2e: v128;
  ln2Hi: v128;
  ln2Lo: v128;
  c1: v128;
  c2: v128;
  c3: v128;
  c4: v128;
  c5: v128;
  c6: v128;
  one: v128;
  /** f32x4: T·ln2 unsplit. */
  ln2: v128;
  /** f32x4: 350·T: a row whose max lies beyond takes x − max first. */
  limit: v128;
  /** f32x4: ½ where T > 1, else 1: (x·½ − max·½)·2/T has no overflow before the result itself. And 1 / (half·T). */
  half: v128;
  slope: v128;
  /** f64x2: 1/T. */
  invT: v128;
  /** f64x2: ln 2, and MAGIC. */
  ln2Double: v128;
  magic: v128;
  /** f64x2: 1/i!. */
  taylor0: v128;
  taylor1: v128;
  taylor2: v128;
  taylor3: v128;
  taylor4: v128;
  taylor5: v128;
  taylor6: v128;
  taylor7: v128;
  taylor8: v128;
  /** f64x2: 2 / (2i + 1). */
  artanh0: v128;
  artanh1: v128;
  artanh2: v128;
  artanh3: v128;
  artanh4: v128;
  artanh5: v128;
  /** i64x2: the leading bits of √½, what takes them to those of 1, a mantissa's bits, and the exponent of 1. */
  sqrtHalf: v128;
  raise: v128;
  mantissa: v128;
  bias: v128;
  /** f64x2: 2^52, whose low bits hold an integer, and 2^52 + 1023. */
  whole: v128;
  wholeBias: v128;
  /**
   * 1 where softmax adds two e as f32 before they go into float64, which keeps 6 ULP where T is a power of two (adding
   * four reaches 6.42). At other T, and for logarithms, because a max may cancel half of log Σ, each e goes by itself.
   */
  pairs: u32;
}

/** 1.5·2^23 + 127: added to a float it leaves round(x) + 127 in the low bits, ready to be shifted into an exponent. */
// @ts-ignore: decorator
@inline export const MAGIC: f32 = 12583039;

// @ts-ignore: decorator
@inline const LN2: f64 = 0.6931471805599453;
/** log2(e), rounded to f32. */
// @ts-ignore: decorator
@inline const LOG2E: f64 = 1.4426950216293335;

/** The 14 leading bits of v, rounded: n·ln2Hi is then exact for |n| ≤ 1024, whatever the temperature. */
function leadingBits(v: f64): f64 {
  const dropped: u64 = 53 - 14;
  const half: u64 = (1 as u64) << (dropped - 1);
  return reinterpret<f64>(((reinterpret<u64>(v) + half) >> dropped) << dropped);
}

/** v, rounded to f32, in every lane. */
function splat(v: f64): v128 {
  return f32x4.splat(<f32>v);
}

/** Fills the table for temperature t in [2^-16, 2^16]. */
export function constants(k: Table, t: f64): void {
  const ln2 = LN2 * t;
  const hi = leadingBits(ln2);
  const inv = 1 / t;
  k.log2e = splat(LOG2E / t);
  k.ln2Hi = splat(hi);
  k.ln2Lo = splat(ln2 - hi);
  k.one = splat(1);
  k.ln2 = splat(ln2);
  k.limit = splat(350 * t);
  const half: f64 = t > 1 ? 0.5 : 1;
  k.half = splat(half);
  k.slope = splat(inv / half);
  k.invT = f64x2.splat(inv);
  k.pairs = <u32>!(reinterpret<u64>(t) << 12);
  coefficients(k, t, inv);
  constants64(k);
}

/**
 * The polynomial p of degree 5 so that 1 + r·p(r) is within 3.2e-9 of e^r over ±ln2/2, each coefficient rounded to f32
 * before the next is fitted; scripts/coefficients.mjs prints them.
 */
function coefficients(k: Table, t: f64, inv: f64): void {
  // C1's rounding error ε tilts the polynomial by ε·t, t = r/T: C3 and C5 bend that into ε·h·T5(t/h)/5 (Chebyshev,
  // h = ln2/2), a fifth of it. Without this exp4 reaches 1.53 ULP at T = 0.0979204684893734; 0 where T is 2^i.
  const tilt = <f64>(<f32>inv) * t - 1;
  k.c1 = splat(inv);
  let power = inv * inv;
  k.c2 = splat(0.4999999403953552 * power);
  power *= inv;
  k.c3 = splat((0.16666516661643982 - 33.301902770996094 * tilt) * power);
  power *= inv;
  k.c4 = splat(0.04166810214519501 * power);
  power *= inv;
  k.c5 = splat((0.008369192481040955 + 221.80335998535156 * tilt) * power);
  power *= inv;
  k.c6 = splat(0.001383890281431377 * power);
}

/** What the float64 arithmetic wants: the same at every temperature. */
function constants64(k: Table): void {
  let factorial: f64 = 1;
  for (let i: u32 = 0; i < 9; i++) {
    const at = changetype<usize>(k) + ((<usize>i) << 4);
    if (i) factorial *= <f64>i;
    v128.store(at, f64x2.splat(1 / factorial), offsetof<Table>('taylor0'));
    if (i < 6) v128.store(at, f64x2.splat(2 / <f64>(2 * i + 1)), offsetof<Table>('artanh0'));
  }
  k.ln2Double = f64x2.splat(LN2);
  k.magic = f64x2.splat(<f64>MAGIC);
  k.sqrtHalf = i64x2.splat(0x3fe6a09e00000000);
  k.raise = i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e00000000);
  k.mantissa = i64x2.splat(0x000fffffffffffff);
  k.bias = i64x2.splat(1023);
  k.whole = f64x2.splat(4503599627370496);
  k.wholeBias = f64x2.splat(4503599627370496 + 1023);
}
