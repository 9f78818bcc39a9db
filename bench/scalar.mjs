// Time of the scalar tier's softmax against a plain Math.exp loop, interleaved so that a busy machine hits both alike.
//
//   npm run build && node bench/scalar.mjs
const { createEngine } = await import(process.env.SCALAR ?? '../dist/scalar.js');
const engine = createEngine({ tier: 'scalar' });

function plain(x, cols, y) {
  for (let start = 0; start < x.length; start += cols) {
    const end = start + cols;
    let m = -Infinity;
    for (let i = start; i < end; i++) if (x[i] > m) m = x[i];
    let s = 0;
    for (let i = start; i < end; i++) {
      const e = Math.exp(x[i] - m);
      y[i] = e;
      s += e;
    }
    const q = 1 / s;
    for (let i = start; i < end; i++) y[i] *= q;
  }
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function nanoseconds(f) {
  const t = process.hrtime.bigint();
  f();
  return Number(process.hrtime.bigint() - t);
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

console.log('cols   plain ns/el min (p50)   scalar ns/el min (p50)   ratio min (p50)');
for (const cols of [2, 3, 10, 16, 64, 100, 1000, 32000]) {
  const rows = Math.max(1, Math.round(64000 / cols));
  const n = rows * cols;
  const x = Float32Array.from({ length: n }, () => 4 * normal());
  const out = new Float32Array(n);
  const a = [];
  const b = [];
  for (let k = 0; k < 150; k++) {
    a.push(nanoseconds(() => plain(x, cols, out)) / n);
    b.push(nanoseconds(() => engine.softmax(x, cols, { out })) / n);
  }
  const [a5, b5] = [median(a), median(b)];
  const f = (v) => v.toFixed(2);
  console.log(`${cols}\t${f(a[0])} (${f(a5)})\t\t${f(b[0])} (${f(b5)})\t\t${f(b[0] / a[0])} (${f(b5 / a5)})`);
}
