import type { AggregateJson, DiffJson, FacetsJson } from './search.ts';
import type {
  GraphEdgeJson,
  GraphNodeJson,
  LogJson,
  MetricJson,
  MetricSeriesJson,
  OperationActivityJson,
  ServiceActivityJson,
  SpanJson,
  TraceSummaryJson,
} from './telemetry.ts';

/** `GET` paths of the API and the body of their 200. A path parameter is percent-encoded. */
export interface ApiAnswers {
  readonly '/api/v1/services': { readonly services: readonly ServiceActivityJson[] };
  readonly '/api/v1/services/:service/operations': { readonly operations: readonly OperationActivityJson[] };
  /** Newest first; `more` when the limit cut the list. */
  readonly '/api/v1/traces': { readonly traces: readonly TraceSummaryJson[]; readonly more: boolean };
  /** An unknown trace has no spans. In order of start. */
  readonly '/api/v1/traces/:traceId': { readonly traceId: string; readonly spans: readonly SpanJson[] };
  /** Newest first. */
  readonly '/api/v1/logs': { readonly logs: readonly LogJson[]; readonly more: boolean };
  readonly '/api/v1/traces/aggregate': AggregateJson;
  readonly '/api/v1/traces/facets': FacetsJson;
  readonly '/api/v1/traces/diff': DiffJson;
  readonly '/api/v1/logs/aggregate': AggregateJson;
  readonly '/api/v1/logs/facets': FacetsJson;
  readonly '/api/v1/logs/diff': DiffJson;
  readonly '/api/v1/metrics': { readonly metrics: readonly MetricJson[] };
  readonly '/api/v1/metrics/series': { readonly series: readonly MetricSeriesJson[]; readonly more: boolean };
  readonly '/api/v1/graph': {
    readonly nodes: readonly GraphNodeJson[];
    readonly edges: readonly GraphEdgeJson[];
  };
  readonly '/api/v1/status': StatusJson;
  readonly '/api/v1/ledger': LedgerJson;
}

export interface StatusJson {
  readonly version: string;
  readonly startedAtUnixMs: number;
  /** Where applications send to: as seen from this machine. */
  readonly otlp: { readonly grpcPort: number; readonly httpPort: number };
  readonly clickhouse: 'embedded' | 'server';
  readonly postgres: 'embedded' | 'server';
  /** Items accepted and not accepted since the start. */
  readonly accepted: { readonly traces: number; readonly metrics: number; readonly logs: number };
  readonly rejected: { readonly traces: number; readonly metrics: number; readonly logs: number };
  /** Highest journal segment written, and highest one archived. */
  readonly segment: number;
  readonly archivedThrough: number;
  /** Items that are in the journal, but neither in memory nor in ClickHouse yet: not shown until they are archived. */
  readonly waitingItems: number;
  readonly windowBytes: number;
}

/**
 * What became of every item of one signal since the start. `sent` is counted when a request comes in, apart from what
 * follows, so that the books can be balanced: `sent = accepted + rejected + refused + repeated + inFlight`, and
 * `accepted + replayed = archived + waiting`.
 */
export interface LedgerEntryJson {
  readonly requests: number;
  /** Not OTLP; their items, where they could be counted, are rejected as `undecodable`. */
  readonly undecodableRequests: number;
  readonly sent: number;
  readonly inFlight: number;
  readonly accepted: number;
  /** Items that can never be accepted, by reason; the sender was told. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Items that the sender was asked to send again, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Items of requests that were sent again although the first had been accepted. */
  readonly repeated: number;
  /** What the books do not account for; 0. */
  readonly unexplained: number;
  /** Accepted before the start, archived since. */
  readonly replayed: number;
  readonly archived: number;
  /** Accepted and not yet archived: in the journal. */
  readonly waiting: number;
}

export interface LedgerJson {
  readonly sinceUnixMs: number;
  readonly signals: {
    readonly traces: LedgerEntryJson;
    readonly metrics: LedgerEntryJson;
    readonly logs: LedgerEntryJson;
  };
}
