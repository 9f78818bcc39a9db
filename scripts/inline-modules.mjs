// The text of src/wasm/bytes.ts, the two modules as the library has them in it: simd in base64, relaxed as what it has of its
// own and where the rest stands in simd, which is most of it. Both in base64 would be half as much again after gzip, as that
// finds equal bytes only where they begin at the same third of a group.

/** Bytes of a piece that is worth its three numbers. */
const LEAST = 10;
/** Bytes by which places in simd are looked up. */
const KEY = 6;

/**
 * @param {Uint8Array} simd
 * @param {Uint8Array} relaxed
 * @param {Uint8Array} reader
 */
export function bytesSource(simd, relaxed, reader) {
  const { own, steps } = difference(simd, relaxed);
  const base64 = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('base64');
  // The annotations keep the bytes out of the declarations.
  return [
    '// Made by scripts/build.mjs from assembly/ (scripts/inline-modules.mjs).',
    `export const reader: string =\n  '${base64(reader)}';`,
    `export const simd: string =\n  '${base64(simd)}';`,
    `export const relaxedOwn: string =\n  '${base64(own)}';`,
    '/** By turns: so many bytes of relaxedOwn, then from which byte of simd how many. */',
    `export const relaxedSteps: readonly number[] = [${steps.join(', ')}];`,
    '',
  ].join('\n');
}

/** The text of src/wasm/decide-bytes.ts. */
export function decideSource(/** @type {Uint8Array} */ decide) {
  return [
    '// Made by scripts/build.mjs from assembly/decide/.',
    `export const decide: string =\n  '${Buffer.from(decide).toString('base64')}';`,
    '',
  ].join('\n');
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
