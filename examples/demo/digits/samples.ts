import { create, find } from '../dom.js';
import { first, hardest, type Sample } from './network.js';
import { pictureOn } from './picture.js';

export interface Samples {
  /** Marks none as chosen. */
  release(): void;
}

/** Real test digits to choose from: one of each class, and the ten that the network gets most wrong. */
export function showSamples(choose: (sample: Sample) => void): Samples {
  const buttons: HTMLButtonElement[] = [];
  const release = () => {
    for (const button of buttons) button.setAttribute('aria-pressed', 'false');
  };
  const shelf = (title: string, samples: Sample[]) => {
    const row = create('div', { className: 'shelf' });
    for (const sample of samples) {
      const canvas = create('canvas');
      canvas.setAttribute('aria-hidden', 'true');
      const label = `Test digit ${sample.index}, a ${sample.label}`;
      const button = create(
        'button',
        { type: 'button', title: label, 'aria-label': label, 'aria-pressed': 'false' },
        canvas,
      );
      button.addEventListener('click', () => {
        release();
        button.setAttribute('aria-pressed', 'true');
        choose(sample);
      });
      pictureOn(canvas)(sample.pixels);
      buttons.push(button);
      row.append(button);
    }
    return create('div', { role: 'group', 'aria-label': title }, create('h4', {}, title), row);
  };
  find('samples', HTMLElement).append(shelf('Test digits', first), shelf('The ten it gets most wrong', hardest));
  return { release };
}
