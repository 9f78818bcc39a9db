import { defineConfig } from 'vitest/config';
import { PROJECTS } from './projects.js';

const projects = PROJECTS.map(({ environment, pool }) => ({
  test: { name: `${environment} ${pool}`, include: ['answers.test.js'], environment, pool },
}));

export default defineConfig({ test: { projects } });
