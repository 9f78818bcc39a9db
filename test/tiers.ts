import type { Tier } from '../src/types.js';
export const TIERS: Tier[] = ['scalar'];
