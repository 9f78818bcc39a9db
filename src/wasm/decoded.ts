import { frequent } from './bytes.js';

/** The characters of the text, those that a string or a page would escape left out (scripts/inline-modules.mjs). */
const SKIPPED = '"$\'<\\`';
const [FIRST, END] = [32, 127];
const COUNT = END - FIRST - SKIPPED.length;
/** Those behind them stand before another one, by which rare bytes are found. */
const ONE = COUNT - 2;

/** The places of characters by their codes, and the bytes that are not frequent; made when they are first needed. */
let tables: { places: Uint8Array; rare: number[] } | null = null;

function makeTables(): { places: Uint8Array; rare: number[] } {
  const places = new Uint8Array(END);
  for (let code = FIRST, place = 0; code < END; code++) {
    if (!SKIPPED.includes(String.fromCharCode(code))) places[code] = place++;
  }
  return { places, rare: Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte)) };
}

/** The bytes of a text of scripts/inline-modules.mjs. */
export function decoded(text: string): Uint8Array<ArrayBuffer> {
  const { places, rare } = (tables ??= makeTables());
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const place = places[text.charCodeAt(i)];
    bytes[length++] = place < ONE ? frequent[place] : rare[(place - ONE) * COUNT + places[text.charCodeAt(++i)]];
  }
  return bytes.slice(0, length);
}
