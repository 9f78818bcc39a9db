// npm run docs: the API reference and the documents, as pages in out/api.
import { appendFileSync, cpSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { katex } from '@mdit/plugin-katex';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entryPoints = Object.values(exports)
  .map(({ types }) => types)
  .filter((types) => types !== undefined)
  .map((types) => types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts'));

const katexCss = createRequire(import.meta.url).resolve('katex/dist/katex.min.css');

/** The fonts that KaTeX's style sheet asks for; and on a phone a long formula is moved by itself, not the page. */
function dressFormulas(/** @type {import('typedoc').Application} */ app) {
  app.renderer.on('endRender', ({ outputDirectory }) => {
    const assets = path.join(outputDirectory, 'assets');
    cpSync(path.join(path.dirname(katexCss), 'fonts'), path.join(assets, 'fonts'), { recursive: true });
    appendFileSync(path.join(assets, 'custom.css'), '.katex-display { overflow: auto hidden; }\n');
  });
}

/** @type {import('typedoc').TypeDocOptions} */
export default {
  // No links to lines of a repository: a clone may know none.
  disableSources: true,
  entryPoints,
  readme: 'README.md',
  projectDocuments: ['docs/*.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  out: 'out/api',
  includeVersion: true,
  sort: ['kind', 'source-order'],
  kindSortOrder: ['Document', 'Module', 'Function', 'Interface', 'TypeAlias'],
  useFirstParagraphOfCommentAsSummary: true,
  groupOrder: ['Documents', 'Modules', 'Functions', 'Interfaces', 'Type Aliases'],
  plugin: [dressFormulas],
  customCss: katexCss,
  markdownItLoader: (/** @type {import('markdown-it').default} */ parser) => {
    parser.use(katex, { mathFence: true, throwOnError: true });
  },
  highlightLanguages: ['bash', 'html', 'javascript', 'json', 'sh', 'sql', 'typescript', 'xml'],
  treatWarningsAsErrors: true,
  // Members of the platform's classes, not of ours.
  intentionallyNotDocumented: [
    'softmax-simd/pool.AsyncDispose.__type.asyncDispose',
    'softmax-simd/pool.PoolOptions.workerUrl.__type.href',
    'softmax-simd.Signal.__type.AbortSignal',
    'softmax-simd.Signal.__type.AbortSignal.__type.prototype',
  ],
  validation: {
    notExported: true,
    notDocumented: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
};
