interface Decoders {
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
}

/**
 * The bytes of a base64 text. The loop runs before any compiler has seen it, half a millisecond of the first result: runtimes' own decoders come first.
 */
export function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const { Uint8Array, Buffer } = globalThis as unknown as Decoders & typeof globalThis;
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  if (Buffer) return Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
