import type { ElementType } from './operand.js';

/**
 * What to do with a value that is no array for an argument, in parentheses after the error's text. A hint never leads to
 * wrong numbers: where a class may hold this or that, it asks.
 */
export function hint(value: unknown, types: readonly ElementType[]): string {
  const last = types[types.length - 1];
  try {
    const text = last === 'f32' || last === 'half' ? floatHint(value, types) : intHint(value, types);
    return text === '' ? '' : ` (${text})`;
  } catch {
    // What throws when it is looked at has no hint.
    return '';
  }
}

/** As check.ts has it, which imports this. */
const classOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);
const isList = (value: unknown) => Array.isArray(value) || ArrayBuffer.isView(value);

function floatHint(value: unknown, types: readonly ElementType[]): string {
  const name = classOf(value);
  const wanted = types.length > 1 && !/^Float/.test(name) ? 'Int32Array' : 'Float32Array';
  if (name === 'Uint16Array') {
    return `float16 or bfloat16 bits? ${types.includes('half') ? 'say which with dtype' : 'convert them to float32 first'}`;
  }
  if (name === 'DataView' || name === 'Uint8Array' || name === 'Int8Array') {
    return (
      'float32 bytes? new Float32Array(b.buffer, b.byteOffset, b.byteLength / 4), copied first where byteOffset is ' +
      'not a multiple of 4; numbers? copy them one by one'
    );
  }
  if (/^(Shared)?ArrayBuffer$/.test(name)) return `new ${wanted}(b)`;
  return arrayHint(value, name, wanted);
}

function intHint(value: unknown, types: readonly ElementType[]): string {
  const name = classOf(value);
  const isFloat = /^Float/.test(name);
  if (types[0] !== 'mask') {
    return isFloat ? 'whole numbers? Int32Array.from(array)' : arrayHint(value, name, 'Int32Array');
  }
  if (isFloat) return 'a mask to be added? add it to the logits';
  if (/^Big/.test(name) || (Array.isArray(value) && !isList(value[0]))) return 'Uint8Array.from(mask, Number)';
  if (ArrayBuffer.isView(value)) return 'a byte an element? Uint8Array.from(mask, (m) => (m ? 1 : 0))';
  return arrayHint(value, name, 'Uint8Array');
}

/** For what has numbers in it, somewhere. */
function arrayHint(value: unknown, name: string, wanted: string): string {
  if (/^Big(Int|Uint)64Array$/.test(name)) return `convert with ${wanted}.from(array, Number)`;
  if (Array.isArray(value) && isList(value[0])) return `rows? fill one ${wanted} row by row with set`;
  if (/Array$/.test(name)) return `convert with ${wanted}.from`;
  const isTensor =
    typeof value === 'object' && value !== null && ArrayBuffer.isView((value as { data?: unknown }).data);
  return isTensor ? 'a tensor? pass its .data' : '';
}
