import { extname } from 'node:path';
import type { Open } from './rows.js';

/** Loads one format's code; each is read only when it is used. */
const LOAD = {
  npy: async () => (await import('./npy.js')).openNpy,
  f32: async () => (await import('./f32.js')).openF32,
  arrow: async () => (await import('./arrow.js')).openArrow,
  rowbinary: async () => (await import('./rowbinary.js')).openRowBinary,
} satisfies Record<string, () => Promise<Open>>;

export type FormatName = keyof typeof LOAD;
export const FORMATS = Object.keys(LOAD) as FormatName[];

export function formatOf(name: FormatName): Promise<Open> {
  return LOAD[name]();
}

export function formatOfName(path: string): FormatName | null {
  return FORMATS.find((format) => format === extname(path).slice(1)) ?? null;
}
