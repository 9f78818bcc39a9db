import { SingleBar } from 'cli-progress';

/** A bar on standard error; where that is no terminal, a line now and then. @param {string} title */
export function progressBar(title) {
  const bar = new SingleBar({
    format: `${title} {bar} {percentage} % {eta_formatted} left  {label}`,
    barsize: 24,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 15_000,
    etaBuffer: 60,
    stream: process.stderr,
  });
  bar.start(1000, 0, { label: '' });
  return {
    /** @param {number} done from 0 to 1 @param {string} label */
    update: (done, label) => bar.update(Math.round(1000 * done), { label }),
    stop: () => bar.stop(),
  };
}
