interface Realm {
  Float32Array: Float32ArrayConstructor;
  Int32Array: Int32ArrayConstructor;
  Uint8Array: Uint8ArrayConstructor;
  Uint16Array: Uint16ArrayConstructor;
}

/** The constructors of another realm: a vm context, or an iframe in a browser. */
export async function otherRealm(): Promise<Realm> {
  if (typeof document !== 'undefined') {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return frame.contentWindow as unknown as Realm;
  }
  const { runInNewContext } = await import('node:vm');
  return runInNewContext('({ Float32Array, Int32Array, Uint8Array, Uint16Array })') as Realm;
}
