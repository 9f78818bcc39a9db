/**
 * Drives the exponentials of all tiers through the kernels' own passes (assembly/numeric.ts) and measures them against
 * float64:
 *
 *   row     exp4: rowExpSum leaves 2^-N · e^((x − shift)/T) in y, N and the shift following from the row's max m
 *   full    exp4Full leaves e^x in y
 *   group   exp4 in the narrow kernels: logSumExp of up to 64 columns leaves its terms in the state
 *   scalar  exp of src/scalar/exp.ts, before anything is rounded to float32
 *
 * scripts/check/exhaustive.mjs runs every float32 through it, test/numerics/exp.test.ts a part of them.
 */

/**
 * Max error in ULP of float32 (spacing at the exact result), by path. The first two are what the arithmetic gives
 * (docs/accuracy-bounds.md derives them): T a power of two leaves the coefficients as they are at T = 1, and any other
 * T rounds each of them once more.
 */
export const BOUNDS = { relaxed: 1.2, simd: 1.2, scalar: 0.03 };
export const BOUNDS_ANY_TEMPERATURE = { relaxed: 1.4, simd: 1.4, scalar: 0.03 };

/** Where the kernels' arguments lie: any place above the module's (empty) static data. */
const TABLE = 1024;
const CALL = 2048;
const STATE = 2304;
const X = 16384;
const CHUNK = 4032;
const Y = X + 4 * CHUNK + 64;
const PAGES = 2;
const MAGIC = 12583039;
/** Columns of a narrow row: the max, then 62 others. */
const COLUMNS = 63;

const LN2 = Math.LN2;
/** |m| / T beyond which the kernels subtract m first. */
const LIMIT = 350;
/** e^(x − m) of less than this many powers of two below 1 may be flushed: what is normal in float32 is swept. */
const LIVE = 125.4 * LN2;

/** ln2/64 in two parts: 37 bits, so that n times it is exact, and the rest. Math.LN2 is 2.3e-17 below ln 2. */
const STEP_HI = Math.fround((LN2 / 64) * 2 ** 6) / 2 ** 6;
const STEP_LO = LN2 / 64 - STEP_HI + 2.3190468138462996e-17 / 64;
const POWERS = Float64Array.from({ length: 64 }, (_, j) => 2 ** (j / 64));
const LOWEST = -1074;
const SCALES = Float64Array.from({ length: 2099 }, (_, i) => 2 ** (i + LOWEST));
const ROUND = 6755399441055744;

/**
 * e^x in float64 for |x| < 700: 2^(n/64) · e^r, |r| ≤ ln2/128, by Taylor to degree 6.
 *
 *   Max error  4e-16 relative   (test/numerics/exp.test.ts checks it against decimal arithmetic)
 */
export function expExact(x) {
  const n = x * (64 / LN2) + ROUND - ROUND;
  const r = x - n * STEP_HI - n * STEP_LO;
  const p = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720))))));
  return POWERS[n & 63] * p * SCALES[(n >> 6) - LOWEST];
}

/** float32 in order: of(0) = 0, of(1) the smallest above it, of(-1) the largest below. Consecutive floats are one apart. */
const word = new Int32Array(1);
const single = new Float32Array(word.buffer);
export function orderOf(x) {
  single[0] = x;
  return word[0] < 0 ? -(word[0] & 0x7fffffff) : word[0];
}
function bitsOf(order) {
  return order < 0 ? -order | 0x80000000 : order;
}
export function floatOf(order) {
  word[0] = bitsOf(order);
  return single[0];
}

/** 2^23 over the power of two at or below v: multiplies an absolute error into ULP of float32. */
const wide = new Float64Array(1);
const halves = new Uint32Array(wide.buffer);
function perUlp(v) {
  wide[0] = v;
  halves[1] = 0x7fe00000 + (23 << 20) - (halves[1] & 0x7ff00000);
  halves[0] = 0;
  return wide[0];
}

