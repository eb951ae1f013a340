// Hot: once a metric. Bench: bench/decode.
import { MetricKind } from '../../proto/columns/index.ts';
import type { BatchBuilder } from '../columns/index.ts';
import { ByteBuffer, WireReader } from '../wire/index.ts';
import type { DecodeContext, RowOrigin } from './decode-context.ts';
import {
  readExponentialPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
  type PointReader,
} from './read-points.ts';
import { validateKeyValue } from './validate-entries.ts';

const POINT_READERS: ReadonlyMap<number, PointReader> = new Map([
  [(MetricKind.gauge << 3) | 2, readNumberPoint],
  [(MetricKind.sum << 3) | 2, readNumberPoint],
  [(MetricKind.histogram << 3) | 2, readHistogramPoint],
  [(MetricKind.exponentialHistogram << 3) | 2, readExponentialPoint],
  [(MetricKind.summary << 3) | 2, readSummaryPoint],
]);

const entry = new ByteBuffer();
const entryReader = new WireReader();

/** Every point of a `Metric` becomes a row, or is rejected. A metric without points leaves no row. */
export function readMetric(
  context: DecodeContext,
  batch: BatchBuilder<'metrics'>,
  origin: RowOrigin,
  end: number,
): void {
  const reader = context.reader;
  const start = reader.pos;
  const data = findData(reader, end);
  reader.pos = start;
  const metric = internMetric(context, data, end);
  reader.pos = start;
  while (reader.pos < end) {
    const counts = reader.pos >= data.start;
    const tag = reader.tag(end);
    const readPoint = POINT_READERS.get(tag);
    if (!readPoint) reader.skip(tag, end);
    else if (counts) {
      readPoints(context, batch, origin, { metric, kind: tag >>> 3, readPoint }, reader.delimit(end));
    } else skipPoints(context, batch, readPoint, reader.delimit(end));
  }
}

interface MetricData {
  /** Tag of the member of the oneof `data` that counts; 0: none was sent. */
  readonly tag: number;
  /** Where its first piece begins. */
  readonly start: number;
}

/** Of a oneof the last member sent counts; pieces of it before another member was sent are forgotten. */
function findData(reader: WireReader, end: number): MetricData {
  let data: MetricData = { tag: 0, start: end };
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.tag(end);
    reader.skip(tag, end);
    if (tag !== data.tag && POINT_READERS.has(tag)) data = { tag, start };
  }
  return data;
}

/** The entry is the metric as it came, less its points, unknown fields and data that do not count. */
function internMetric(context: DecodeContext, data: MetricData, end: number): number {
  const reader = context.reader;
  const metricStart = reader.pos;
  entry.clear();
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.tag(end);
    if (tag === data.tag && start >= data.start) {
      entry.varint32(tag);
      const piece = entry.beginDelimited();
      copyAllButPoints(reader, reader.delimit(end));
      entry.endDelimited(piece);
      continue;
    }
    reader.skip(tag, end);
    if (tag === 10 || tag === 18 || tag === 26 || tag === 98) entry.append(reader.bytes, start, reader.pos);
  }
  const source = entryReader.reset(entry.bytes);
  const code = context.dictionary.metrics.find(source, 0, entry.length);
  if (code >= 0) return code;
  reader.pos = metricStart;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 98) validateKeyValue(context, reader.delimit(end), 2);
    else reader.skip(tag, end);
  }
  return context.append(context.dictionary.metrics, source, 0, entry.length);
}

function copyAllButPoints(reader: WireReader, end: number): void {
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.tag(end);
    reader.skip(tag, end);
    if (tag !== 10) entry.append(reader.bytes, start, reader.pos);
  }
}

interface PointOrigin {
  readonly metric: number;
  readonly kind: number;
  readonly readPoint: PointReader;
}

function readPoints(
  context: DecodeContext,
  batch: BatchBuilder<'metrics'>,
  origin: RowOrigin,
  { metric, kind, readPoint }: PointOrigin,
  end: number,
): void {
  const reader = context.reader;
  const columns = batch.columns;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag !== 10) {
      reader.skip(tag, end);
      continue;
    }
    const row = batch.rowCount;
    const reason = readPoint(context, columns, row, reader.delimit(end));
    if (reason !== undefined) {
      batch.discard();
      context.reject(reason);
      continue;
    }
    columns.metric.set(row, metric);
    columns.metricKind.set(row, kind);
    columns.resource.set(row, origin.resource);
    columns.scope.set(row, origin.scope);
    batch.commit();
    context.accepted++;
  }
}

/** Points that do not count still have to be well-formed. */
function skipPoints(
  context: DecodeContext,
  batch: BatchBuilder<'metrics'>,
  readPoint: PointReader,
  end: number,
): void {
  const reader = context.reader;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) readPoint(context, batch.columns, batch.rowCount, reader.delimit(end));
    else reader.skip(tag, end);
    batch.discard();
  }
}
