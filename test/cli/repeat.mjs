// Writes the first file once and the second one again and again: node repeat.mjs <first> <second> <times>
import { readFileSync, writeSync } from 'node:fs';

const [first, second, times] = process.argv.slice(2);
write(readFileSync(first));
const block = readFileSync(second);
for (let i = 0; i < Number(times); i++) write(block);

function write(bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}
