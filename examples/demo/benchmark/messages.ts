import type { Op, Shape } from './shapes.js';

export interface Request {
  op: Op;
  shapes: readonly Shape[];
  /** `all` that this browser can run, or its `usual` one alone; beside the plain loop. */
  engines: 'all' | 'usual';
  /** Browsers round their clocks to a millisecond or less: one sample takes many times that. */
  sampleMs: number;
  rounds: number;
}

/** Nanoseconds per element of one contender on one shape. */
export interface Timing {
  name: string;
  /** Index into the request's shapes. */
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
