import type { ErrorCode } from '../../../../proto/errors/index.ts';

/** The embedded ClickHouse engine could not be started. */
export class EngineStartError extends Error {
  readonly code = 'STORAGE_UNAVAILABLE' satisfies ErrorCode;
  readonly cure: string;

  constructor(dataDir: string, reason: string) {
    const cure = 'Set OPHION_CLICKHOUSE_URL to use a ClickHouse server instead.';
    super(`The embedded ClickHouse engine could not be started in ${dataDir}: ${reason} ${cure}`);
    this.name = 'EngineStartError';
    this.cure = cure;
  }
}
