import resolve from '@rollup/plugin-node-resolve';

const bundle = (...names) => ({
  input: names.map((name) => `src/${name}.js`),
  output: { dir: 'dist' },
  plugins: [resolve()],
});

// Two bundles: one alone would keep what its entries share in a file between them.
export default [bundle('main', 'worker'), bundle('softmax-only')];
