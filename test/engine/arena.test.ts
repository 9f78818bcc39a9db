import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/arena.js';
import { thrownBy } from '../argument.js';
import { tiers } from '../tiers.js';

const BASE = 1024;

/** An arena over an ordinary buffer, in which only what is before it is dirty. */
function arenaOf(bytes: number): { arena: Arena; buffer: ArrayBuffer } {
  const buffer = new ArrayBuffer(BASE + bytes);
  new Uint8Array(buffer, 0, BASE).fill(255);
  const arena = new Arena(
    bytes,
    BASE,
    (byteOffset, length) => new Float32Array(buffer, byteOffset, length),
    (byteOffset, length) => new Int32Array(buffer, byteOffset, length),
  );
  return { arena, buffer };
}

describe('Arena', () => {
  it('gives zero-filled arrays that are 16-byte aligned and apart', () => {
    const { arena } = arenaOf(1024);
    const a = arena.alloc(5);
    const b = arena.allocInt32(3);
    const c = arena.alloc(8);
    expect([a.byteOffset, b.byteOffset, c.byteOffset]).toEqual([BASE, BASE + 32, BASE + 48]);
    expect([...a, ...b, ...c]).toEqual(new Array(16).fill(0));
    expect(b).toBeInstanceOf(Int32Array);
  });

  it('fills with zeros again what was used and freed', () => {
    const { arena } = arenaOf(64);
    const a = arena.alloc(16);
    a.fill(7);
    arena.free(a);
    expect([...arena.allocInt32(16)]).toEqual(new Array(16).fill(0));
  });

  it('takes the first gap that fits', () => {
    const { arena } = arenaOf(1024);
    const [a, , c] = [arena.alloc(4), arena.alloc(4), arena.alloc(16), arena.alloc(4)];
    arena.free(a!);
    arena.free(c!);
    expect(arena.alloc(5).byteOffset).toBe(c!.byteOffset);
    expect(arena.alloc(4).byteOffset).toBe(a!.byteOffset);
  });

  it('joins freed neighbours in every order', () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [0, 2, 1, 3],
      [1, 3, 2, 0],
      [2, 0, 3, 1],
    ]) {
      const { arena } = arenaOf(256);
      const arrays = [arena.alloc(16), arena.alloc(16), arena.alloc(16), arena.alloc(16)];
      for (const i of order) arena.free(arrays[i]!);
      expect(arena.alloc(64).byteOffset).toBe(BASE);
    }
  });

  it('keeps its account over 2000 random allocations and frees', () => {
    const { arena, buffer } = arenaOf(4096);
    const live: Float32Array[] = [];
    let seed = 1;
    const random = (n: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % n;
    for (let step = 0; step < 2000; step++) {
      if (live.length > 0 && random(5) < 2) {
        const [array] = live.splice(random(live.length), 1);
        expect(array!.every((v) => v === array![0])).toBe(true);
        arena.free(array!);
      } else {
        try {
          const array = arena.alloc(1 + random(60));
          expect(array.every((v) => v === 0)).toBe(true);
          live.push(array.fill(step));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }
    expect(new Uint8Array(buffer, 0, BASE).every((v) => v === 255)).toBe(true);
    for (const array of live) arena.free(array);
    expect(arena.alloc(1024).byteOffset).toBe(BASE);
  });

  it('refuses what does not fit, says what is left, and still works', () => {
    const { arena } = arenaOf(100);
    expect(() => arena.alloc(26)).toThrow(
      new RangeError('alloc: expected length to fit the arena (100 bytes, 100 left), got 26 elements (104 bytes)'),
    );
    const a = arena.alloc(4);
    const b = arena.alloc(4);
    // 68 bytes: the tail needs no padding to 16.
    const c = arena.alloc(17);
    expect(() => arena.allocInt32(1)).toThrow(
      new RangeError('allocInt32: expected length to fit the arena (100 bytes, 0 left), got 1 elements (4 bytes)'),
    );
    arena.free(a);
    arena.free(c);
    expect(() => arena.alloc(18)).toThrow(
      new RangeError(
        'alloc: expected length to fit the arena (100 bytes, 84 left, 68 in one piece), got 18 elements (72 bytes)',
      ),
    );
    arena.free(b);
    expect(arena.alloc(25)).toHaveLength(25);
  });

  it('keeps the account when the array itself cannot be had', () => {
    let fail = true;
    const make = (_: number, length: number) => {
      if (fail) throw new RangeError('no memory');
      return new Float32Array(length);
    };
    const arena = new Arena(64, 0, make, (_, length) => new Int32Array(length));
    expect(() => arena.alloc(16)).toThrow('no memory');
    fail = false;
    expect(arena.alloc(16)).toHaveLength(16);
  });

  it('knows which bytes live arrays hold', () => {
    const { arena } = arenaOf(256);
    const a = arena.alloc(4);
    const b = arena.alloc(5);
    const c = arena.alloc(4);
    const at = (offset: number, bytes: number) => arena.holds(BASE + offset, bytes);
    expect([at(0, 16), at(4, 8), at(16, 20), at(48, 16)]).toEqual([true, true, true, true]);
    // Over two arrays, into padding, before the first, past the last.
    expect([at(0, 32), at(12, 8), at(16, 24), at(36, 4), at(-4, 8), at(64, 4), at(60, 8)]).toEqual(
      new Array(7).fill(false),
    );
    expect(at(200, 0)).toBe(true);
    arena.free(b);
    expect([at(16, 20), at(0, 16), at(48, 16)]).toEqual([false, true, true]);
    arena.free(a);
    arena.free(c);
    expect([at(0, 4), at(48, 4)]).toEqual([false, false]);
  });
});

for (const tier of tiers) {
  describe(`alloc on ${tier.name}`, () => {
    it('runs on the tier it names', () => {
      expect(tier.engine().tier).toBe(tier.name);
    });

    it('gives arrays that the operations take', () => {
      const engine = tier.engine({ arenaBytes: 4096 });
      const logits = engine.alloc(6);
      logits.set([1, 2, 3, 3, 2, 1]);
      const out = engine.alloc(6);
      expect(engine.softmax(logits, 3, { out })).toBe(out);
      expect([...out]).toEqual([...engine.softmax(Float32Array.from(logits), 3)]);
      const targets = engine.allocInt32(2);
      expect(engine.crossEntropy(logits, targets, 3)).toBe(
        engine.crossEntropy(Float32Array.from(logits), new Int32Array(2), 3),
      );
    });

    it('length 0 works and is freed once', () => {
      const engine = tier.engine();
      const empty = engine.alloc(0);
      expect(empty).toHaveLength(0);
      expect(engine.softmax(empty, 5)).toHaveLength(0);
      engine.free(empty);
      expect(() => engine.free(empty)).toThrow(TypeError);
    });

    it('has the account of arenaBytes, 0 when not given', () => {
      expect(thrownBy(() => tier.engine().alloc(1))).toBe(
        'RangeError: alloc: expected length to fit the arena (0 bytes, 0 left), got 1 elements (4 bytes)',
      );
      const engine = tier.engine({ arenaBytes: 64 });
      const a = engine.alloc(16);
      expect(() => engine.allocInt32(1)).toThrow(RangeError);
      engine.free(a);
      expect(engine.allocInt32(16)).toHaveLength(16);
    });

    it('checks its length', () => {
      const engine = tier.engine({ arenaBytes: 64 });
      for (const length of [-1, 1.5, NaN, Infinity]) {
        expect(thrownBy(() => engine.alloc(length))).toBe(
          `RangeError: alloc: expected length to be an integer >= 0, got ${length}`,
        );
      }
      expect(thrownBy(() => engine.allocInt32('4' as unknown as number))).toBe(
        "TypeError: allocInt32: expected length to be an integer >= 0, got '4'",
      );
      expect(engine.alloc(16)).toHaveLength(16);
    });

    it('free takes the very array of this engine, once', () => {
      const engine = tier.engine({ arenaBytes: 256 });
      const a = engine.alloc(8);
      const message = (got: string) =>
        `TypeError: free: expected array to be a live array of this engine's alloc, got ${got}`;
      for (const [wrong, got] of [
        [new Float32Array(8), 'Float32Array'],
        [a.subarray(0, 4), 'another view of one'],
        [a.subarray(7), 'another view of one'],
        [a.subarray(0), 'another view of one'],
        [tier.engine({ arenaBytes: 64 }).alloc(8), 'Float32Array'],
      ] as const) {
        expect(thrownBy(() => engine.free(wrong))).toBe(message(got));
      }
      expect(() => engine.free(null as unknown as Float32Array)).toThrow(TypeError);
      engine.free(a);
      expect(thrownBy(() => engine.free(a))).toBe(message('one that was freed'));
      expect(thrownBy(() => engine.free(a.subarray(0)))).toBe(message('Float32Array'));
    });

    it("takes another engine's array as an ordinary one", () => {
      const other = tier.engine({ arenaBytes: 64 }).alloc(4);
      other.set([1, 2, 3, 4]);
      expect([...tier.engine({ arenaBytes: 64 }).softmax(other, 4)]).toEqual([
        ...tier.engine().softmax(Float32Array.of(1, 2, 3, 4), 4),
      ]);
    });

    it('finds overlaps within its memory', () => {
      const engine = tier.engine({ arenaBytes: 256 });
      const a = engine.alloc(16);
      expect(() => engine.softmax(a.subarray(0, 8), 4, { out: a.subarray(4, 12) })).toThrow(RangeError);
      expect(engine.softmax(a.subarray(0, 8), 4, { out: a.subarray(8) })).toHaveLength(8);
      expect(engine.softmax(a, 4, { out: a })).toBe(a);
    });

    if (tier.name === 'scalar') {
      it('has no linear memory: a freed array is an ordinary array again', () => {
        const engine = tier.engine({ arenaBytes: 64 });
        const freed = engine.alloc(4);
        engine.free(freed);
        expect([...engine.softmax(freed, 4)]).toEqual([0.25, 0.25, 0.25, 0.25]);
      });
    } else {
      it('refuses views on linear memory outside live arrays, before anything is written', () => {
        const engine = tier.engine({ arenaBytes: 256 });
        const live = engine.alloc(8);
        const freed = engine.alloc(8);
        engine.free(freed);
        freed.fill(3);
        const wild = new Float32Array(live.buffer, 0, 8);
        const beyond = new Float32Array(live.buffer, live.byteOffset + 4, 8);
        const out = new Float32Array(8).fill(5);
        const rule =
          "an ordinary array or a live one of this engine's alloc, got one that was freed, or another view on linear memory";
        for (const wrong of [freed, wild, beyond]) {
          expect(thrownBy(() => engine.softmax(wrong, 4, { out }))).toBe(
            `TypeError: softmax: expected logits to be ${rule}`,
          );
          expect(() => engine.softmax(live, 4, { out: wrong })).toThrow(
            new TypeError(`softmax: expected out to be ${rule}`),
          );
          expect(() => engine.crossEntropyGrad(live, wrong, 4, { out })).toThrow(
            new TypeError(`crossEntropyGrad: expected targets to be ${rule}`),
          );
        }
        expect([...out]).toEqual(new Array(8).fill(5));
        expect([...freed]).toEqual(new Array(8).fill(3));
      });

      it('hands out no linear memory where there is no arena', () => {
        const engine = tier.engine();
        const wild = new Float32Array(engine.alloc(0).buffer);
        expect(wild).toHaveLength(0);
      });
    }
  });
}
