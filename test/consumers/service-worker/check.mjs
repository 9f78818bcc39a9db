import { POOL, RELAXED, SCALAR, expectReport } from '../expected.mjs';
import { ISOLATED } from '../serve.mjs';

// A service worker may start no workers: the pool's work is its own.
const pool = { ...POOL, threads: 1, threadsReason: /^threads: this runtime has no workers$/ };

export default async function check({ report, serve }) {
  for (const headers of [{}, ISOLATED]) {
    expectReport(await report(await serve('.', headers)), { main: RELAXED, scalar: SCALAR, pool });
  }
}
