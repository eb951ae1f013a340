import { randomUUID } from 'node:crypto';

import type { QueryResult } from './http-interface.ts';
import type { Statement } from './statement.ts';

export interface Engine {
  /** Rejects, and works no more, when `cancelled` is aborted. */
  run(statement: Statement, cancelled?: AbortSignal): Promise<QueryResult>;
  /** Waits for the queries that run. */
  close(): Promise<void>;
}

/** Each holds a thread of libuv's pool, which is as large (see `UV_THREADPOOL_SIZE` of the child) and some more. */
export const MAX_CONCURRENT_QUERIES = 8;
const MAX_WAITING_QUERIES = 256;
const CANCELLED = 'Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)';

export interface EngineWatch {
  readonly mostCancellingMs: number;
  /** A query goes on for so long after it was cancelled: it looks at nothing between two blocks. */
  readonly onStuck: () => void;
}

/**
 * Opens chDB. Every query gets a session of its own (0.5 ms): settings and parameters end with it, and queries run side
 * by side; chDB's own binding of parameters would run them one after the other.
 */
export async function openEngine(
  path: string,
  configPath: string,
  { mostCancellingMs, onStuck }: EngineWatch,
): Promise<Engine> {
  const { Session, drainPending } = await import('chdb');
  // Keeps the data open between queries.
  const root = new Session(path, { connectionArgs: [`--config-file=${configPath}`] });
  const waiting: (() => void)[] = [];
  let running = 0;

  async function admit(cancelled: AbortSignal | undefined): Promise<void> {
    if (running < MAX_CONCURRENT_QUERIES) {
      running += 1;
      return;
    }
    if (waiting.length >= MAX_WAITING_QUERIES) {
      throw new Error(
        'Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)',
      );
    }
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve);
      cancelled?.addEventListener('abort', () => {
        const at = waiting.indexOf(resolve);
        if (at < 0) return;
        waiting.splice(at, 1);
        reject(new Error(CANCELLED));
      });
    });
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  /** chDB has no call for it, but the statement; beside the queries that are admitted, which may be what is in the way. */
  async function kill(mark: string): Promise<void> {
    const session = new Session(path);
    try {
      await session.queryAsync(`KILL QUERY WHERE Settings['log_comment'] = '${mark}' ASYNC`, {
        format: 'Null',
      });
    } finally {
      session.close();
    }
  }

  async function run({ sql, format }: Statement, cancelled?: AbortSignal): Promise<QueryResult> {
    if (cancelled?.aborted === true) throw new Error(CANCELLED);
    await admit(cancelled);
    const session = new Session(path);
    const mark = `ophion-${randomUUID()}`;
    let stuck: NodeJS.Timeout | undefined;
    const onCancelled = (): void => {
      stuck = setTimeout(onStuck, mostCancellingMs);
      // It may have ended by itself meanwhile.
      kill(mark).catch(() => undefined);
    };
    cancelled?.addEventListener('abort', onCancelled);
    try {
      const result = await session.queryAsync(`SET log_comment = '${mark}'; ${sql}`, { format });
      const { rowsRead, bytesRead, elapsed: elapsedSeconds } = result;
      return { bytes: result.bytes(), rowsRead, bytesRead, elapsedSeconds };
    } finally {
      cancelled?.removeEventListener('abort', onCancelled);
      clearTimeout(stuck);
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
