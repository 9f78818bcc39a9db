// stress.mjs on Node; argv: seconds, seed. Also: nothing that keeps the program alive is left.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import * as main from '../../dist/index.js';
import { createPool } from '../../dist/pool/index.js';
import { stress } from './stress.mjs';

const [seconds = '60', seed = '1'] = process.argv.slice(2);

const workers = new Set();
const threads = createRequire(import.meta.url)('node:worker_threads');
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    super(...args);
    workers.add(this);
    this.on('exit', () => workers.delete(this));
  }
};
const host = { alive: () => [...workers], kill: (worker) => worker.terminate() };

const unexpected = [];
process.on('unhandledRejection', (error) => unexpected.push(`unhandled: ${error?.stack ?? error}`));
process.on('uncaughtException', (error) => unexpected.push(`uncaught: ${error.stack}`));

/** What keeps the program alive, but for what is just being closed. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'CloseReq')
    .sort()
    .join();
// The first worker opens the standard streams of the program.
await (await createPool({ threads: 1, tier: 'simd' })).close();
await sleep(100);
const before = resources();
const { failures, ...counts } = await stress({ ...main, createPool }, host, { seconds: +seconds, seed: +seed });
await sleep(100);
if (resources() !== before) failures.push(`resources: ${before} became ${resources()}`);
console.log(JSON.stringify({ ...counts, failures: [...failures, ...unexpected].slice(0, 10) }));
process.exit(0);
