import type { SpanJson, TraceSummaryJson } from '../../proto/api/index.ts';
import type { Arrival, LogPosition, SpanHit } from '../../proto/query/index.ts';
import type { SpanOutline } from '../../workers/json/index.ts';
import type { ComparedPaths, ExplainedTrace } from '../../workers/traces/index.ts';
import type { LogHit } from '../ports/index.ts';

interface Found<Position> {
  readonly more: boolean;
  /** Of the last one, when there are more. */
  readonly last: Position | undefined;
  /** Of the last item that had arrived when the first page was read. */
  readonly asOf: Arrival;
}

export interface FoundTraces extends Found<SpanHit> {
  readonly traces: TraceSummaryJson[];
}

export interface FoundSpans {
  /** In order of start. */
  readonly spans: readonly SpanJson[];
  /** The trace has more than `MOST_SPANS_A_TRACE`: these are the first. */
  readonly more: boolean;
}

/** Rows are places among the spans. */
export interface ExplainedSpans {
  readonly spans: readonly SpanOutline[];
  readonly explained: ExplainedTrace;
}

export interface ComparedTraces {
  readonly before: readonly SpanOutline[];
  readonly after: readonly SpanOutline[];
  readonly paths: ComparedPaths;
}

export interface FoundLogs extends Found<LogPosition> {
  readonly logs: readonly LogHit[];
}
