/** Calls `act` once the page has been loaded, is seen, and has nothing to do. */
export function whenIdle(act: () => void): void {
  if (document.readyState !== 'complete') return addEventListener('load', () => whenIdle(act), { once: true });
  if (document.hidden) return document.addEventListener('visibilitychange', () => whenIdle(act), { once: true });
  // Safari does not tell.
  if ('requestIdleCallback' in globalThis) requestIdleCallback(act);
  else setTimeout(act, 500);
}
