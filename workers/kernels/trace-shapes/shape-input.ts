/** A finished span; `start` and `duration` in milliseconds. */
export interface ShapeSpan {
  readonly id: string;
  /** Empty at a root. */
  readonly parent: string;
  /** Service id. */
  readonly service: string;
  readonly operation: string;
  readonly start: number;
  readonly duration: number;
  readonly isError: boolean;
}

/** All spans of one trace, or of as much of it as is known, in any order. */
export interface ShapeTrace {
  readonly traceId: string;
  readonly spans: readonly ShapeSpan[];
}

/** A step of a shape: of siblings that are the same, one stands for all. */
export interface ShapeStep {
  /** Of a top of the trace 0. */
  readonly depth: number;
  readonly service: string;
  readonly operation: string;
  /** How many siblings it stands for, in the example. */
  readonly repeats: number;
}

/** Traces that are built alike. */
export interface TraceShape {
  /** The same for the same shape, always: 14 hexadecimal digits. */
  readonly id: string;
  readonly traces: number;
  /** Those of them in which a span failed. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** In the mean. */
  readonly spans: number;
  /** Shapes that were near enough to count with this one, itself included. */
  readonly variants: number;
  /** In order of a walk from the top down, siblings by start; of more than `MOST_STEPS` the first. */
  readonly steps: readonly ShapeStep[];
  readonly stepsLeftOut: number;
  readonly exampleTraceId: string;
  /** Empty where none failed. */
  readonly failedTraceId: string;
}
