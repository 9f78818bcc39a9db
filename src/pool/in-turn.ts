import { plus } from '../operation.js';
import { partOfView } from '../view.js';
import { ADDING, type Control, NEXT } from './control.js';
import { arrayAt, type Place } from './posted.js';

/**
 * A sum over the rows of a job is made in their order, so that it is the same on any number of threads, while others are
 * still computed: each worker marks its chunk as computed, and one at a time adds the chunks whose turn it is.
 *
 * Nobody waits. A worker that finds another adding leaves its chunk to that one, which looks at the marks once more after it
 * has let go: a mark that was set before that is seen there, and the worker of a later one finds nobody adding. So a chunk
 * is only ever left over while somebody is about to look, and when all have looked all is added.
 *
 * @param bufferOf what an array lies in
 */
export function addInTurn(
  control: Control,
  slot: number,
  chunk: number,
  bufferOf: (place: Place) => ArrayBufferLike,
): void {
  const { words } = control;
  const { values, marks } = control.readSum(slot);
  const { length: chunks } = marks;
  const marked = arrayAt(bufferOf(marks), marks) as Int32Array;
  Atomics.store(marked, chunk, 1);
  const adding = control.job(slot, ADDING);
  const next = control.job(slot, NEXT);
  let at: number;
  do {
    if (Atomics.compareExchange(words, adding, 0, 1) !== 0) return;
    at = words[next]!;
    let sum = control.total(slot);
    for (; at < chunks && Atomics.load(marked, at) !== 0; at++) {
      const { from, to } = control.range(slot, at);
      sum = plus(sum, partOfView(arrayAt(bufferOf(values), values), from, to));
    }
    control.setTotal(slot, sum);
    words[next] = at;
    Atomics.store(words, adding, 0);
  } while (at < chunks && Atomics.load(marked, at) !== 0);
}
