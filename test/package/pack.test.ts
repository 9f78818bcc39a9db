import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../scripts/pack.mjs';

// `npm pack` as who releases runs it, in a copy of the sources.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'softmax-simd-npm-pack-'));
const clone = join(folder, 'clone');
const modules = join(clone, 'node_modules');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npmPack = () =>
  spawnSync('npm', ['pack', '--pack-destination', folder], { cwd: clone, encoding: 'utf8', timeout: 300_000 });
const manifestOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const entriesOf = (tarball: string) =>
  execFileSync('tar', ['tf', tarball], { encoding: 'utf8' }).trim().split('\n').sort();
const packedFile = (tarball: string, name: string) =>
  execFileSync('tar', ['xOf', tarball, `package/${name}`], { encoding: 'utf8' });
/** What is changed for the package. */
const CHANGED = ['package.json', 'README.md'];

beforeAll(() => {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) cpSync(join(ROOT, file), join(clone, file));
  symlinkSync(join(ROOT, 'node_modules'), modules);
});

describe('npm pack', () => {
  it('in a fresh clone says what is missing, and no more', () => {
    renameSync(modules, join(folder, 'elsewhere'));
    const { status, stderr } = npmPack();
    renameSync(join(folder, 'elsewhere'), modules);
    expect(status).toBe(1);
    expect(stderr).toContain('The build needs the development dependencies: run `npm ci` first.');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(manifestOf(join(clone, 'package.json'))).toHaveProperty('scripts');
  });

  it('builds and packs what the other tests install, and leaves what it changes as it was', () => {
    const { status, stdout, stderr } = npmPack();
    expect(status, stderr).toBe(0);
    const packed = join(folder, stdout.trim().split('\n').at(-1)!);
    const ours = pack(mkdtempSync(join(folder, 'ours-')));
    expect(entriesOf(packed)).toEqual(entriesOf(ours));
    for (const name of CHANGED) {
      const whole = readFileSync(join(ROOT, name), 'utf8');
      expect(packedFile(packed, name)).toBe(packedFile(ours, name));
      expect(packedFile(packed, name)).not.toBe(whole);
      expect(readFileSync(join(clone, name), 'utf8')).toBe(whole);
    }
    expect(JSON.parse(packedFile(packed, 'package.json'))).not.toHaveProperty('scripts');
  });

  it('gives a package whose installation runs no script, and warns of none', () => {
    const tarball = pack(mkdtempSync(join(folder, 'installed-')));
    const project = mkdtempSync(join(folder, 'project-'));
    const args = [
      'install',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--foreground-scripts',
      '--prefix',
      project,
      tarball,
    ];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: project, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim()).toMatch(/^added 1 package in \S+$/);
  });
});
