// examples/slurm on a real scheduler: Debian's Slurm, one controller and two nodes on this machine's loopback. One task is
// killed in the midst of its rows; it is queued again, and the file has the bytes of one run.
//
// slurmctld, slurmd and munge are installed where they are missing, which needs Debian and root.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['slurmctld', 'slurmd', 'slurm-client', 'munge'];
const NODES = ['n1', 'n2'];
const PORT = 17_000;
const PATIENCE_S = 240;
const [ROWS, COLS, SHARDS, VICTIM] = [80_000, 1000, 8, 3];
/** Of 40 MB. */
const KILLED_AFTER_BYTES = 4e6;

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = path.join(root, 'dist/cli/main.js');

export async function run() {
  install();
  const folder = mkdtempSync(path.join(tmpdir(), 'softmax-slurm-'));
  chmodSync(folder, 0o755); // munge wants its socket to be reachable
  const started = [];
  const start = (name, ...args) => started.push(spawnDaemon(folder, name, args));
  try {
    const env = configure(folder);
    startMunge(folder, start);
    await until(() => existsSync(path.join(folder, 'munge.socket')), 'munge');
    const conf = path.join(folder, 'slurm.conf');
    start('slurmctld', '-D', '-f', conf);
    await until(() => client('scontrol', env, 'ping').includes('UP'), 'the controller');
    for (const node of NODES) start('slurmd', '-D', '-N', node, '-f', conf);
    await until(() => client('sinfo', env, '-h', '-t', 'idle', '-o', '%D').trim() === '2', 'two idle nodes');
    await job(folder, env);
  } catch (error) {
    for (const name of readdirSync(folder).filter((name) => /\.(log|out)$/.test(name))) {
      console.log(`== ${name}\n${readFileSync(path.join(folder, name), 'utf8').slice(-3000)}`);
    }
    throw error;
  } finally {
    for (const child of started.reverse()) await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

function install() {
  if (PACKAGES.every((name) => spawnSync('dpkg', ['-s', name]).status === 0)) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-yq', '--no-install-recommends', ...PACKAGES],
  ]) {
    const { status, stderr, error } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`Slurm cannot be installed here: ${error?.message ?? stderr}`);
  }
}

/** Slurm's configuration; the environment of its clients and of the job. */
function configure(folder) {
  const host = hostname().split('.')[0];
  const lines = [
    'ClusterName=loopback',
    `SlurmctldHost=${host}(127.0.0.1)`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    // A task that is queued again waits for as long as its credentials may live.
    `AuthInfo=socket=${folder}/munge.socket,cred_expire=5`,
    `SlurmctldPort=${PORT}`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `SlurmdPidFile=${folder}/%n.pid`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'SchedulerParameters=sched_interval=2,bf_interval=2',
    'MpiDefault=none',
    'ReturnToService=2',
    ...NODES.map(
      (node, i) =>
        `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${PORT + 1 + i} CPUs=1 RealMemory=1000`,
    ),
    `PartitionName=all Nodes=${NODES.join()} Default=YES MaxTime=INFINITE State=UP`,
  ];
  writeFileSync(path.join(folder, 'slurm.conf'), `${lines.join('\n')}\n`);
  mkdirSync(path.join(folder, 'bin'));
  const command = path.join(folder, 'bin/softmax-simd');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(command, 0o755);
  return { ...process.env, SLURM_CONF: path.join(folder, 'slurm.conf'), PATH: `${folder}/bin:${process.env.PATH}` };
}

/** A munge of our own, with a key of its own. */
function startMunge(folder, start) {
  const key = path.join(folder, 'munge.key');
  writeFileSync(key, randomBytes(128), { mode: 0o600 });
  const files = ['socket', 'pid-file', 'log-file', 'seed-file'].map(
    (name) => `--${name}=${folder}/munge.${name.split('-')[0]}`,
  );
  start('munged', '--foreground', `--key-file=${key}`, ...files);
}

/** The array: one task is killed, all end, and the file is right. */
async function job(folder, env) {
  const [logits, probs] = [path.join(folder, 'logits.npy'), path.join(folder, 'probs.npy')];
  writeLogits(logits);
  const flags = ['--tier', 'scalar', '--quiet'];
  const one = path.join(folder, 'one.npy');
  execFileSync(process.execPath, [main, 'softmax', logits, '-o', one, ...flags]);
  const log = path.join(folder, 'task-%a.out');
  const script = path.join(root, 'examples/slurm/softmax.sbatch');
  const sbatch = [
    '--parsable',
    `--array=1-${SHARDS}`,
    '-o',
    log,
    '-D',
    folder,
    script,
    SHARDS,
    logits,
    probs,
    ...flags,
  ];
  console.log(`array ${client('sbatch', env, ...sbatch.map(String)).trim()}`);
  const mark = path.join(`${probs}.shards`, `done-${VICTIM}`);
  const pid = await until(() => taskOf(`${VICTIM}/${SHARDS}`), `shard ${VICTIM}`);
  await until(() => writtenBy(pid) > KILLED_AFTER_BYTES, 'rows of it');
  process.kill(pid, 'SIGKILL');
  if (existsSync(mark) || existsSync(probs)) throw new Error(`shard ${VICTIM} was done before it was killed`);
  await until(() => client('squeue', env, '-h').trim() === '', 'the end of the array', 500);
  const said = Array.from({ length: SHARDS }, (_, i) => readFileSync(path.join(folder, `task-${i + 1}.out`), 'utf8'));
  console.log(said.join('').trimEnd());
  for (const node of NODES) expect(said.join('').includes(` on ${node},`), `a task on ${node}`);
  expect(said[VICTIM - 1].includes('killed by signal 9: queued again'), 'the killed task to be queued again');
  expect(said[VICTIM - 1].includes('restart 1'), 'the killed task to run again');
  expect(readFileSync(probs).equals(readFileSync(one)), 'the bytes of one run');
  expect(!existsSync(`${probs}.shards`), 'nothing left beside the file');
  console.log(`${ROWS} rows of ${COLS} in ${SHARDS} tasks, one of them killed: the bytes of one run`);
}

function writeLogits(file) {
  const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${ROWS}, ${COLS}), }`.padEnd(117) + '\n';
  const values = Float32Array.from({ length: ROWS * COLS }, (_, i) => 9 * Math.sin(i * 1.7));
  writeFileSync(
    file,
    Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(shape), Buffer.from(values.buffer)]),
  );
}

/** The process of a shard of ours, or none yet. */
function taskOf(shard) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let args;
    try {
      args = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    } catch {
      continue; // It has ended since.
    }
    if (args[1] === main && args.includes(shard)) return Number(pid);
  }
  return null;
}

/** Bytes. */
function writtenBy(pid) {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))[1]);
}

function client(command, env, ...args) {
  return spawnSync(command, args, { env, encoding: 'utf8' }).stdout ?? '';
}

function spawnDaemon(folder, name, args) {
  const child = spawn(`/usr/sbin/${name}`, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => writeFileSync(path.join(folder, `${name}-${child.pid}.log`), data, { flag: 'a' }));
  }
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(10_000)]);
  child.kill('SIGKILL');
}

/** What `found` gives once it is something. */
async function until(found, what, every = 20) {
  const end = performance.now() + 1000 * PATIENCE_S;
  while (performance.now() < end) {
    const value = found();
    if (value) return value;
    await sleep(every);
  }
  throw new Error(`no ${what} within ${PATIENCE_S} s`);
}

function expect(holds, what) {
  if (!holds) throw new Error(`expected ${what}`);
}
