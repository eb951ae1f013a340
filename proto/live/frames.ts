/** Columns of live frames: name → Arrow type. `category` is a Dictionary<Utf8, Int32>; times are float64 Unix ms. */
export type FrameColumnType = 'category' | 'utf8' | 'uint8' | 'uint32' | 'float32' | 'float64' | 'bool';
export type FrameColumns = Readonly<Record<string, FrameColumnType>>;

/**
 * One row a service (and, on `service` topics, operation) and second in which anything happened. A row replaces an
 * earlier one of the same service, operation and second: late spans change seconds that were already sent.
 * A second without a row had no requests.
 */
export const RED_COLUMNS = {
  /** A service id. */
  service: 'category',
  /** Span name; '' for the service as a whole. */
  operation: 'category',
  /** Start of the second, Unix ms. */
  second: 'float64',
  requests: 'uint32',
  errors: 'uint32',
  p50Ms: 'float32',
  p95Ms: 'float32',
  p99Ms: 'float32',
  /** Requests without error of at most T, and of more but at most 4 T; T is `APDEX_T_MS`. Apdex = (satisfied + tolerated / 2) / requests. */
  satisfied: 'uint32',
  tolerated: 'uint32',
  /** Items of this service that arrived in the second, whatever their own time. Zero on operation rows. */
  spans: 'uint32',
  logs: 'uint32',
  points: 'uint32',
} as const satisfies FrameColumns;

export const APDEX_T_MS = 500;

/** How far back the ring of RED figures goes, in seconds. */
export const RED_RING_SECONDS = 900;

export const SPAN_TAIL_COLUMNS = {
  /** Lower-case hex. */
  traceId: 'utf8',
  spanId: 'utf8',
  service: 'category',
  name: 'category',
  /** OTLP's SpanKind and StatusCode. */
  kind: 'uint8',
  statusCode: 'uint8',
  /** Decimal ns since the epoch: nanoseconds do not fit a JavaScript number. */
  startTimeUnixNano: 'utf8',
  durationMs: 'float64',
  statusMessage: 'utf8',
} as const satisfies FrameColumns;

export const LOG_TAIL_COLUMNS = {
  timeUnixNano: 'utf8',
  service: 'category',
  severityNumber: 'uint8',
  severityText: 'category',
  /** The body's text form. */
  body: 'utf8',
  traceId: 'utf8',
  spanId: 'utf8',
} as const satisfies FrameColumns;

/**
 * One row an insight that is new or has changed; a snapshot has those that are open, and a row replaces an earlier one of the same id.
 * The whole insight is in `insight`, as JSON (`InsightJson`).
 */
export const INSIGHT_COLUMNS = {
  id: 'utf8',
  /** Of `InsightJson`. */
  kind: 'category',
  state: 'category',
  severity: 'category',
  service: 'category',
  title: 'utf8',
  startedUnixMs: 'float64',
  updatedUnixMs: 'float64',
  insight: 'utf8',
} as const satisfies FrameColumns;
