/** And what each calls itself. */
export const ENVIRONMENTS = { node: 'node', jsdom: 'jsdom', 'happy-dom': 'HappyDOM', 'edge-runtime': 'edge-runtime' };

export const PROJECTS = Object.keys(ENVIRONMENTS).flatMap((environment) =>
  ['threads', 'forks', 'vmThreads'].map((pool) => ({ environment, pool })),
);
