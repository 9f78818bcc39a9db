const COMPILERS = ['5.9', '6', '7'];
/** NodeNext, Bundler, and NodeNext without a browser's libraries: src/ says what each has to accept and to refuse. */
const PROJECTS = ['tsconfig.json', 'tsconfig.bundler.json', 'tsconfig.no-dom.json'];

export default async function check({ run }) {
  for (const compiler of COMPILERS) {
    for (const project of PROJECTS) await run('node', `node_modules/typescript-${compiler}/bin/tsc`, '-p', project);
  }
}
