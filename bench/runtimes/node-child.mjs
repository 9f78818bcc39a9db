// Runs the plan of the first argument on the Node that runs this, and prints one JSON line for each message.
// bench/runtimes/node.mjs starts it.
import { runSuite } from '../suite/suite.mjs';
import { host } from './host.mjs';
import { startTorch } from './torch-process.mjs';

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function saidTorch() {
  const torch = await startTorch();
  say({ type: 'version', engine: 'torch', version: torch.version });
  return torch;
}

// Libraries greet on standard output, which carries the messages.
console.log = console.error;
await runSuite({ ...host, startTorch: saidTorch }, JSON.parse(process.argv[2]), say);
// Libraries leave timers and threads behind; what was said must be out first.
process.stdout.write('', () => process.exit(0));
