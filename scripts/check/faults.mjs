// Breaks the code on purpose, one fault of test/mutants/ at a time, and runs the one test that must see it; with words those
// faults alone whose id begins with one of them.
//
// Each fault is applied to a copy of the tree in a temporary folder of its own; kernels are compiled again for the
// fault's tier, sources are run as they are. First every named test is run on the unbroken copy and must be green.
// A fault that is missed is a failure.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EQUIVALENT, FAULTS } from '../../test/mutants/faults.mjs';
import { writeWorker } from '../bundle.mjs';
import { bytesSource, decideSource } from '../inline-modules.mjs';

/** @typedef {import('../../test/mutants/faults.mjs').Fault} Fault */

const AT_A_TIME = 2;
/** A fault may make a loop endless. */
const PATIENCE_MS = 180_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeModules = path.join(root, 'node_modules');
const COPIED = ['assembly', 'src', 'test', 'scripts'];
const CONFIGS = ['asconfig.json', 'package.json', 'tsconfig.json', 'tsconfig.test.json', 'vitest.config.ts'];
const TIERS = ['simd', 'relaxed'];
/** () → v128 of one relaxed_madd: valid where the runtime has relaxed SIMD. */
const RELAXED_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65,
  0, 253, 15, 253, 133, 2, 11,
]);
const hasRelaxed = WebAssembly.validate(RELAXED_MODULE);

const folder = mkdtempSync(path.join(tmpdir(), 'softmax-faults-'));
let reports = 0;

