import type { VisibleServices } from '../../proto/access/index.ts';

/** What one question may cost before it is refused. */
export interface QueryLimits {
  /** From its arrival to its answer. */
  readonly deadlineMs: number;
  /** Over both tiers together. */
  readonly maxRowsRead: number;
  readonly maxBytesRead: number;
}

export type QueryTier = 'hot' | 'cold';

/** A question cost more than its limits allow; the message names the limit and how to ask for less. */
export class QueryLimitError extends Error {
  readonly code: 'DEADLINE_EXCEEDED' | 'QUERY_TOO_LARGE';
  /** Where asking for less is none. */
  readonly cure: string | undefined;

  constructor(code: QueryLimitError['code'], message: string, cure?: string) {
    super(message);
    this.name = 'QueryLimitError';
    this.code = code;
    this.cure = cure;
  }

  static deadline({ deadlineMs }: QueryLimits): QueryLimitError {
    return new QueryLimitError(
      'DEADLINE_EXCEEDED',
      `the answer took longer than ${deadlineMs / 1_000} s (OPHION_QUERY_TIMEOUT_SECONDS, or the parameter timeout)`,
    );
  }

  static rows({ maxRowsRead }: QueryLimits): QueryLimitError {
    return new QueryLimitError(
      'QUERY_TOO_LARGE',
      `the query reads more than ${maxRowsRead} rows (OPHION_QUERY_MAX_ROWS)`,
    );
  }

  static spans(traceId: string, most: number): QueryLimitError {
    return new QueryLimitError(
      'QUERY_TOO_LARGE',
      `trace ${traceId} has more than ${most} spans, the most that critical paths and comparisons are made of`,
      `ask for its first ${most} spans with /api/v1/traces/${traceId}`,
    );
  }

  static bytes({ maxBytesRead }: QueryLimits): QueryLimitError {
    return new QueryLimitError(
      'QUERY_TOO_LARGE',
      `the query reads more than ${maxBytesRead} bytes (OPHION_QUERY_MAX_BYTES)`,
    );
  }
}

/**
 * One question from its arrival to its answer: until when it may run, what it may read, what it has read so far.
 * Handed down to every tier and every thread that works on it.
 */
export interface QueryRun {
  /** Aborted when the client goes away (any reason), or when the deadline has passed (a `QueryLimitError`). */
  readonly signal: AbortSignal;
  readonly limits: QueryLimits;
  /** Services that whoever asks may see: no tier shows anything of another. */
  readonly visible: VisibleServices;
  /** Counts what was read. Throws a `QueryLimitError` once that is more than the limits allow. */
  countRead(tier: QueryTier, rows: number, bytes: number): void;
  /** Counts the time of a stage; stages may overlap. */
  timed<T>(stage: string, work: () => Promise<T>): Promise<T>;
}
