// Import, compile and first result of 1×1000 in a fresh process; prints milliseconds as JSON.
const logits = Float32Array.from({ length: 1000 }, (_, i) => (i * 7919) % 13);
const begin = performance.now();
const { softmax } = await import('../../dist/index.js');
const imported = performance.now();
const probs = softmax(logits, 1000);
const end = performance.now();
if (!(probs[0] > 0)) throw new Error(`expected a probability, got ${probs[0]}`);
console.log(JSON.stringify({ importMs: imported - begin, firstMs: end - imported, totalMs: end - begin }));
