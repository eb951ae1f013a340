// Hot: every request, without looking into items. Bench: bench/ingest.
import { MetricKind, type Signal } from '../../proto/columns/index.ts';
import { MalformedWire, WireReader } from '../wire/index.ts';

const DATA_TAGS: ReadonlySet<number> = new Set(Object.values(MetricKind).map((field) => (field << 3) | 2));

/**
 * How many spans, log records or data points a request holds, counted without decoding them: about 20 ns an item.
 * Undefined when its frame is malformed. An independent count, to hold the decoder's `accepted + rejected` against.
 */
export function countItems(signal: Signal, bytes: Uint8Array): number | undefined {
  const reader = new WireReader().reset(bytes);
  const countScope = signal === 'metrics' ? countPointsOfScope : countRepeated;
  try {
    return sumOf(reader, bytes.byteLength, 10, (resourceEnd) =>
      sumOf(reader, resourceEnd, 18, (end) => countScope(reader, end)),
    );
  } catch (error) {
    if (error instanceof MalformedWire) return undefined;
    throw error;
  }
}

/** Over the messages of a field, what `count` finds between the cursor and each one's end. */
function sumOf(reader: WireReader, end: number, field: number, count: (end: number) => number): number {
  let sum = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === field) sum += count(reader.delimit(end));
    else reader.skip(tag, end);
  }
  return sum;
}

/** Spans and log records are field 2 of their scope. */
function countRepeated(reader: WireReader, end: number): number {
  let count = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    reader.skip(tag, end);
    if (tag === 18) count += 1;
  }
  return count;
}

function countPointsOfScope(reader: WireReader, end: number): number {
  return sumOf(reader, end, 18, (metricEnd) => countPoints(reader, metricEnd));
}

/** Of the oneof `data` the member that was sent last counts. */
function countPoints(reader: WireReader, end: number): number {
  let data = 0;
  let points = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (!DATA_TAGS.has(tag)) {
      reader.skip(tag, end);
      continue;
    }
    if (tag !== data) points = 0;
    data = tag;
    points += countPointsOfData(reader, reader.delimit(end));
  }
  return points;
}

function countPointsOfData(reader: WireReader, end: number): number {
  let count = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    reader.skip(tag, end);
    if (tag === 10) count += 1;
  }
  return count;
}
