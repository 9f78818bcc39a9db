import { existsSync, readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { describe, expect, it } from 'vitest';

describe('two builds', () => {
  it.each(['simd', 'relaxed'])(
    'of %s.wasm are byte-identical',
    async (tier) => {
      const built = new URL(`../dist/wasm/${tier}.wasm`, import.meta.url);
      if (!existsSync(built)) throw new Error(`dist/wasm/${tier}.wasm is missing: npm run build makes it`);
      let second: Uint8Array | undefined;
      const writeFile = (name: string, contents: Uint8Array | string) => {
        if (name.endsWith('.wasm')) second = contents as Uint8Array;
      };
      const { error } = await asc.main(['assembly/index.ts', '--target', tier], { writeFile });
      expect(error).toBeNull();
      expect(Buffer.from(second!).equals(readFileSync(built)), 'dist/ is of these sources: npm run build').toBe(true);
    },
    60_000,
  );
});
