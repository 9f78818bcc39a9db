import { frequent } from './bytes.js';

/** The characters of the text, those that a string or a page would escape left out (scripts/inline-modules.mjs). */
const SKIPPED = '"$\'<\\`';
const [FIRST, END] = [32, 127];
const COUNT = END - FIRST - SKIPPED.length;
/** Those behind them stand before another one, by which rare bytes are found. */
const ONE = COUNT - 2;

interface Tables {
  /** Of each character: its byte, or -1, -2 where it stands before another one. */
  bytes: Int16Array;
  /** Its place among them, by which the second one says which of the bytes that are not frequent it is. */
  places: Uint8Array;
  rare: number[];
}

/** Made when they are first needed. */
let tables: Tables | null = null;

function makeTables(): Tables {
  const bytes = new Int16Array(END);
  const places = new Uint8Array(END);
  for (let code = FIRST, place = 0; code < END; code++) {
    if (SKIPPED.includes(String.fromCharCode(code))) continue;
    bytes[code] = place < ONE ? frequent[place] : ONE - place - 1;
    places[code] = place++;
  }
  const rare = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte));
  return { bytes, places, rare };
}

/** The codes of ASCII. Jest's jsdom environment has no TextEncoder. */
function codesOf(text: string): Uint8Array<ArrayBuffer> {
  if (typeof TextEncoder === 'function') return new TextEncoder().encode(text);
  const codes = new Uint8Array(text.length);
  for (let i = 0; i < codes.length; i++) codes[i] = text.charCodeAt(i);
  return codes;
}

/**
 * The bytes of a text of scripts/inline-modules.mjs. This runs once, before any compiler has seen it: then elements of typed
 * arrays are found faster than a string's characters.
 */
export function decoded(text: string): Uint8Array<ArrayBuffer> {
  const { bytes, places, rare } = (tables ??= makeTables());
  const codes = codesOf(text);
  const { length } = codes;
  let end = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[codes[i]];
    // What is written has been read: a byte is one character or two.
    codes[end++] = byte >= 0 ? byte : rare[(-1 - byte) * COUNT + places[codes[++i]]];
  }
  return codes.slice(0, end);
}
