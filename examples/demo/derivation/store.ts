import { type Derived, derive } from './derive.js';
import type { State } from './state.js';

type Listener = (state: State, derived: Derived) => void;

/** The state and what follows from it; tells every part of the section when it changes. */
export class Store {
  #state: State;
  #derived: Derived;
  readonly #listeners: Listener[] = [];

  constructor(state: State) {
    this.#state = state;
    this.#derived = derive(state);
  }

  get state(): State {
    return this.#state;
  }

  get derived(): Derived {
    return this.#derived;
  }

  update(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#derived = derive(this.#state);
    for (const listener of this.#listeners) listener(this.#state, this.#derived);
  }

  /** Calls `listener` now and after every change. */
  subscribe(listener: Listener): void {
    this.#listeners.push(listener);
    listener(this.#state, this.#derived);
  }
}
