// The text of src/wasm/bytes.ts and src/wasm/decide-bytes.ts, the modules as the library has them in it: a byte is one
// character or two, where base64 has four for three, as gzip finds equal bytes only where equal characters stand for them.
// relaxed is what it has of its own and where the rest stands in simd, which is most of it.

/** Bytes of a piece that is worth its three numbers. */
const LEAST = 10;
/** Bytes by which places in simd are looked up. */
const KEY = 6;
/** ASCII that no string and no page escapes (src/wasm/decoded.ts has it, too). The last two go before those of rare bytes. */
const CHARACTERS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (c) => !'"$\'<\\`'.includes(c),
);
const ONE = CHARACTERS.length - 2;

/**
 * @param {Uint8Array} simd
 * @param {Uint8Array} relaxed
 * @param {Uint8Array} reader
 */
export function bytesSource(simd, relaxed, reader) {
  const { own, steps } = difference(simd, relaxed);
  const frequent = frequentBytes(simd);
  // The annotations keep the bytes out of the declarations.
  return [
    '// Made by scripts/build.mjs from assembly/ (scripts/inline-modules.mjs).',
    '/** The bytes that have a character of their own, in the order of the characters. */',
    `export const frequent: readonly number[] = [${frequent.join(', ')}];`,
    `export const reader: string =\n  '${encoded(reader, frequent)}';`,
    `export const simd: string =\n  '${encoded(simd, frequent)}';`,
    `export const relaxedOwn: string =\n  '${encoded(own, frequent)}';`,
    '/** By turns: so many bytes of relaxedOwn, then from which byte of simd how many. */',
    `export const relaxedSteps: readonly number[] = [${steps.join(', ')}];`,
    '',
  ].join('\n');
}

/**
 * The text of src/wasm/decide-bytes.ts.
 *
 * @param {Uint8Array} decide
 * @param {Uint8Array} simd
 */
export function decideSource(decide, simd) {
  return [
    '// Made by scripts/build.mjs from assembly/decide/ (scripts/inline-modules.mjs).',
    `export const decide: string =\n  '${encoded(decide, frequentBytes(simd))}';`,
    '',
  ].join('\n');
}

/** @returns {number[]} */
export function frequentBytes(/** @type {Uint8Array} */ bytes) {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const byte of bytes) counts[byte]++;
  return [...counts.keys()].sort((a, b) => counts[b] - counts[a]).slice(0, ONE);
}

/**
 * @param {Uint8Array} bytes
 * @param {number[]} frequent
 */
export function encoded(bytes, frequent) {
  const rare = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte));
  const texts = Array.from({ length: 256 }, (_, byte) => {
    const place = frequent.indexOf(byte);
    if (place >= 0) return CHARACTERS[place];
    const k = rare.indexOf(byte);
    return CHARACTERS[ONE + Math.floor(k / CHARACTERS.length)] + CHARACTERS[k % CHARACTERS.length];
  });
  return Array.from(bytes, (byte) => texts[byte]).join('');
}

/**
 * @param {Uint8Array} from
 * @param {Uint8Array} to
 */
function difference(from, to) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  const keyAt = (/** @type {Uint8Array} */ bytes, /** @type {number} */ at) => bytes.subarray(at, at + KEY).join();
  for (let at = 0; at + KEY <= from.length; at++) {
    const key = keyAt(from, at);
    places.set(key, [...(places.get(key) ?? []), at]);
  }
  const own = [];
  const steps = [];
  let count = 0;
  for (let at = 0; at < to.length;) {
    let best = { place: 0, length: 0 };
    for (const place of places.get(keyAt(to, at)) ?? []) {
      let length = KEY;
      while (at + length < to.length && to[at + length] === from[place + length]) length++;
      if (length > best.length) best = { place, length };
    }
    if (best.length >= LEAST) {
      steps.push(count, best.place, best.length);
      count = 0;
      at += best.length;
    } else {
      own.push(to[at++]);
      count++;
    }
  }
  if (count > 0) steps.push(count, 0, 0);
  return { own: Uint8Array.from(own), steps };
}