/** The power of two N that a row of max m ≤ 350·T takes out, as `ready` in assembly/statistics.ts has it. */
const POWER_STEPS = [
  505, 504, 444, 383, 322, 261, 200, 139, 78, 17, -44, -105, -166, -227, -288, -349, -410, -471, -504, -505,
];

/**
 * The row maxima at temperature T: an even and an odd N for every x (rounding to even sees it), in range of all x from
 * −437·T to 350·T.
 */
function rowMaxima(temperature) {
  const limit = Math.fround(LIMIT * temperature);
  const list = POWER_STEPS.map((n) => Math.max(-limit, Math.min(limit, Math.fround(n * LN2 * temperature))));
  return list.sort((a, b) => a - b);
}

/** Row maxima beyond 350·T. */
const LARGE = [351, -351, 500, -500, 1000, -1000, 1e4, -1e4];

function spanOf(m, temperature) {
  return { m, from: orderOf(m - LIVE * temperature) + 1, to: orderOf(m) + 1 };
}

/**
 * Stretches of floats, in order, over which the row maxima do not change: `from` up to `to`, every `stride`-th float.
 * A stretch without maxima is swept by `full` alone. e^(x/T) is compared as e^((x − origin)/T).
 */
export function stretches({ temperature, stride, full = false, size = Infinity }) {
  const spans = rowMaxima(temperature).map((m) => spanOf(m, temperature));
  const fullSpan = full ? { from: orderOf(-87.3), to: orderOf(88.7) + 1 } : { from: 0, to: 0 };
  const cuts = new Set([fullSpan.from, fullSpan.to]);
  for (const { from, to } of spans) cuts.add(from).add(to);
  const edges = [...cuts].sort((a, b) => a - b);
  const list = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const maxima = spans.filter(({ from, to }) => from <= edges[i] && to >= edges[i + 1]).map(({ m }) => m);
    const inFull = fullSpan.from <= edges[i] && fullSpan.to >= edges[i + 1];
    if (maxima.length === 0 && !inFull) continue;
    for (let from = edges[i]; from < edges[i + 1]; from += size * stride) {
      const to = Math.min(edges[i + 1], from + size * stride);
      list.push({ temperature, stride, from, to, maxima, origin: 0, full: inFull });
      if (size === Infinity) break;
    }
  }
  return list;
}

/** The same for rows whose max lies beyond 350·T, where x − m is taken first. */
export function shiftedStretches({ temperature, stride }) {
  return LARGE.map((large) => {
    const m = Math.fround(large * temperature);
    const { from, to } = spanOf(m, temperature);
    return { temperature, stride, from, to, maxima: [m], origin: m, full: false };
  });
}

/** How many floats a stretch holds. */
export function floatsIn({ from, to, stride }) {
  return Math.ceil((to - from) / stride);
}

/**
 * What was seen of one path of one tier. Errors are signed: above and below the exact result. `profile` has the largest
 * relative error in units of 2^-24 (above, then below) by where the result lies in its binade, in 64ths of it.
 */
export function newFindings() {
  return {
    count: 0,
    above: { ulp: 0, x: NaN, m: NaN, temperature: NaN },
    below: { ulp: 0, x: NaN, m: NaN, temperature: NaN },
    profile: new Float64Array(128),
  };
}

export function mergeFindings(into, from) {
  into.count += from.count;
  if (from.above.ulp > into.above.ulp) into.above = from.above;
  if (from.below.ulp < into.below.ulp) into.below = from.below;
  for (let b = 0; b < 128; b++) into.profile[b] = Math.max(into.profile[b], from.profile[b]);
}

/**
 * The worse of the two sides.
 *
 * @param {Pick<ReturnType<typeof newFindings>, 'above' | 'below'>} found
 */
export function worstOf({ above, below }) {
  return above.ulp >= -below.ulp ? above : below;
}

/** The largest relative error in units of 2^-24. */
export function worstRelative({ profile }) {
  return profile.reduce((a, b) => Math.max(a, b), 0);
}

