/** A query that is PromQL and cannot be answered over this data: Prometheus' `execution` error. */
export class PromqlExecutionError extends Error {
  readonly code = 'PROMQL_EXECUTION';

  constructor(message: string) {
    super(message);
    this.name = 'PromqlExecutionError';
  }
}

/** The evaluation would hold more samples than it may. */
export class TooManySamplesError extends Error {
  readonly code = 'TOO_MANY_SAMPLES';

  constructor(message: string) {
    super(message);
    this.name = 'TooManySamplesError';
  }
}

export const SAME_LABELS = 'vector cannot contain metrics with the same labelset';
