import { katex } from '@mdit/plugin-katex';

/** @type {import('typedoc').TypeDocOptions} */
export default {
  entryPoints: ['src/index.ts', 'src/scalar.ts'],
  out: 'out/api',
  name: 'softmax-simd',
  includeVersion: true,
  readme: 'README.md',
  projectDocuments: ['docs/*.md', 'CHANGELOG.md'],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: true, unusedMergeModuleWith: true },
  markdownItLoader: (parser) => {
    parser.use(katex, { mathFence: true, output: 'mathml', throwOnError: true });
  },
};
