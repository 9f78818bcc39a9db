// Loaded into a process by --import: writes the most memory that it has had, in KiB, into $MEMORY_REPORT at its end.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const [, kib] = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'));
  writeFileSync(process.env.MEMORY_REPORT, kib);
});
