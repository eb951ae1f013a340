import { serviceIdOf, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { idHex } from '../json/index.ts';
import type { TipSpan, TipTrace } from '../kernels/tips/index.ts';
import { signedAt, unsignedAt, wordsOf } from '../red/index.ts';
import { isOfSample, traceWords } from '../scan/index.ts';
import { readCall } from './read-call.ts';

export interface CollectCallsInput {
  /** Of spans' starts, Unix ms; the end is not in it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Traces that are taken, one of so many: all their spans, whichever thread has them. */
  readonly oneIn: number;
  readonly mostSpans: number;
}

export interface CollectedSpan extends TipSpan {
  readonly traceId: string;
}

const CLIENT = 3;
const PRODUCER = 4;
const STATUS_ERROR = 2;
const LONGEST_NAME = 200;

/** Spans of a sample of whole traces, with what their calls say. A thread has some of a trace's spans: see `joinTraces`. */
export function collectCalls(
  { fromMs, toMs, oneIn, mostSpans }: CollectCallsInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): CollectedSpan[] {
  const found: CollectedSpan[] = [];
  for (const { service, batch } of batches) {
    if (batch.signal !== 'traces') continue;
    const spans = batch as Batch<'traces'>;
    const { columns, rowCount } = spans;
    const starts = wordsOf(columns.startTimeUnixNano);
    const traces = traceWords(spans);
    const id = serviceIdOf(service);
    for (let row = 0; row < rowCount && found.length < mostSpans; row += 1) {
      if (!isOfSample(traces, row, oneIn)) continue;
      const startMs = unsignedAt(starts, row) / 1e6;
      if (startMs >= fromMs && startMs < toMs) found.push(spanOf(spans, id, row, startMs));
    }
  }
  return found;
}

/** What threads have found, by trace, in the order of trace ids. */
export function joinTraces(shares: readonly (readonly CollectedSpan[])[]): TipTrace[] {
  const traces = new Map<string, CollectedSpan[]>();
  for (const span of shares.flat()) {
    const known = traces.get(span.traceId);
    if (known) known.push(span);
    else traces.set(span.traceId, [span]);
  }
  return [...traces]
    .map(([traceId, spans]) => ({ traceId, spans }))
    .sort((one, other) => (one.traceId < other.traceId ? -1 : 1));
}

function spanOf(batch: Batch<'traces'>, service: string, row: number, start: number): CollectedSpan {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const parent = idHex(columns.parentSpanId, 8, row);
  const kind = columns.kind[row];
  return {
    traceId: idHex(columns.traceId, 16, row),
    id: idHex(columns.spanId, 8, row),
    parent: /^0*$/.test(parent) ? '' : parent,
    service,
    operation: dictionary.string(columns.name[row] ?? 0).slice(0, LONGEST_NAME),
    start,
    duration: Math.max(0, signedAt(wordsOf(columns.durationNano), row)) / 1e6,
    isError: columns.statusCode[row] === STATUS_ERROR,
    call: kind === CLIENT || kind === PRODUCER ? readCall(dictionary, columns.attributes, row) : undefined,
  };
}
