// ClickHouse in this process (chDB of examples/clickhouse): node clickhouse-query.mjs <folder> <query>... prints the
// answers as JSON. The folder holds config.xml, and data come into it.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../examples/clickhouse/package.json', import.meta.url));
const { Session } = require('chdb');
const [folder, ...queries] = process.argv.slice(2);
const session = new Session(join(folder, 'data'), { connectionArgs: [`--config-file=${join(folder, 'config.xml')}`] });
const answers = queries.map((query) => {
  try {
    return session.query(query, 'JSONCompactEachRow').trimEnd();
  } catch (error) {
    return `error: ${error.message}`;
  }
});
session.close();
process.stdout.write(JSON.stringify(answers));
