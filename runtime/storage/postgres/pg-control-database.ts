import { Pool, type PoolClient } from 'pg';
import type { ControlDatabase, RunQuery } from './control-database.ts';
import { translateError } from './translate-error.ts';

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;

/** Postgres on a server. `onIdleError` is told of connections that break while nobody asks anything of them. */
export function openPgControlDatabase(url: string, onIdleError: (error: Error) => void): ControlDatabase {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'ophion',
  });
  pool.on('error', onIdleError);

  const on =
    (client: Pool | PoolClient): RunQuery =>
    async <Row extends object>(text: string, parameters: readonly unknown[] = []) => {
      try {
        return (await client.query<Row>(text, [...parameters])).rows;
      } catch (error) {
        throw translateError(error);
      }
    };

  return {
    query: on(pool),
    async transaction(work) {
      const client = await pool.connect().catch((error: unknown) => {
        throw translateError(error);
      });
      // The pool listens to idle ones alone, and an error that nobody listens to ends the process.
      client.on('error', onIdleError);
      const query = on(client);
      try {
        await query('BEGIN');
        const result = await work(query);
        await query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        // A connection that cannot even roll back is not given to the next one.
        const broken = await query('ROLLBACK').then(
          () => false,
          () => true,
        );
        client.release(broken);
        throw error;
      } finally {
        client.off('error', onIdleError);
      }
    },
    close: () => pool.end(),
  };
}
