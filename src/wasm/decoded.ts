import { frequent } from './bytes.js';

/** The characters of the text, those that a string or a page would escape left out (scripts/inline-modules.mjs). */
const SKIPPED = '"$\'<\\`';
const COUNT = 89;
/** Those that stand before another one, by which rare bytes are found. */
const PREFIXES = 2;

/** The bytes of a text of scripts/inline-modules.mjs. */
export function decoded(text: string): Uint8Array<ArrayBuffer> {
  const places = new Uint8Array(127);
  for (let code = 32, place = 0; code < 127; code++) {
    if (!SKIPPED.includes(String.fromCharCode(code))) places[code] = place++;
  }
  const rare = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte));
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const place = places[text.charCodeAt(i)];
    bytes[length++] =
      place < COUNT - PREFIXES
        ? frequent[place]
        : rare[(place - COUNT + PREFIXES) * COUNT + places[text.charCodeAt(++i)]];
  }
  return bytes.slice(0, length);
}
