// npm run docs: the API reference and the documents, as one site in out/api, with search.
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

/** The documents in the order of their index, which names all of docs/ (test/docs/readme.test.ts), then others. */
const documents = [
  'docs/README.md',
  ...Array.from(readFileSync('docs/README.md', 'utf8').matchAll(/\]\(([^)]+\.md)\)/g), ([, to]) =>
    path.join('docs', to),
  ),
  ...['CHANGELOG.md', 'SECURITY.md', 'test/conformance/README.md'],
];

/** Documents are called by their titles, not by their files. */
function nameDocuments(/** @type {import('typedoc').Application} */ app) {
  app.converter.on('createDocument', (_context, document) => {
    const [{ text }] = document.content;
    document.name = /^# (.*)$/m.exec(text)?.[1] ?? document.name;
  });
}

/** What a phone shows: a long formula or table is moved by itself, not the page, and pictures have the width of the text. */
const STYLE = `
.katex-display { overflow: auto hidden; }
.tsd-typography { overflow-wrap: anywhere; }
.tsd-typography :is(th, td) { overflow-wrap: normal; }
.tsd-typography table { display: block; max-width: 100%; overflow: auto hidden; }
@media (max-width: 700px) { .tsd-typography img { width: 100%; } }
`;

/** The fonts that KaTeX's style sheet asks for, and the style of our own. */
function dressFormulas(/** @type {import('typedoc').Application} */ app) {
  app.renderer.on('endRender', ({ outputDirectory }) => {
    const assets = path.join(outputDirectory, 'assets');
    cpSync(path.join(path.dirname(katexCss), 'fonts'), path.join(assets, 'fonts'), { recursive: true });
    appendFileSync(path.join(assets, 'custom.css'), STYLE);
  });
}

/** @type {import('typedoc').TypeDocOptions} */
export default {
  // No links to lines of a repository: a clone may know none.
  disableSources: true,
  entryPoints,
  readme: 'README.md',
  projectDocuments: documents,
  searchInDocuments: true,
  out: 'out/api',
  includeVersion: true,
  sort: ['kind', 'source-order'],
  kindSortOrder: ['Document', 'Module', 'Function', 'Interface', 'TypeAlias'],
  useFirstParagraphOfCommentAsSummary: true,
  groupOrder: ['Documents', 'Modules', 'Functions', 'Interfaces', 'Type Aliases'],
  plugin: [nameDocuments, dressFormulas],
  customCss: katexCss,
  markdownItLoader: (/** @type {import('markdown-it').default} */ parser) => {
    parser.use(katex, { mathFence: true, throwOnError: true });
  },
  highlightLanguages: ['bash', 'html', 'javascript', 'json', 'sh', 'sql', 'typescript', 'xml'],
  treatWarningsAsErrors: true,
  // Members of the platform's classes, not of ours; and of `bias`, whose own comment tells them.
  intentionallyNotDocumented: [
    'softmax-simd/pool.AsyncDispose.__type.asyncDispose',
    'softmax-simd/pool.PoolOptions.workerUrl.__type.href',
    'softmax-simd.Float16.__type.Float16Array',
    'softmax-simd.Float16.__type.Float16Array.__type.prototype',
    'softmax-simd.FilterLogitsOptions.bias.__type.ids',
    'softmax-simd.FilterLogitsOptions.bias.__type.values',
    'softmax-simd.SampleOptions.bias.__type.ids',
    'softmax-simd.SampleOptions.bias.__type.values',
    'softmax-simd.SamplingOptions.bias.__type.ids',
    'softmax-simd.SamplingOptions.bias.__type.values',
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
