import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SpanJson, TraceSummaryJson } from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type { SpanFilter, SpanHit, TimeRange } from '../../proto/query/index.ts';
import { idHex, spanJson } from '../../workers/json/index.ts';
import { isWithin, spanPredicate, TraceIdSet } from '../../workers/scan/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { forEachBatch } from './for-each-batch.ts';
import type { HotTier } from './hot-tier.ts';

/** Spans of the hot tier that match, the newest of each trace, by trace id. */
export async function findHotTraces(
  tier: HotTier<'traces'>,
  filter: SpanFilter,
  range: TimeRange,
  run: QueryRun,
): Promise<Map<string, SpanHit>> {
  const newest = new Map<string, bigint>();
  await forEachBatch(tier, range, run, (_service, batch) => {
    const matches = spanPredicate(filter, batch);
    const { startTimeUnixNano, traceId } = batch.columns;
    for (let row = 0; row < batch.rowCount; row += 1) {
      const start = startTimeUnixNano[row] ?? 0n;
      if (!isWithin(start, range) || !matches(row)) continue;
      const id = idHex(traceId, 16, row);
      if (start >= (newest.get(id) ?? 0n)) newest.set(id, start);
    }
  });
  return new Map(
    Array.from(newest, ([traceId, startTimeUnixNano]) => [traceId, { traceId, startTimeUnixNano }]),
  );
}

/** Rows made into JSON between two turns of the event loop; some milliseconds. */
const TURN_SPANS = 256;
const ALL_TIMES: TimeRange = { fromUnixNano: 0n, toUnixNano: 2n ** 64n - 1n };

export async function hotSpansOf(
  tier: HotTier<'traces'>,
  traceIds: readonly string[],
  limit: number,
  run: QueryRun,
): Promise<SpanJson[]> {
  const ids = new TraceIdSet(traceIds);
  const found: { service: ServiceKey; batch: Batch<'traces'>; row: number }[] = [];
  await forEachBatch(tier, ALL_TIMES, run, (service, batch) => {
    for (const row of ids.rows(batch.columns.traceId, batch.rowCount)) found.push({ service, batch, row });
  });
  const spans: SpanJson[] = [];
  for (const { service, batch, row } of found.slice(0, limit)) {
    spans.push(spanJson(service, batch, row));
    if (spans.length % TURN_SPANS !== 0) continue;
    await nextTurn();
    run.signal.throwIfAborted();
  }
  return spans;
}

export function byStart(a: SpanJson, b: SpanJson): number {
  return compareNanos(a.startTimeUnixNano, b.startTimeUnixNano) || compareText(a.spanId, b.spanId);
}

/** Decimal texts of natural numbers. */
export function compareNanos(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

const STATUS_ERROR = 2;

/** One summary a trace that has spans, in the order of `traceIds`. */
export function summarize(traceIds: readonly string[], spans: readonly SpanJson[]): TraceSummaryJson[] {
  const byTrace = new Map<string, SpanJson[]>(traceIds.map((traceId) => [traceId, []]));
  for (const span of spans) byTrace.get(span.traceId)?.push(span);
  return [...byTrace].flatMap(([traceId, ofTrace]) => summary(traceId, ofTrace.sort(byStart)));
}

function summary(traceId: string, spans: readonly SpanJson[]): TraceSummaryJson[] {
  const [first] = spans;
  if (!first) return [];
  const root = spans.find(({ parentSpanId }) => parentSpanId === '') ?? first;
  const end = spans.reduce((latest, { endTimeUnixNano }) => {
    return compareNanos(endTimeUnixNano, latest) > 0 ? endTimeUnixNano : latest;
  }, '0');
  const services = new Map<string, { service: SpanJson['service']; spanCount: number }>();
  for (const { service } of spans) {
    const entry = services.get(service.id) ?? { service, spanCount: 0 };
    entry.spanCount += 1;
    services.set(service.id, entry);
  }
  return [
    {
      traceId,
      rootName: root.name,
      rootService: root.service,
      startTimeUnixNano: first.startTimeUnixNano,
      durationNano: (BigInt(end) - BigInt(first.startTimeUnixNano)).toString(),
      spanCount: spans.length,
      errorCount: spans.filter(({ status }) => status.code === STATUS_ERROR).length,
      services: [...services.values()].sort((a, b) => b.spanCount - a.spanCount),
    },
  ];
}
