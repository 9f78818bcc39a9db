import { readFileSync } from 'node:fs';
import { CLAIM_SHAPES, type Shape } from '../benchmark/shapes.js';

/** What the claim at the top says of one browser, from its committed record. */
export interface Recorded {
  /** Of the record's file. */
  id: string;
  /** The browser and its version. */
  name: string;
  cpu: string;
  date: string;
  /** f64[CLAIM_SHAPES]: how many times as fast as the loop softmax is */
  ratios: number[];
}

interface BenchRecord {
  runtime: { id: string; name: string };
  cpu: string;
  date: string;
  results: { op: string; shape: string; subject: string; min: number }[];
}

/** The browsers' records that are committed, of `npm run bench`. */
export function recorded(): Recorded[] {
  return ['chromium', 'firefox'].map((id) => {
    const file = new URL(`../../../bench/results/${id}.json`, import.meta.url);
    const record = JSON.parse(readFileSync(file, 'utf8')) as BenchRecord;
    const { runtime, cpu, date } = record;
    return { id, name: runtime.name, cpu, date, ratios: CLAIM_SHAPES.map((shape) => ratio(record, shape)) };
  });
}

/** Of the fastest samples, as the page itself measures it: the usual build, results into an array that is kept. */
function ratio({ runtime, results }: BenchRecord, { rows, cols }: Shape): number {
  const nanoseconds = (subject: string) => {
    const shape = `${rows}x${cols}`;
    const found = results.find(
      (result) => result.op === 'softmax' && result.shape === shape && result.subject === subject,
    );
    if (found === undefined) throw new Error(`${runtime.id}.json has no ${subject} of ${shape}: npm run bench`);
    return found.min;
  };
  return nanoseconds('loop') / nanoseconds('relaxed out');
}
