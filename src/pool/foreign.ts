import type { OperandArray } from '../operand.js';
import { bufferOf, isSharedBuffer } from '../view.js';
import type { News } from './messages.js';

/** In place of a number: it has been met once, or threads cannot have it. */
const MET = 0;
const REFUSED = -1;

/**
 * SharedArrayBuffers of the program's own, which threads know by numbers, so that they copy its rows by themselves. They are
 * told of one when it comes a second time, as the program then keeps it, and that it is gone when the program has let go of
 * it. A thread has what it knew until it collects its garbage, which it hardly makes: a buffer for each call would stay.
 */
export class ForeignBuffers {
  readonly #tell: (news: Omit<News, 'round'>) => void;
  readonly #ids = new WeakMap<ArrayBufferLike, number>();
  readonly #live = new Map<number, WeakRef<ArrayBufferLike>>();
  readonly #gone = new FinalizationRegistry<number>((id) => {
    this.#live.delete(id);
    this.#tell({ more: [], less: [id] });
  });

  constructor(tell: (news: Omit<News, 'round'>) => void) {
    this.#tell = tell;
  }

  /** The number of an array's buffer; 0 for one that threads do not know. */
  idOf(array: OperandArray): number {
    return Math.max(this.#ids.get(bufferOf(array)) ?? 0, 0);
  }

  /** An array comes in a call. */
  meet(array: OperandArray): void {
    const buffer = bufferOf(array);
    const id = this.#ids.get(buffer);
    if (id === undefined) this.#ids.set(buffer, isSharedBuffer(buffer) ? MET : REFUSED);
    else if (id === MET) this.#ids.set(buffer, this.#introduce(buffer));
  }

  /** All that there are. */
  get all(): News['more'] {
    return [...this.#live].flatMap(([id, ref]): News['more'] => {
      const buffer = ref.deref();
      return buffer === undefined ? [] : [[id, buffer]];
    });
  }

  #introduce(buffer: ArrayBufferLike): number {
    let id = this.#live.size + 1;
    while (this.#live.has(id)) id++;
    try {
      this.#tell({ more: [[id, buffer]], less: [] });
    } catch {
      return REFUSED;
    }
    this.#live.set(id, new WeakRef(buffer));
    this.#gone.register(buffer, id);
    return id;
  }
}
