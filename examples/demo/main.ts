import { backend } from 'softmax-simd';
import { startBenchmark } from './benchmark/benchmark.js';
import { startDerivation } from './derivation/derivation.js';
import { startDigits } from './digits/digits.js';
import { create, find } from './dom.js';
import { startHero } from './hero/hero.js';

const { tier, reason } = backend();
find('tier', HTMLSpanElement).replaceChildren(
  ', on its ',
  create('b', {}, tier),
  reason === null ? ' tier.' : ` tier (${reason}).`,
);
startHero();
startDerivation();
startDigits();
startBenchmark();
