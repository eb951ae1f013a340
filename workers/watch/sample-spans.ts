// Hot: once a span of the stretches. Bench: bench/demo-faults.
import { serviceIdOf, type Batch, type ServiceBatch, type ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { idHex } from '../json/index.ts';
import type { SpanEvidence } from '../kernels/root-cause/index.ts';
import { signedAt, unsignedAt, wordsOf } from '../red/index.ts';
import { isOfSample, traceWords } from '../scan/index.ts';
import { peerReader } from '../topology/index.ts';

export interface SampleSpansInput {
  /** Where the healthy stretch begins, the abnormal one, and where that ends; Unix ms of spans' starts. */
  readonly fromMs: number;
  readonly onsetMs: number;
  readonly untilMs: number;
  /** Traces that are taken, one of so many: all their spans, whichever thread has them. */
  readonly oneIn: number;
  /** Of each stretch, on each thread. */
  readonly mostSpans: number;
  /** Ids of what is called and sends no spans of its own. */
  readonly silent: ReadonlySet<string>;
}

export interface SampledSpan extends SpanEvidence {
  readonly traceId: string;
}

/** Times in ms. */
export interface SampledSpans {
  readonly normal: readonly SampledSpan[];
  readonly abnormal: readonly SampledSpan[];
}

const CLIENT = 3;
const PRODUCER = 4;
const STATUS_ERROR = 2;
/** What began just before the onset may belong to either stretch. */
const BETWEEN_MS = 5_000;
const LONGEST_NAME = 200;

/**
 * Spans of a sample of whole traces before and after an onset, as evidence. A call to something that sends no spans of its own gets a
 * span of that below it, as long as the call: so that it can be told from its caller.
 */
export function sampleSpans(
  input: SampleSpansInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): SampledSpans {
  const normal: SampledSpan[] = [];
  const abnormal: SampledSpan[] = [];
  for (const { service, batch } of batches) {
    if (batch.signal === 'traces') sampleBatch(input, service, batch as Batch<'traces'>, normal, abnormal);
  }
  return { normal, abnormal };
}

function sampleBatch(
  { fromMs, onsetMs, untilMs, oneIn, mostSpans, silent }: SampleSpansInput,
  service: ServiceKey,
  batch: Batch<'traces'>,
  normal: SampledSpan[],
  abnormal: SampledSpan[],
): void {
  const { columns, rowCount } = batch;
  const starts = wordsOf(columns.startTimeUnixNano);
  const traces = traceWords(batch);
  const id = serviceIdOf(service);
  for (let row = 0; row < rowCount; row += 1) {
    if (!isOfSample(traces, row, oneIn)) continue;
    const startMs = unsignedAt(starts, row) / 1e6;
    if (startMs < fromMs || startMs > untilMs) continue;
    const isAbnormal = startMs >= onsetMs;
    if (!isAbnormal && startMs > onsetMs - BETWEEN_MS) continue;
    const list = isAbnormal ? abnormal : normal;
    if (list.length < mostSpans) addSpan(list, id, batch, row, startMs, silent);
  }
}

function addSpan(
  list: SampledSpan[],
  service: string,
  batch: Batch<'traces'>,
  row: number,
  start: number,
  silent: ReadonlySet<string>,
): void {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const parent = idHex(columns.parentSpanId, 8, row);
  const span = {
    traceId: idHex(columns.traceId, 16, row),
    id: idHex(columns.spanId, 8, row),
    parent: /^0*$/.test(parent) ? '' : parent,
    service,
    operation: dictionary.string(columns.name[row] ?? 0).slice(0, LONGEST_NAME),
    start,
    duration: Math.max(0, signedAt(wordsOf(columns.durationNano), row)) / 1e6,
    isError: columns.statusCode[row] === STATUS_ERROR,
  };
  list.push(span);
  const kind = columns.kind[row];
  if (kind !== CLIENT && kind !== PRODUCER) return;
  const peer = peerReader(dictionary).peerOf(columns.attributes, row);
  if (peer === undefined || !silent.has(peer.id)) return;
  list.push({ ...span, id: `${span.id} peer`, parent: span.id, service: peer.id });
}
