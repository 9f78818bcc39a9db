import type { Op } from './shapes.js';

export interface Request {
  op: Op;
}

/** Nanoseconds per element of one contender on one shape. */
export interface Timing {
  name: string;
  /** Index into SHAPES. */
  shape: number;
  minimum: number;
  median: number;
}

export type Report =
  | {
      kind: 'engines';
      tier: string;
      reason: string | null;
      here: string[];
      missing: { name: string; reason: string }[];
    }
  | { kind: 'checked'; name: string; ulps: number; promise: number | null }
  | { kind: 'timed'; timings: Timing[] }
  | { kind: 'progress'; share: number; doing: string }
  | { kind: 'done' }
  | { kind: 'failed'; message: string };
