import { Pool, TypeOverrides, types, type PoolClient, type QueryResultRow } from 'pg';

import { StorageUnavailableError } from '../../../actors/ports/index.ts';
import type { MigratableDatabase, ScriptQueries } from './control-database.ts';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

function valueTypes(): TypeOverrides {
  const overrides = new TypeOverrides();
  overrides.setTypeParser(types.builtins.INT8, BigInt);
  overrides.setTypeParser(types.builtins.DATE, (text) => text);
  overrides.setTypeParser(types.builtins.BYTEA, (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex')));
  return overrides;
}

/** Classes of SQLSTATE that say something of the server and nothing of the statement. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58']);

function isUnavailable(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // An error of the server has a severity; one of the network or the pool has none.
  if (typeof severity !== 'string') return true;
  return typeof code === 'string' && UNAVAILABLE_CLASSES.has(code.slice(0, 2));
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isUnavailable(error) ? new StorageUnavailableError('Postgres', error) : error;
  }
}

function toParameter(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

class ClientQueries implements ScriptQueries {
  private readonly client: Pool | PoolClient;

  constructor(client: Pool | PoolClient) {
    this.client = client;
  }

  async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await orUnavailable(
      this.client.query<QueryResultRow>(text, parameters.map(toParameter)),
    );
    return rows as Row[];
  }

  async run(script: string): Promise<void> {
    await orUnavailable(this.client.query(script));
  }
}

class ServerDatabase implements MigratableDatabase {
  private readonly pool: Pool;
  private readonly queries: ClientQueries;

  constructor(pool: Pool) {
    this.pool = pool;
    this.queries = new ClientQueries(pool);
  }

  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.queries.query<Row>(text, parameters);
  }

  async transaction<T>(work: (queries: ScriptQueries) => Promise<T>): Promise<T> {
    const client = await orUnavailable(this.pool.connect());
    let broken: Error | undefined;
    try {
      const queries = new ClientQueries(client);
      await queries.run('BEGIN');
      try {
        const result = await work(queries);
        await queries.run('COMMIT');
        return result;
      } catch (error) {
        await queries.run('ROLLBACK').catch((cause: unknown) => {
          broken = cause instanceof Error ? cause : new Error(String(cause));
        });
        throw error;
      }
    } finally {
      client.release(broken);
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** Connects when first asked. `onIdleError` is told of connections that break while nobody uses them. */
export function serverDatabase(url: string, onIdleError: (error: Error) => void): MigratableDatabase {
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'ophion',
    types: valueTypes(),
  });
  pool.on('error', onIdleError);
  return new ServerDatabase(pool);
}
