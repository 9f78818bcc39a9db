import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../engines/torch-child.py', import.meta.url));
/** Debian's own, whose packages python3-torch is one of, before any other on the path. */
const PYTHONS = ['/usr/bin/python3', 'python3'];

/** @returns the Python that has PyTorch */
function pythonWithTorch() {
  const found = PYTHONS.find((python) => spawnSync(python, ['-c', 'import torch, numpy']).status === 0);
  if (found === undefined) throw new Error('no Python here has torch (Debian: apt-get install python3-torch)');
  return found;
}

/** Starts torch-child.py; arrays travel in files of a folder that `close` removes. */
export async function startTorch() {
  const folder = mkdtempSync(path.join(tmpdir(), 'softmax-simd-torch-'));
  const child = spawn(pythonWithTorch(), [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = [];
  child.stderr.on('data', (data) => said.push(data));
  const ended = new Promise((_, reject) => {
    child.on('close', () => reject(new Error(`PyTorch ended: ${said.join('').trim().split('\n').at(-1)}`)));
  });
  ended.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    // Its last words are there when it has ended.
    return done ? ended : JSON.parse(value);
  };
  const file = (name) => path.join(folder, name);
  const { version } = await ask({ do: 'version' });
  return {
    version,
    ask,
    file,
    write: (name, array) => {
      writeFileSync(file(name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return file(name);
    },
    read: (name) => {
      const bytes = readFileSync(name);
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
    close: () => {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