/**
 * @param {{ name: string, module: WebAssembly.Module }[]} wasm tiers, compiled by numeric-module.mjs
 * @param {((z: number, powers: Float64Array) => number) | null} scalarExp with its table; null to leave it out
 */
export function createSweep(wasm, scalarExp, powers) {
  const exact = new Float64Array(CHUNK);
  const ulps = new Float64Array(CHUNK);
  const bucket = new Uint8Array(CHUNK);
  const xBits = new Int32Array(CHUNK);
  const x = new Float32Array(xBits.buffer);
  const scalarY = new Float64Array(CHUNK);
  /** @type {Record<string, ReturnType<typeof newFindings>>} */
  const findings = {};
  const tiers = wasm.map(({ name, module }) => {
    const kernels = /** @type {import('./numeric-module.mjs').NumericModule & Record<string, WebAssembly.Global>} */ (
      /** @type {unknown} */ (new WebAssembly.Instance(module).exports)
    );
    kernels.memory.grow(PAGES);
    const { buffer } = kernels.memory;
    const u32 = new Uint32Array(buffer);
    /** Words of the call block, and of the state, by the names of the layout. */
    const at = (name, from) => (from + kernels[name].value) >> 2;
    u32[at('CALL_TABLE', CALL)] = TABLE;
    u32[at('CALL_STATE', CALL)] = STATE;
    return {
      name,
      kernels,
      max: at('STATE_MAX', STATE),
      magic: at('STATE_MAGIC', STATE),
      shift: at('STATE_SHIFT', STATE),
      groupE: kernels.columnsOf(STATE) >> 2,
      writeCall: (rows, cols, x, y) => {
        u32[at('CALL_ROWS', CALL)] = rows;
        u32[at('CALL_COLS', CALL)] = cols;
        u32[at('CALL_OPERANDS', CALL)] = x;
        u32[at('CALL_OPERANDS', CALL) + 1] = y;
      },
      xBits: new Int32Array(buffer, X, CHUNK),
      y: new Float32Array(buffer, Y, CHUNK),
      rows: new Float32Array(buffer, Y + 4 * CHUNK + 64, 4 * COLUMNS),
      f32: new Float32Array(buffer),
    };
  });
  let temperatureInTable = NaN;

  const of = (path) => (findings[path] ??= newFindings());

  /** Compares y with exact · scale in the first n places. */
  function compare(path, y, n, scale, x, m, temperature) {
    const found = of(path);
    const { profile } = found;
    const inverse = 1 / scale;
    let above = found.above.ulp;
    let below = found.below.ulp;
    let aboveAt = -1;
    let belowAt = -1;
    for (let i = 0; i < n; i++) {
      const e = exact[i];
      const d = y[i] * inverse - e;
      const ulp = d * ulps[i];
      const b = bucket[i];
      const relative = (d / e) * 16777216;
      if (relative >= 0) {
        if (relative > profile[b]) profile[b] = relative;
        if (ulp > above) {
          above = ulp;
          aboveAt = i;
        }
      } else if (relative < 0) {
        if (-relative > profile[64 + b]) profile[64 + b] = -relative;
        if (ulp < below) {
          below = ulp;
          belowAt = i;
        }
      } else throw new Error(`${path}: ${y[i]} at x = ${x[i]}, m = ${m}, T = ${temperature}`);
    }
    found.count += n;
    if (aboveAt >= 0) found.above = { ulp: above, x: x[aboveAt], m, temperature };
    if (belowAt >= 0) found.below = { ulp: below, x: x[belowAt], m, temperature };
  }

  function rowPath({ name, kernels, y, f32, max, magic, shift, writeCall }, n, m, temperature, shifted) {
    f32.fill(m, max, max + 4);
    kernels.ready(TABLE, STATE);
    const power = MAGIC - f32[magic];
    if (f32[shift] !== (shifted ? m : 0)) throw new Error(`row max ${m} at T = ${temperature}: shift ${f32[shift]}`);
    writeCall(1, n, X, Y);
    kernels.rowExpSum(X, Y, 0, CALL);
    compare(`${name} ${shifted ? 'shifted' : 'row'}`, y, n, 2 ** -power, x, m, temperature);
  }

  /** e of some logits in a row of max m, on the first tier: 2^-power · e^((x − shift)/T). */
  function exponentials(logits, m, temperature) {
    const [{ kernels, f32, max, magic, shift, writeCall }] = tiers;
    kernels.constants(TABLE, temperature);
    temperatureInTable = NaN;
    f32.fill(m, max, max + 4);
    kernels.ready(TABLE, STATE);
    f32.set(logits, X / 4);
    writeCall(1, logits.length, X, Y);
    kernels.rowExpSum(X, Y, 0, CALL);
    return { e: f32.slice(Y / 4, Y / 4 + logits.length), power: MAGIC - f32[magic], shift: f32[shift] };
  }

  /** The narrow kernels' e has the same bits as the row kernels', which y holds. */
  function groupPath({ name, kernels, y, rows, f32, groupE, writeCall }, n, m, temperature) {
    const found = of(`${name} group`);
    for (let at = 0; at < n; at += 4 * (COLUMNS - 1)) {
      for (let r = 0; r < 4; r++) {
        for (let c = 0; c < COLUMNS; c++) {
          const i = Math.min(n - 1, at + r * (COLUMNS - 1) + c - 1);
          rows[r * COLUMNS + c] = c === 0 ? m : x[i];
        }
      }
      writeCall(4, COLUMNS, rows.byteOffset, rows.byteOffset);
      kernels.logSumExp(CALL);
      for (let r = 0; r < 4; r++) {
        for (let c = 1; c < COLUMNS; c++) {
          const i = Math.min(n - 1, at + r * (COLUMNS - 1) + c - 1);
          const e = f32[groupE + c * 4 + r];
          if (e !== y[i])
            throw new Error(
              `${name}: narrow kernel has ${e}, row kernel ${y[i]} at x = ${x[i]}, m = ${m}, T = ${temperature}`,
            );
        }
      }
    }
    found.count += n;
  }

  function fullPath({ name, kernels, y }, n) {
    kernels.exp4FullOver(X, Y, 16 * Math.ceil(n / 4), TABLE);
    compare(`${name} full`, y, n, 1, x, NaN, 1);
  }

  function scalarPath(n, m, origin, temperature) {
    const c = (16 * Math.LOG2E) / temperature;
    for (let i = 0; i < n; i++) scalarY[i] = scalarExp((x[i] - m) * c, powers);
    compare('scalar', scalarY, n, expExact((origin - m) / temperature), x, m, temperature);
  }

  /** All paths over one stretch; `group` says whether the narrow kernels run too. */
  function sweep({ temperature, stride, from, to, maxima, origin, full }, { group = false, progress = () => {} } = {}) {
    if (temperatureInTable !== temperature) for (const { kernels } of tiers) kernels.constants(TABLE, temperature);
    temperatureInTable = temperature;
    for (let order = from; order < to; order += CHUNK * stride) {
      const n = Math.min(CHUNK, Math.ceil((to - order) / stride));
      for (let i = 0; i < n; i++) xBits[i] = bitsOf(order + i * stride);
      for (let i = 0; i < n; i++) {
        const e = expExact((x[i] - origin) / temperature);
        exact[i] = e;
        ulps[i] = perUlp(e);
        wide[0] = e;
        bucket[i] = (halves[1] >>> 14) & 63;
      }
      for (const tier of tiers) tier.xBits.set(xBits);
      for (const m of maxima) {
        const shifted = Math.abs(m) > Math.fround(LIMIT * temperature);
        for (const tier of tiers) {
          rowPath(tier, n, m, temperature, shifted);
          if (group) groupPath(tier, n, m, temperature);
        }
        if (scalarExp) scalarPath(n, m, origin, temperature);
      }
      if (full) for (const tier of tiers) fullPath(tier, n);
      progress(n);
    }
  }

  return { sweep, findings, exponentials };
}
