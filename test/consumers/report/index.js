/**
 * What a consumer asks of the package; expected.mjs has the right answers.
 *
 * @param operations the functions of an entry, an engine or a pool
 * @param info where they run: `tier` and `reason`
 */
export async function answers({ crossEntropyWithGrad, softmax }, { tier, reason }) {
  const logits = Float32Array.of(2, 1, 0.1, 1, 3, 0.2);
  const probs = await softmax(logits, 3);
  const { loss, dlogits } = await crossEntropyWithGrad(logits, Int32Array.of(0, 1), 3);
  return { tier, reason, probs: [...probs], loss, dlogits: [...dlogits] };
}

/** The same of a pool, and whether its threads compute the bits of `softmax`: calls as small as those above stay here. */
export async function poolAnswers(createPool, softmax, options) {
  const pool = await createPool({ threads: 2, ...options });
  const found = await answers(pool, { tier: pool.tier, reason: pool.tierReason });
  const logits = Float32Array.from({ length: 1 << 20 }, (_, i) => (i * i) % 13);
  const expected = softmax(logits, 1024);
  const sameBits = (await pool.softmax(logits, 1024)).every((p, i) => p === expected[i]);
  const { threads, reason } = pool;
  await pool.close();
  return { ...found, threads, threadsReason: reason, sameBits };
}

/** Shows a page's report, to people and to browser.mjs. */
export function publish(report) {
  const pre = document.createElement('pre');
  pre.textContent = JSON.stringify(report, null, 2);
  document.body.append(pre);
}

/** The first message of a worker. */
export function messageOf(worker) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`the worker failed: ${event.message}`));
  });
}
