// The Worker of workerd.suite.ts; esbuild bundles it with the installed package.
import * as api from 'softmax-simd';
import { hashOf } from '../bits/batch.mjs';
import { probe, resultsOf } from './probe.mjs';

const { Response } = globalThis;

const paths = {
  '/probe': () => probe(api),
  /** Every operation on one tier. */
  '/results': ({ tier, cols }) => {
    const engine = api.createEngine({ tier });
    return { tier: engine.tier, results: { cols: Number(cols), ...resultsOf(engine, Number(cols)) } };
  },
  '/hash': ({ tier }) => hashOf(api.createEngine({ tier })),
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    return new Response(JSON.stringify(await paths[pathname](Object.fromEntries(searchParams)), spell));
  },
};

/** JSON has no NaN and no infinities: by their names. */
function spell(_, value) {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
