import { publish } from './node_modules/consumer-report/index.js';

await navigator.serviceWorker.register('service-worker.js', { type: 'module' });
const { active } = await navigator.serviceWorker.ready;
const report = new Promise((resolve) => {
  navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
});
active.postMessage('report');
publish(await report);
