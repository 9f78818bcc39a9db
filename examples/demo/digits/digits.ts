import { find } from '../dom.js';
import { showDistribution } from './distribution.js';
import { accuracy, first, logitsOf, type Sample, testDigits } from './network.js';
import { createPad } from './pad.js';
import { pictureOn } from './picture.js';
import { rasterise } from './rasterise.js';
import { showSamples } from './samples.js';

/** The second section: a digit, drawn or chosen, through a small network. */
export function startDigits(): void {
  const right = (100 * accuracy).toFixed(1);
  find('digits-about', HTMLElement).textContent =
    `A small network, trained with crossEntropyWithGrad; it recognises ${right} % of MNIST's ${testDigits.toLocaleString('en')} test digits.`;
  const showSeen = pictureOn(find('seen', HTMLCanvasElement));
  const distribution = showDistribution();

  const showPixels = (pixels: Float32Array, label: number | null) => {
    showSeen(pixels);
    distribution(pixels.some((value) => value > 0) ? logitsOf(pixels) : null, label);
  };
  const pad = createPad((strokes) => {
    samples.release();
    showPixels(rasterise(strokes), null);
  });
  const samples = showSamples((sample: Sample) => {
    pad.show(sample.pixels);
    showPixels(sample.pixels, sample.label);
  });
  document.querySelector<HTMLButtonElement>(`#samples [aria-label^="Test digit ${first[3]!.index},"]`)?.click();
}
