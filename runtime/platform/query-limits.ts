import type { QueryLimits } from '../../actors/ports/index.ts';
import type { Config } from '../config/index.ts';

/** What a question may cost at most. */
export function queryLimits(config: Config): QueryLimits {
  return {
    deadlineMs: config.queryTimeoutSeconds * 1_000,
    maxRowsRead: config.queryMaxRows,
    maxBytesRead: config.queryMaxBytes,
  };
}
