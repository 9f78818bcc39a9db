// Node, Bun, Deno: prints what check.mjs found as a line of JSON.
import { createEngine } from '../../dist/index.js';
import { openPool } from '../../build/lib/pool/pool.js';
import { check } from './check.mjs';

console.log(JSON.stringify(await check({ openPool, createEngine }, { threads: 2 })));
