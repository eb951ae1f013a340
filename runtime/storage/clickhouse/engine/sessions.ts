import type { QueryResult } from './http-interface.ts';
import type { Statement } from './statement.ts';

export interface Engine {
  run(statement: Statement): Promise<QueryResult>;
  /** Waits for the queries that run. */
  close(): Promise<void>;
}

/** Each holds a thread of libuv's pool, which is as large (see `UV_THREADPOOL_SIZE` of the child) and some more. */
export const MAX_CONCURRENT_QUERIES = 8;
const MAX_WAITING_QUERIES = 256;

/**
 * Opens chDB. Every query gets a session of its own (0.5 ms): settings and parameters end with it, and queries run side
 * by side; chDB's own binding of parameters would run them one after the other.
 */
export async function openEngine(path: string, configPath: string): Promise<Engine> {
  const { Session, drainPending } = await import('chdb');
  // Keeps the data open between queries.
  const root = new Session(path, { connectionArgs: [`--config-file=${configPath}`] });
  const waiting: (() => void)[] = [];
  let running = 0;

  async function admit(): Promise<void> {
    if (running < MAX_CONCURRENT_QUERIES) {
      running += 1;
      return;
    }
    if (waiting.length >= MAX_WAITING_QUERIES) {
      throw new Error(
        'Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)',
      );
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  async function run({ sql, format }: Statement): Promise<QueryResult> {
    await admit();
    const session = new Session(path);
    try {
      const result = await session.queryAsync(sql, { format });
      const { rowsRead, bytesRead, elapsed: elapsedSeconds } = result;
      return { bytes: result.bytes(), rowsRead, bytesRead, elapsedSeconds };
    } finally {
      session.close();
      leave();
    }
  }

  return {
    run,
    async close() {
      await drainPending();
      root.close();
      await drainPending();
    },
  };
}
