import { plus } from '../operation.js';
import { ADDING, type Control, NEXT } from './control.js';

/**
 * A sum over the rows of a job is made in their order, so that it is the same on any number of threads, while others are
 * still computed: each worker marks its chunk as computed, and one at a time adds the chunks whose turn it is.
 *
 * Nobody waits. A worker that finds another adding leaves its chunk to that one, which looks at the marks once more after it
 * has let go: a mark that was set before that is seen there, and the worker of a later one finds nobody adding. So a chunk
 * is only ever left over while somebody is about to look, and when all have looked all is added.
 *
 * @param viewOf the shared memory, of at least so many bytes
 */
export function addInTurn(
  control: Control,
  slot: number,
  chunk: number,
  viewOf: (end: number) => ArrayBufferLike,
): void {
  const { words } = control;
  const { marks, summed, chunks, rows } = control.readSum(slot);
  const marked = new Int32Array(viewOf(marks + 4 * chunks), marks, chunks);
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
      sum = plus(sum, new Float32Array(viewOf(summed + 4 * rows), summed + 4 * from, to - from));
    }
    control.setTotal(slot, sum);
    words[next] = at;
    Atomics.store(words, adding, 0);
  } while (at < chunks && Atomics.load(marked, at) !== 0);
}
