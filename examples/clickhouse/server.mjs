// ClickHouse in this process (chDB), with WebAssembly functions switched on: what a server's configuration does.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../dist/clickhouse/', import.meta.url));

const CONFIG = `<clickhouse>
  <allow_experimental_webassembly_udf>true</allow_experimental_webassembly_udf>
  <webassembly_udf_engine>wasmtime</webassembly_udf_engine>
</clickhouse>
`;

/** Starts chDB, which `npm ci` installs in this folder (543 MB), on an empty folder of its own. */
export async function startServer() {
  const { Session } = await import('chdb');
  const folder = mkdtempSync(path.join(tmpdir(), 'softmax-simd-clickhouse-'));
  writeFileSync(path.join(folder, 'config.xml'), CONFIG);
  const session = new Session(path.join(folder, 'data'), {
    connectionArgs: [`--config-file=${path.join(folder, 'config.xml')}`],
  });
  return new Server(session, folder);
}

class Server {
  #session;
  #folder;

  constructor(session, folder) {
    this.#session = session;
    this.#folder = folder;
  }

  /** The answer as text: columns between tabs, a row a line. */
  query(sql) {
    return this.#session.query(sql, 'TabSeparated').trimEnd();
  }

  /** The answer in a binary format. */
  async bytes(sql, format) {
    return (await this.#session.queryAsync(sql, { format })).bytes();
  }

  /** The error that a query ends in, or null. */
  errorOf(sql) {
    try {
      this.query(sql);
      return null;
    } catch (error) {
      return error.message;
    }
  }

  /** Runs a file of the package, as clickhouse-client does; each statement may be changed first. */
  run(file, change = (statement) => statement) {
    for (const statement of readFileSync(path.join(DIST, file), 'utf8').split(';\n')) {
      if (statement.trim() !== '') this.query(change(statement));
    }
  }

  stop() {
    this.#session.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
