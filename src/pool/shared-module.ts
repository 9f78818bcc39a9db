/**
 * The kernels over a memory that threads share: the same bytes, but for the memory, which is imported
 * (`env.memory`, shared) where the module had one of its own, or imported one that is not shared. The kernels have no data and no globals that change, so
 * instances in several threads may work in one memory, each with a table and a state of its own.
 */

const HEADER_BYTES = 8;
const TYPES = 1;
const IMPORTS = 2;
const MEMORY = 5;

/** Section 2 with one entry: "env" "memory", a memory, shared with a maximum, from 1 page to 65536 (LEB128). */
const IMPORT = [
  0x02, 0x12, 0x01, 0x03, 0x65, 0x6e, 0x76, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x03, 0x01, 0x80, 0x80,
  0x04,
];

/** @param bytes a module of this package */
export function compileShared(bytes: Uint8Array): Promise<WebAssembly.Module> {
  return WebAssembly.compile(importSharedMemory(bytes));
}

function importSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [bytes.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const id = bytes[at]!;
    const { value, next } = readLeb(bytes, at + 1);
    const end = next + value;
    if (id !== MEMORY && id !== IMPORTS) parts.push(bytes.subarray(at, end));
    // Imports come right after the types.
    if (id === TYPES) parts.push(Uint8Array.from(IMPORT));
    at = end;
  }
  const patched = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of parts) {
    patched.set(part, to);
    to += part.length;
  }
  return patched;
}

function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let shift = 0;
  let byte: number;
  do {
    byte = bytes[at++]!;
    value |= (byte & 127) << shift;
    shift += 7;
  } while (byte & 128);
  return { value, next: at };
}
