import { copyText, find } from '../dom.js';
import { startClaim } from './claim.js';

/** The top: how to get it, how to call it, how fast it is. */
export function startHero(): void {
  const status = find('install-status', HTMLElement);
  find('copy-install', HTMLButtonElement).addEventListener('click', () => {
    void copyText(find('install', HTMLElement).innerText).then((copied) => {
      status.textContent = copied ? 'Copied.' : 'The browser refused to copy.';
    });
  });
  find('version', HTMLElement).textContent = VERSION;
  startClaim();
}
