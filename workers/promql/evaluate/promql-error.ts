/** A query that is PromQL and cannot be answered over this data: Prometheus' `execution` error. */
export class PromqlExecutionError extends Error {
  readonly code = 'PROMQL_EXECUTION';

  constructor(message: string) {
    super(message);
    this.name = 'PromqlExecutionError';
  }
}

/** The evaluation was told to stop, or would hold more samples than it may. */
export class PromqlStoppedError extends Error {
  readonly code: 'CANCELLED' | 'TOO_MANY_SAMPLES';

  constructor(code: PromqlStoppedError['code'], message: string) {
    super(message);
    this.name = 'PromqlStoppedError';
    this.code = code;
  }
}

export const SAME_LABELS = 'vector cannot contain metrics with the same labelset';
