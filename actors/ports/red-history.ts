import type { ServiceKey } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { QueryRun } from './query-run.ts';

/** Requests of one operation of a service (spans of one name, of whatever kind) that ended in one second. */
export interface EndedRequests {
  readonly service: ServiceKey;
  readonly operation: string;
  /** Unix seconds. */
  readonly second: number;
  readonly requests: number;
  readonly errors: number;
  /** As in `RED_COLUMNS`. */
  readonly satisfied: number;
  readonly tolerated: number;
  /** Of durations, see `DURATION_GAMMA`, each once; `counts` are of the same places. */
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
}

/** What the figures of the last minutes are made of. */
export interface RedHistory {
  /**
   * Of spans of segments up to `through` that began within `started` and ended in second `fromSecond` or later. Rejects as
   * `TelemetryHistory` does.
   */
  endedRequests(
    started: TimeRange,
    fromSecond: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly EndedRequests[]>;
}
