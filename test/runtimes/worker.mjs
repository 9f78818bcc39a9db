// The Worker of workerd.suite.ts; esbuild bundles it with the installed package.
import * as api from 'softmax-simd';
import { hashOf } from '../bits/batch.mjs';
import { COLUMNS, probe, resultsOf } from './probe.mjs';

const { Response } = globalThis;

const paths = {
  '/probe': () => probe(api),
  /** Every operation on one tier. */
  '/results': (tier) => {
    const engine = api.createEngine({ tier });
    return { tier: engine.tier, results: COLUMNS.map((cols) => ({ cols, ...resultsOf(engine, cols) })) };
  },
  '/hash': (tier) => hashOf(api.createEngine({ tier })),
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    return Response.json(await paths[pathname](searchParams.get('tier')));
  },
};
