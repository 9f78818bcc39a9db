import { describe, expect, it } from 'vitest';
import { crossEntropy } from '../reference.js';
import { firstDigits, loadDigits, loadMnist } from '../../examples/mnist/data.mjs';
import { Model } from '../../examples/mnist/model.mjs';
import { Network } from '../../examples/mnist/network.mjs';
import { drawPicture } from '../../examples/mnist/picture.mjs';
import { CLASSES, evaluate, Stopwatch, trainEpoch } from '../../examples/mnist/train.mjs';
import { temporaryFolder } from '../cli/npy-bytes.js';
import { tiers } from '../tiers.js';

const { put } = temporaryFolder();
const { train, test } = loadMnist();

/** An idx file: the magic number, the length of each axis, the data. */
function idx(magic: number, lengths: number[], data: number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * lengths.length);
  [magic, ...lengths].forEach((word, i) => header.writeUInt32BE(word, 4 * i));
  return Buffer.concat([header, Buffer.from(data)]);
}

describe('reading MNIST', () => {
  it('finds all of it', () => {
    expect([train.count, train.features, test.count, test.features]).toEqual([60_000, 784, 10_000, 784]);
    // The digits that the two files are known to begin with.
    expect(Array.from(train.labels.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(Array.from(test.labels.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it('keeps every pixel that is not white', () => {
    const { pixels, ink, features, count } = test;
    const again = new Uint8Array(pixels.length);
    for (let r = 0; r < count; r++) {
      for (let k = ink.start[r]!; k < ink.start[r + 1]!; k++) {
        again[r * features + ink.index[k]!] = Math.round(ink.value[k]! * 255);
      }
    }
    expect(Buffer.compare(again, pixels)).toBe(0);
  });

  const images = idx(0x803, [2, 1, 2], [0, 255, 51, 0]);
  const labels = idx(0x801, [2], [3, 4]);
  const digits = (imageBytes: Buffer, labelBytes: Buffer) =>
    loadDigits(put('images', imageBytes), put('labels', labelBytes));

  it('reads a file made by hand', () => {
    const { count, features, width, ink, labels: read } = digits(images, labels);
    expect({ count, features, width, labels: Array.from(read) }).toEqual({
      count: 2,
      features: 2,
      width: 2,
      labels: [3, 4],
    });
    expect(Array.from(ink.start)).toEqual([0, 1, 2]);
    expect(Array.from(ink.index)).toEqual([1, 0]);
    expect(Array.from(ink.value)).toEqual([1, Math.fround(0.2)]);
  });

  it.each([
    [images, images, /labels: expected magic number 2049, got 2051/],
    [labels, labels, /images: expected a header of 16 bytes, got 10/],
    [idx(0x801, [2, 1, 2], [0, 0, 0, 0]), labels, /images: expected magic number 2051, got 2049/],
    [images.subarray(0, -1), labels, /images: expected 20 bytes for shape 2 × 1 × 2, got 19/],
    [Buffer.concat([images, labels]), labels, /images: expected 20 bytes for shape 2 × 1 × 2, got 30/],
    [images, labels.subarray(0, 7), /labels: expected a header of 8 bytes, got 7/],
    [images, idx(0x801, [1], [3]), /labels: expected 2 labels, got 1/],
    [images, idx(0x801, [2], [3, 10]), /labels: expected labels\[1\] to be a digit, got 10/],
  ])('refuses bad files, %#', (imageBytes, labelBytes, message) => {
    expect(() => digits(imageBytes, labelBytes)).toThrow(message);
  });
});

describe('the network with a hidden layer', () => {
  const engine = tiers[0]!.engine({ arenaBytes: 1 << 16 });
  const rows = Uint32Array.from({ length: 20 }, (_, r) => r);
  const labels = train.labels.subarray(0, 20);

  function lossOf(network: Network): number {
    const logits = new Float32Array(rows.length * CLASSES);
    network.forward(train.ink, rows, logits);
    return engine.crossEntropy(logits, labels, CLASSES, { reduction: 'sum' });
  }

  it('has the gradient that its loss has', () => {
    const network = new Network(train.features, 6, CLASSES);
    const logits = new Float32Array(rows.length * CLASSES);
    network.forward(train.ink, rows, logits);
    network.backward(train.ink, rows, engine.crossEntropyGrad(logits, labels, CLASSES, { reduction: 'sum' }));
    const step = 2 ** -9;
    for (const [weights, gradient] of [
      [network.lower, network.lowerGradient],
      [network.weights, network.gradient],
    ] as const) {
      // The largest entries: a difference of float32 losses has few digits.
      const places = Array.from(gradient.keys()).sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!));
      for (const k of [...places.slice(0, 10), weights.length - 1]) {
        const kept = weights[k]!;
        weights[k] = kept + step;
        const above = lossOf(network);
        weights[k] = kept - step;
        const slope = (above - lossOf(network)) / (2 * step);
        weights[k] = kept;
        expect(Math.abs(slope - gradient[k]!)).toBeLessThan(0.02 * Math.abs(gradient[k]!) + 0.005);
      }
    }
  });

  it('learns', () => {
    const network = new Network(train.features, 16, CLASSES);
    const [epoch, epochs, stopwatch] = [0, 1, new Stopwatch()];
    trainEpoch(engine, network, firstDigits(train, 10_000), { epoch, epochs, stopwatch, onBatch: () => undefined });
    expect(evaluate(engine, network, firstDigits(test, 2000), stopwatch).accuracy).toBeGreaterThan(0.78);
  });
});

describe.each(tiers)('training for one epoch on 6,050 digits, $name', ({ name: tier, engine: open }) => {
  const engine = open({ arenaBytes: 1 << 16 });
  const small = firstDigits(test, 2000);

  function run() {
    const stopwatch = new Stopwatch();
    const model = new Model(train.features, CLASSES);
    const losses: number[] = [];
    const onBatch = (_: number, loss: number) => losses.push(loss);
    trainEpoch(engine, model, firstDigits(train, 6050), { epoch: 0, epochs: 1, stopwatch, onBatch });
    return { model, losses, result: evaluate(engine, model, small, stopwatch), stopwatch };
  }
  const { model, losses, result, stopwatch } = run();

  it('runs on the tier it names', () => expect(engine.tier).toBe(tier));

  it('begins at ln 10 and learns', () => {
    expect(losses).toHaveLength(61);
    expect(losses[0]).toBeCloseTo(Math.log(10), 6);
    expect(result.loss).toBeLessThan(0.8);
    expect(result.accuracy).toBeGreaterThan(0.78);
    expect(stopwatch.milliseconds).toBeGreaterThan(0);
  });

  it('gives the same model again', () => expect(run().model.weights).toEqual(model.weights));

  it('measures the loss and accuracy that its logits have', () => {
    let right = 0;
    for (let r = 0; r < small.count; r++) {
      const row = Array.from(result.logits.subarray(r * CLASSES, (r + 1) * CLASSES));
      const label = small.labels[r]!;
      if (row.every((x) => x <= row[label]!)) right++;
    }
    const labels = Int32Array.from(small.labels);
    const { loss } = crossEntropy(result.logits, labels, CLASSES);
    expect(result.loss).toBeCloseTo(loss.values[0], 6);
    expect(result.accuracy).toBe(right / small.count);
  });

  it('draws a picture', async () => {
    const curve = {
      train: losses.map((loss, i) => ({ epoch: i / 61, loss })),
      test: [{ epoch: 1, loss: result.loss }],
    };
    const svg = await drawPicture({ curve, test: small, result, tier });
    expect(svg).toMatch(/^<svg[^]*<\/svg>\s*$/);
    expect(svg).toContain(`${(100 * result.accuracy).toFixed(2)} % of 2,000 test digits recognised, on tier ${tier}`);
    expect(svg.match(/taken for \d, \d+ %/g)).toHaveLength(10);
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