/** @param {import('../check.mjs').Asked} asked */
export async function run({ words }) {
  const faults = FAULTS.filter(({ id }) => words.length === 0 || words.some((start) => id.startsWith(start)));
  if (faults.length === 0) throw new Error(`no fault begins with ${words.join(' or ')}`);
  try {
    checkTable();
    const original = copyTree(root, 'unbroken');
    compileFaster(original);
    await Promise.all(TIERS.map((tier) => compileKernels(original, tier)));
    writeBytes(original, original);
    if (faults.some(isOfCli)) await buildCli(original);
    await runUnbroken(original, faults);
    const missed = await runFaults(original, faults);
    if (missed.length > 0) {
      console.log(`missed: ${missed.join(', ')}`);
      process.exitCode = 1;
    }
    console.log(
      `${faults.length} faults: ${faults.length - missed.length} caught, ${missed.length} missed ` +
        `(${EQUIVALENT.length} equivalent ones are not counted)`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every fault's text stands in its file exactly once, and no id is used twice. */
function checkTable() {
  const ids = new Set();
  for (const { id, file, find } of [...FAULTS, ...EQUIVALENT]) {
    if (ids.has(id)) throw new Error(`${id}: two faults of this name`);
    ids.add(id);
    const count = readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
    if (count !== 1)
      throw new Error(`${id}: expected its text in ${file} exactly once, found it ${count} times:\n${find}`);
  }
}

/** @param {string} from @param {string} name */
function copyTree(from, name) {
  const to = path.join(folder, name);
  mkdirSync(path.join(to, 'build'), { recursive: true });
  const filter = (/** @type {string} */ source) => path.basename(source) !== 'node_modules';
  for (const entry of [...COPIED, ...CONFIGS]) {
    cpSync(path.join(from, entry), path.join(to, entry), { recursive: true, filter });
  }
  symlinkSync(nodeModules, path.join(to, 'node_modules'));
  return to;
}

/** Without its optimiser the compiler needs a third of the time; float arithmetic is the same instruction for instruction. */
function compileFaster(/** @type {string} */ tree) {
  const file = path.join(tree, 'asconfig.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(config.options, { optimizeLevel: 0, shrinkLevel: 0, converge: false });
  writeFileSync(file, JSON.stringify(config));
}

/** What serves both tiers: by the target's name, its entry. */
const COMMON = { reader: 'assembly/reader/index.ts', decide: 'assembly/decide/index.ts' };

/** @param {string} tree @param {string} tier @param {string} [file] compiles what has it alone, and takes the rest of `original` */
async function compileKernels(tree, tier, file, original = tree) {
  const asc = path.join(nodeModules, 'assemblyscript/bin/asc.js');
  for (const [target, entry] of Object.entries({ [tier]: 'assembly/index.ts', ...COMMON })) {
    if (file !== undefined && !filesOf(tree, entry).has(file)) {
      cpSync(path.join(original, `build/${target}.wasm`), path.join(tree, `build/${target}.wasm`));
      continue;
    }
    const { code, output } = await node([asc, entry, '--target', target], tree, {});
    if (code !== 0) throw new Error(`${path.basename(tree)}: its ${target} does not compile\n${output}`);
  }
}

/** The sources that an entry is compiled of. */
function filesOf(/** @type {string} */ tree, /** @type {string} */ entry) {
  const files = new Set([entry]);
  for (const file of files) {
    const source = readFileSync(path.join(tree, file), 'utf8');
    for (const [, to] of source.matchAll(/\bfrom '(\.[^']+)'/g)) files.add(path.join(path.dirname(file), `${to}.ts`));
  }
  return files;
}

/** The modules' bytes in `tree`: its own builds of `tier` and what is common (of all when not given), the other from `original`. */
function writeBytes(/** @type {string} */ tree, /** @type {string} */ original, /** @type {string?} */ tier = null) {
  const [simd, relaxed, reader, decide] = [...TIERS, ...Object.keys(COMMON)].map((name) => {
    const isOther = tier !== null && tier !== name && TIERS.includes(name);
    return readFileSync(path.join(isOther ? original : tree, `build/${name}.wasm`));
  });
  writeFileSync(path.join(tree, 'src/wasm/bytes.ts'), bytesSource(simd, relaxed, reader));
  writeFileSync(path.join(tree, 'src/wasm/decide-bytes.ts'), decideSource(decide, simd));
}

/** Of the command line, which is tested as it is built. */
function isOfCli(/** @type {Fault} */ { file }) {
  return file.startsWith('src/cli/');
}

/** The library as it lies in dist/, and the command line of the tree's sources. */
async function buildCli(/** @type {string} */ tree) {
  cpSync(path.join(root, 'dist'), path.join(tree, 'dist'), { recursive: true });
  const script = "import('./scripts/bundle.mjs').then(({ bundleCli }) => bundleCli('src/cli/main.ts'))";
  const { code, output } = await node(['--eval', script], tree, {});
  if (code !== 0) throw new Error(`${path.basename(tree)}: its command line cannot be built\n${output}`);
}

/** The named tests of one file and tier in one run: all pass, and every name finds at least one. */
async function runUnbroken(/** @type {string} */ tree, /** @type {Fault[]} */ faults) {
  /** @type {Map<string, Fault[]>} */
  const groups = new Map();
  for (const fault of faults) {
    const key = `${fault.test} on ${fault.tier}`;
    groups.set(key, [...(groups.get(key) ?? []), fault]);
  }
  await inTurns([...groups], async ([key, group]) => {
    const since = performance.now();
    const { tests, output } = await runTests(
      tree,
      group[0].test,
      group[0].tier,
      group.map(({ name }) => name),
    );
    const failed = tests.filter(({ status }) => status === 'failed');
    if (failed.length > 0) throw new Error(`${key}: red without any fault: ${failed[0].fullName}\n${output}`);
    for (const { id, name } of group) {
      if (!tests.some(({ fullName, status }) => status === 'passed' && fullName.includes(name))) {
        throw new Error(`${id}: no test of ${key} is named "${name}"\n${output}`);
      }
    }
    console.log(`unbroken  ${key}: ${tests.length} tests pass (${secondsSince(since)})`);
  });
}

/** @returns {Promise<string[]>} the ids of those that no test saw */
async function runFaults(/** @type {string} */ original, /** @type {Fault[]} */ faults) {
  /** @type {string[]} */
  const missed = [];
  let done = 0;
  await inTurns(faults, async (fault) => {
    const since = performance.now();
    const seen = await isCaught(fault, original);
    if (!seen) missed.push(fault.id);
    const count = `${++done}/${faults.length}`.padStart(7);
    console.log(
      `${count}  ${seen ? 'caught' : 'MISSED'}  ${fault.id}: ${fault.what} (${fault.tier}, ${secondsSince(since)})`,
    );
  });
  return missed;
}

async function isCaught(/** @type {Fault} */ fault, /** @type {string} */ original) {
  const tree = copyTree(original, fault.id);
  try {
    const file = path.join(tree, fault.file);
    // A function: `$` in the replacement stays what it is.
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(fault.find, () => fault.replace),
    );
    const own = fault.file.startsWith('assembly/');
    if (own) await compileKernels(tree, fault.tier, fault.file, original);
    else await writeWorker(tree);
    writeBytes(own ? tree : original, original, own ? fault.tier : null);
    for (const file of own ? [] : ['src/wasm/bytes.ts', 'src/wasm/decide-bytes.ts']) {
      cpSync(path.join(original, file), path.join(tree, file));
    }
    if (isOfCli(fault)) await buildCli(tree);
    const { tests } = await runTests(tree, fault.test, fault.tier, [fault.name]);
    return tests.some(({ status }) => status === 'failed');
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/**
 * @param {string} tree
 * @param {string} file
 * @param {Fault['tier']} tier
 * @param {string[]} names   text that a test's full title contains
 * @returns {Promise<{ tests: { fullName: string, status: string }[], output: string }>} the tests that ran
 */
async function runTests(tree, file, tier, names) {
  const report = path.join(folder, `report-${++reports}.json`);
  const args = [
    path.join(nodeModules, 'vitest/vitest.mjs'),
    'run',
    file,
    `--root=${tree}`,
    `--testNamePattern=${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')}`,
    '--reporter=json',
    `--outputFile=${report}`,
    '--no-cache',
  ];
  if (tier === 'relaxed' && !hasRelaxed) args.push('--execArgv=--experimental-wasm-relaxed-simd');
  const { output } = await node(args, tree, { SOFTMAX_TIERS: tier });
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    throw new Error(`${path.basename(tree)}: vitest gave no report of ${file}\n${output}`);
  }
  const tests = results.flatMap((/** @type {any} */ { assertionResults }) => assertionResults);
  const ran = tests.filter((/** @type {any} */ { status }) => status === 'passed' || status === 'failed');
  // A file that does not load shows nothing about its tests.
  if (ran.length === 0) throw new Error(`${path.basename(tree)}: no test of ${file} ran\n${output}`);
  return { tests: ran, output };
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} env
 * @returns {Promise<{ code: number, output: string }>}
 */
function node(args, cwd, env) {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, timeout: PATIENCE_MS, maxBuffer: 1 << 26 };
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? (child.exitCode ?? 1) : 0, output: `${stdout}${stderr}` });
    });
  });
}

/** Works the list off, AT_A_TIME of it at once. */
async function inTurns(/** @type {any[]} */ list, /** @type {(item: any) => Promise<void>} */ work) {
  const left = list.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  // All of them end before the folder goes, also when one has failed.
  const ends = await Promise.allSettled(Array.from({ length: AT_A_TIME }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function secondsSince(/** @type {number} */ since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
