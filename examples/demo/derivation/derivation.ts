import { copyText, find } from '../dom.js';
import { showClasses } from './classes.js';
import { showDescent } from './descent.js';
import { showJacobian } from './jacobian.js';
import { showLoss } from './loss.js';
import { showSampling } from './sampling.js';
import { fromQuery, initialState, toQuery } from './state.js';
import { Store } from './store.js';

/** Browsers allow about a hundred changes of the address in half a minute. */
const ADDRESS_EVERY_MS = 400;

/** The first section: logits, probabilities, Jacobian, loss, gradient, descent and draws over one state. */
export function startDerivation(): void {
  const store = new Store(fromQuery(location.search));
  showClasses(store);
  showJacobian(store);
  showLoss(store);
  const descent = showDescent(store);
  const draws = showSampling(store);
  find('reset', HTMLButtonElement).addEventListener('click', () => {
    descent.stop();
    draws.clear();
    store.update(initialState());
  });
  keepAddress(store);
}

/** The address always leads to what is shown. */
function keepAddress(store: Store): void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let shown = store.state;
  const write = () => {
    timer = null;
    if (store.state === shown) return;
    shown = store.state;
    history.replaceState(null, '', `?${toQuery(shown)}${location.hash}`);
  };
  store.subscribe(() => {
    timer ??= setTimeout(write, ADDRESS_EVERY_MS);
  });

  const status = find('link-status', HTMLSpanElement);
  find('copy-link', HTMLButtonElement).addEventListener('click', () => {
    const link = new URL(`?${toQuery(store.state)}`, location.href);
    void copyText(link.href).then((copied) => {
      const text = copied ? 'Copied' : 'The address bar has it';
      status.textContent = text;
      setTimeout(() => {
        if (status.textContent === text) status.textContent = '';
      }, 3000);
    });
  });
}
