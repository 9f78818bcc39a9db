import type { Backend } from './backend.js';

/** Where the functions of one engine find their backend: the default engine's is null until it is first used. */
export interface Host {
  backend: Backend | null;
  /** Sets `backend` and returns it. */
  open(): Backend;
}
