// Hot: once a span. Bench: bench/advice.
import { serviceIdOf, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { idHex } from '../json/index.ts';
import type { ShapeSpan } from '../kernels/trace-shapes/index.ts';
import { signedAt, unsignedAt, wordsOf } from '../red/index.ts';
import { traceHash, traceWords } from '../scan/index.ts';

export interface CollectShapeSpansInput {
  /** Of traces: see `sampleTraces`. */
  readonly hashes: Uint32Array;
  readonly mostSpans: number;
}

export interface CollectedShapeSpans {
  readonly spans: readonly (ShapeSpan & { readonly traceId: string })[];
  /** There were more: traces may lack spans. */
  readonly isCut: boolean;
}

const STATUS_ERROR = 2;
const LONGEST_NAME = 200;

/** All spans of some traces, whenever they began. A thread has some of a trace's spans: see `findTraceShapes`. */
export function collectShapeSpans(
  { hashes, mostSpans }: CollectShapeSpansInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): CollectedShapeSpans {
  const wanted = new Set(hashes);
  const greatest = hashes.at(-1) ?? -1;
  const spans: CollectedShapeSpans['spans'][number][] = [];
  for (const { service, batch } of batches) {
    if (batch.signal !== 'traces') continue;
    const { columns, rowCount, dictionary } = batch as Batch<'traces'>;
    const reader = dictionaryReader(dictionary);
    const ids = traceWords(batch as Batch<'traces'>);
    const starts = wordsOf(columns.startTimeUnixNano);
    const durations = wordsOf(columns.durationNano);
    const id = serviceIdOf(service);
    for (let row = 0; row < rowCount; row += 1) {
      const hash = traceHash(ids, row);
      if (hash > greatest || !wanted.has(hash)) continue;
      if (spans.length >= mostSpans) return { spans, isCut: true };
      const parent = idHex(columns.parentSpanId, 8, row);
      spans.push({
        traceId: idHex(columns.traceId, 16, row),
        id: idHex(columns.spanId, 8, row),
        parent: /^0*$/.test(parent) ? '' : parent,
        service: id,
        operation: reader.string(columns.name[row] ?? 0).slice(0, LONGEST_NAME),
        start: unsignedAt(starts, row) / 1e6,
        duration: Math.max(0, signedAt(durations, row)) / 1e6,
        isError: columns.statusCode[row] === STATUS_ERROR,
      });
    }
  }
  return { spans, isCut: false };
}
