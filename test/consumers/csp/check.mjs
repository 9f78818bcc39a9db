import { POOL, RELAXED, expectReport } from '../expected.mjs';
import { ISOLATED } from '../serve.mjs';

const headers = (...script) => ({
  ...ISOLATED,
  'content-security-policy': `default-src 'none'; script-src ${script.join(' ')}`,
});

/** Chromium's own words, once for each tier that it was asked to compile. */
const REFUSED = { tier: 'scalar', reason: /^relaxed: .*Content Security Policy.*; simd: .*Content Security Policy/ };

export default async function check({ report, serve }) {
  const allowing = await serve('.', headers("'self'", "'wasm-unsafe-eval'"));
  expectReport(await report(allowing), { main: RELAXED, worker: RELAXED, pool: POOL });
  const forbidding = await serve('.', headers("'self'"));
  expectReport(await report(forbidding), { main: REFUSED, worker: REFUSED, pool: { ...POOL, ...REFUSED } });
}
