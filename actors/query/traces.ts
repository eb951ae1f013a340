import type { SpanJson, TraceSummaryJson } from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type { SummedSpan } from '../../workers/json/index.ts';
import type { SearchExpression, SpanHit, TimeRange } from '../../proto/query/index.ts';
import { compareSpans, type FindTracesInput, type FoundSpan } from '../../workers/search/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';
import { sortInTurns } from './sort-in-turns.ts';
import { compareHits, type TraceSource } from './trace-pages.ts';
import { Turns } from './turns.ts';

/** The hot tier's spans that are meant. */
export function hotTraces(
  threads: Threads,
  tier: HotTier<'traces'>,
  search: SearchExpression,
  range: TimeRange,
  run: QueryRun,
): TraceSource {
  const parts = partsWithin(tier, range, run);
  const find = async (limit: number, which: Pick<FindTracesInput, 'after' | 'among'>): Promise<SpanHit[]> => {
    const input = { search, range, limit, ...which };
    const answers = await run.timed('hot', () => threads.scan('find-traces', parts, input, runOptions(run)));
    // Spans of one trace may have been read by several threads.
    const newest = new Map<string, SpanHit>();
    for (const { traceIds, timesUnixNano } of answers) {
      for (const [index, traceId] of traceIds.entries()) {
        const startTimeUnixNano = timesUnixNano[index] ?? 0n;
        if (startTimeUnixNano >= (newest.get(traceId)?.startTimeUnixNano ?? 0n)) {
          newest.set(traceId, { traceId, startTimeUnixNano });
        }
      }
    }
    return [...newest.values()].sort(compareHits).slice(0, limit);
  };
  return {
    behind: (after, limit) => find(limit, after ? { after } : {}),
    newestOf: (among) => find(among.length, { among }),
  };
}

/**
 * Found on threads: the windows hold far more spans than a trace has. Of more than `limit` those that start first. `make` sees a
 * row at a time.
 */
export async function hotSpansOf<Made>(
  threads: Threads,
  tier: HotTier<'traces'>,
  traceIds: readonly string[],
  limit: number,
  run: QueryRun,
  make: (service: ServiceKey, batch: Batch<'traces'>, row: number) => Made,
): Promise<Made[]> {
  const parts = partsWithin(tier, undefined, run);
  const answers = await threads.scan('find-spans-of', parts, { traceIds, limit }, runOptions(run));
  const found: HotSpan[] = [];
  for (const { places, rows } of answers) {
    for (const [index, row] of rows.entries()) {
      const place = places[index] ?? 0;
      const part = parts[place];
      if (part) found.push({ service: part.service, batch: part.batch as Batch<'traces'>, place, row });
    }
  }
  const first = found.length > limit ? (await sortInTurns(found, compareSpans)).slice(0, limit) : found;
  const spans: Made[] = [];
  const turns = new Turns(run.signal);
  for (const { service, batch, row } of first) {
    spans.push(make(service, batch, row));
    if (turns.isOver()) await turns.next();
  }
  return spans;
}

interface HotSpan extends FoundSpan {
  readonly service: ServiceKey;
}

type Started = Pick<SpanJson, 'startTimeUnixNano' | 'spanId' | 'name' | 'service' | 'endTimeUnixNano'>;

/** Ids may come twice, with other names: what is read of them must not depend on where it came from. */
export function byStart(a: Started, b: Started): number {
  return (
    compareNanos(a.startTimeUnixNano, b.startTimeUnixNano) ||
    compareText(a.spanId, b.spanId) ||
    compareText(a.name, b.name) ||
    compareText(a.service.id, b.service.id) ||
    compareNanos(a.endTimeUnixNano, b.endTimeUnixNano)
  );
}

/** Decimal texts of natural numbers. */
export function compareNanos(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

const STATUS_ERROR = 2;

/**
 * Summaries of traces whose spans are fetched, `most` of them at a time: where that does not suffice for all of the traces, half of
 * them after the other. A trace of more spans is summed up of the first of them, and its summary says so.
 */
export async function summariesOf(
  traceIds: readonly string[],
  most: number,
  spansOf: (traceIds: readonly string[], limit: number) => Promise<SummedSpan[]>,
): Promise<TraceSummaryJson[]> {
  const spans = await spansOf(traceIds, most + 1);
  if (spans.length <= most) return summarize(traceIds, spans);
  if (traceIds.length < 2) {
    const first = (await sortInTurns(spans, byStart)).slice(0, most);
    return summarize(traceIds, first).map((summary) => ({ ...summary, more: true }));
  }
  const middle = Math.ceil(traceIds.length / 2);
  const first = await summariesOf(traceIds.slice(0, middle), most, spansOf);
  return [...first, ...(await summariesOf(traceIds.slice(middle), most, spansOf))];
}

/** One summary a trace that has spans, in the order of `traceIds`. */
function summarize(traceIds: readonly string[], spans: readonly SummedSpan[]): TraceSummaryJson[] {
  const byTrace = new Map<string, SummedSpan[]>(traceIds.map((traceId) => [traceId, []]));
  for (const span of spans) byTrace.get(span.traceId)?.push(span);
  return [...byTrace].flatMap(([traceId, ofTrace]) => summary(traceId, ofTrace.sort(byStart)));
}

function summary(traceId: string, spans: readonly SummedSpan[]): TraceSummaryJson[] {
  const [first] = spans;
  if (!first) return [];
  const root = spans.find(({ parentSpanId }) => parentSpanId === '') ?? first;
  const end = spans.reduce((latest, { endTimeUnixNano }) => {
    return compareNanos(endTimeUnixNano, latest) > 0 ? endTimeUnixNano : latest;
  }, '0');
  const services = new Map<string, { service: SummedSpan['service']; spanCount: number }>();
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
      services: [...services.values()].sort(
        (a, b) => b.spanCount - a.spanCount || compareText(a.service.id, b.service.id),
      ),
      more: false,
    },
  ];
}
