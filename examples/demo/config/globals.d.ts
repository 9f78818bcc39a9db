/** Put in by vite.config.ts. */
declare const VERSION: string;
declare const RECORDED: readonly import('./recorded.js').Recorded[];
