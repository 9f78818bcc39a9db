import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command line in a process of its own. */
export function runCli(folder: string, ...args: string[]): Answer {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: npm run build makes it');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}
