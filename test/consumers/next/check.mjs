import { RELAXED, SCALAR, expectReport, nodeBackend } from '../expected.mjs';

export default async function check({ folder, report, run, start }) {
  await run('next', 'build');
  const url = await start('next', 'start', '-H', '127.0.0.1', '-p', await start.freePort());
  const server = nodeBackend(folder);
  expectReport(await report(url), {
    server,
    route: server,
    edge: server,
    main: RELAXED,
    scalar: SCALAR,
    worker: RELAXED,
  });
}
