import { SingleBar } from 'cli-progress';

/**
 * Shows on stderr how far an epoch is: a bar on a terminal, two lines elsewhere.
 *
 * @param {string} title
 * @param {number} batches
 */
export function startProgress(title, batches) {
  return process.stderr.isTTY ? barProgress(title, batches) : lineProgress(title, batches);
}

/**
 * @param {string} title
 * @param {number} batches
 */
function barProgress(title, batches) {
  const format = `${title} [{bar}] {percentage} %  {value}/{total} minibatches  loss {loss}`;
  const bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, forceRedraw: true, fps: 15 });
  bar.start(batches, 0, { loss: '–' });
  return {
    /** @param {number} done @param {number} loss */
    update(done, loss) {
      bar.update(done, { loss: loss.toFixed(3) });
    },
    stop() {
      bar.stop();
    },
  };
}

/**
 * @param {string} title
 * @param {number} batches
 */
function lineProgress(title, batches) {
  return {
    /** @param {number} done @param {number} loss */
    update(done, loss) {
      if (Math.floor((2 * done) / batches) === Math.floor((2 * (done - 1)) / batches)) return;
      process.stderr.write(`${title}: ${done}/${batches} minibatches, loss ${loss.toFixed(3)}\n`);
    },
    stop() {},
  };
}
