import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programOf } from '../../scripts/install.mjs';

/**
 * A Node of one major version: the one that runs this, or the pinned one, installed on demand (Linux on x64).
 *
 * @param {string} id as node24
 * @returns {{ file: string, version: string, v8: string }}
 */
export function findNode(id) {
  const major = id.slice(4);
  const own = process.versions.node.split('.')[0] === major;
  const file = own ? process.execPath : programOf(`Node ${major}`);
  if (file === null) throw new Error(`Node ${major} cannot be had here`);
  const { node: version, v8 } = JSON.parse(output(file, ['-p', 'JSON.stringify(process.versions)']));
  return { file, version, v8 };
}

/** What a program prints. @param {string} file @param {string[]} args */
export function output(file, args) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  return stdout;
}

/**
 * Runs a plan in a process of its own.
 *
 * @param {string} file the Node
 * @param {import('../suite/suite.mjs').Plan} plan
 * @param {(message: any) => void} told
 */
export async function runInNode(file, plan, told) {
  const child = spawn(file, ['bench/runtimes/node-child.mjs', JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill();
  process.once('exit', stop);
  const said = [];
  child.stderr.on('data', (data) => said.push(data));
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) told(JSON.parse(line));
  const status = await ended;
  process.removeListener('exit', stop);
  if (status !== 0) throw new Error(`the measuring process ended with ${status}: ${said.join('').trim().slice(-500)}`);
}
