import { messageOf, publish } from './node_modules/consumer-report/index.js';

const dedicated = new Worker('worker.js', { type: 'module' });
const shared = new SharedWorker('shared-worker.js', { type: 'module' });
shared.onerror = () => {
  throw new Error('the shared worker failed');
};

publish({ worker: await messageOf(dedicated), shared: await messageOf(shared.port) });
