import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../browsers/browsers.mjs';

const SECONDS = 180;

const ENV = { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', npm_config_loglevel: 'error' };
delete ENV.FORCE_COLOR;
delete ENV.NODE_ENV;

/** Runs a program to its end: `stdout`, and `said` with stderr too; or an error that holds all that it said. */
export function execute(cwd, command, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'], timeout: SECONDS * 1000 });
    let [stdout, said] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
      said += data;
    });
    child.stderr.on('data', (data) => (said += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ stdout, said });
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${code ?? signal}:\n${said}`));
    });
  });
}

/**
 * Starts a program that serves on the loopback address, and waits until it answers.
 *
 * @param args the last is the flag that takes the port
 * @returns `url`, and `stop`, which ends it and what it started
 */
export async function startServer(cwd, command, ...args) {
  const port = String(await freePort());
  // In a process group of its own, which can be ended as one.
  const child = spawn(command, [...args, port], { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = () => {
    process.removeListener('exit', stop);
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid);
  };
  process.once('exit', stop);
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said += data));
  child.on('error', (error) => (said += error));

  const url = `http://127.0.0.1:${port}/`;
  const end = performance.now() + SECONDS * 1000;
  while (!(await isServed(url))) {
    const ended = child.exitCode !== null || child.pid === undefined;
    if (ended || performance.now() > end) {
      stop();
      throw new Error(`${[command, ...args, port].join(' ')} does not answer:\n${said}`);
    }
    await sleep(100);
  }
  return { url, stop };
}

async function isServed(url) {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
