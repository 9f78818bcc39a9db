import { lacks } from './tiers.js';

type MakeBuffer = (bytes: number) => ArrayBufferLike;

const Resizable = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;
const growable: MakeBuffer = (bytes) => {
  const Growable = SharedArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => SharedArrayBuffer;
  return new Growable(bytes, { maxByteLength: bytes + 64 });
};

const ALL: { feature: string; name: string; make: MakeBuffer }[] = [
  { feature: 'SharedArrayBuffer', name: 'a SharedArrayBuffer', make: (bytes) => new SharedArrayBuffer(bytes) },
  {
    feature: 'resizable ArrayBuffer',
    name: 'a resizable ArrayBuffer',
    make: (bytes) => new Resizable(bytes, { maxByteLength: bytes + 64 }),
  },
  { feature: 'SharedArrayBuffer', name: 'a growable SharedArrayBuffer', make: growable },
];

/** The kinds of buffer that an array may stand on: all, but for what this runtime is known to lack (tiers.test.ts). */
export const BUFFERS = ALL.filter(({ feature }) => !lacks.includes(feature));
