import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { elementsOfNpy } from '../logits.mjs';
import { checkBits } from './batch.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The command line from one .npy into another: the whole process, its start included. @param {import('./batch.mjs').Batch} batch @returns {import('./batch.mjs').Way[]} */
export function commandLineWays({ probs, folder }) {
  return [
    ['cli 1', 1],
    ['cli all', availableParallelism()],
  ].map(([id, threads]) => {
    const args = [CLI, 'softmax', 'logits.npy', '-o', 'probs.npy', '-q', '--threads', String(threads)];
    const call = () => execFileSync(process.execPath, args, { cwd: folder });
    const file = join(folder, 'probs.npy');
    const check = () => {
      call();
      checkBits(String(id), elementsOfNpy(readFileSync(file)), probs);
    };
    // A turn begins without the file: to take the place of a large one would count its removal.
    return { id: String(id), call, results: () => [], before: () => rmSync(file, { force: true }), check };
  });
}
