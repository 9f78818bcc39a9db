import { RELAXED, expectReport } from '../expected.mjs';

export default async function check({ report, serve }) {
  expectReport(await report(await serve()), { worker: RELAXED, shared: RELAXED });
}
