// Hot: once a data point and exemplar. Bench: bench/decode.
import { Presence, ValueKind, type RejectionReason } from '../../proto/columns/index.ts';
import type { BuildersOf, ListBuilder, WordBuilder } from '../columns/index.ts';
import { ByteBuffer, WireReader } from '../wire/index.ts';
import type { DecodeContext } from './decode-context.ts';
import { readExemplar } from './read-exemplars.ts';

type MetricBuilders = BuildersOf<'metrics'>;

/** Reads a point of one kind from the cursor to `end` into a row. */
export type PointReader = (
  context: DecodeContext,
  columns: MetricBuilders,
  row: number,
  end: number,
) => RejectionReason | undefined;

/** `NumberDataPoint`. */
export const readNumberPoint: PointReader = (context, columns, row, end) => {
  const reader = context.reader;
  let reason: RejectionReason | undefined;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 33:
        reader.fixed64(end);
        columns.doubleValue.setLong(row, reader.lo, reader.hi);
        columns.intValue.setLong(row, 0, 0);
        columns.valueKind.set(row, ValueKind.double);
        break;
      case 42:
        reason = readExemplar(context, columns.exemplars, row, reader.delimit(end)) ?? reason;
        break;
      case 49:
        reader.fixed64(end);
        columns.intValue.setLong(row, reader.lo, reader.hi);
        columns.doubleValue.setLong(row, 0, 0);
        columns.valueKind.set(row, ValueKind.int);
        break;
      case 58:
        context.attribute(columns.attributes, row, end);
        break;
      case 64:
        columns.flags.set(row, reader.varint32(end));
        break;
      default:
        readTimes(context, columns, row, tag, end);
    }
  }
  return reason;
};

/** `SummaryDataPoint`. */
export const readSummaryPoint: PointReader = (context, columns, row, end) => {
  const reader = context.reader;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 33:
        reader.fixed64(end);
        columns.count.setLong(row, reader.lo, reader.hi);
        break;
      case 41:
        reader.fixed64(end);
        columns.sum.setLong(row, reader.lo, reader.hi);
        break;
      case 50:
        readQuantile(context, columns.quantiles, row, reader.delimit(end));
        break;
      case 58:
        context.attribute(columns.attributes, row, end);
        break;
      case 64:
        columns.flags.set(row, reader.varint32(end));
        break;
      default:
        readTimes(context, columns, row, tag, end);
    }
  }
  return undefined;
};

/** `HistogramDataPoint`. */
export const readHistogramPoint: PointReader = (context, columns, row, end) => {
  const reader = context.reader;
  let reason: RejectionReason | undefined;
  boundsOfPoint.clear();
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 33:
        reader.fixed64(end);
        columns.count.setLong(row, reader.lo, reader.hi);
        break;
      case 41:
        readOptional(context, columns, columns.sum, Presence.sum, row, end);
        break;
      case 49:
        pushFixed64(context, columns.bucketCounts, row, end);
        break;
      case 50: {
        const stop = reader.delimit(end);
        while (reader.pos < stop) pushFixed64(context, columns.bucketCounts, row, stop);
        break;
      }
      case 57:
        reader.fixed64(end);
        boundsOfPoint.append(reader.bytes, reader.pos - 8, reader.pos);
        break;
      case 58: {
        const stop = reader.delimit(end);
        const start = reader.pos;
        while (reader.pos < stop) reader.fixed64(stop);
        boundsOfPoint.append(reader.bytes, start, stop);
        break;
      }
      case 66:
        reason = readExemplar(context, columns.exemplars, row, reader.delimit(end)) ?? reason;
        break;
      case 74:
        context.attribute(columns.attributes, row, end);
        break;
      case 80:
        columns.flags.set(row, reader.varint32(end));
        break;
      case 89:
        readOptional(context, columns, columns.min, Presence.min, row, end);
        break;
      case 97:
        readOptional(context, columns, columns.max, Presence.max, row, end);
        break;
      default:
        readTimes(context, columns, row, tag, end);
    }
  }
  const bounds = boundsOfPoint.length / 8;
  const counts = columns.bucketCounts.lengthOf(row);
  if (counts !== bounds + 1 && (counts !== 0 || bounds !== 0)) return 'bucket-counts-mismatch';
  if (bounds > 0) {
    const source = boundsReader.reset(boundsOfPoint.bytes);
    const code = context.intern(context.dictionary.bounds, source, 0, boundsOfPoint.length);
    columns.explicitBounds.set(row, code);
  }
  return reason;
};

const boundsOfPoint = new ByteBuffer();
const boundsReader = new WireReader();

/** `ExponentialHistogramDataPoint`. */
export const readExponentialPoint: PointReader = (context, columns, row, end) => {
  const reader = context.reader;
  let reason: RejectionReason | undefined;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10:
        context.attribute(columns.attributes, row, end);
        break;
      case 33:
        reader.fixed64(end);
        columns.count.setLong(row, reader.lo, reader.hi);
        break;
      case 41:
        readOptional(context, columns, columns.sum, Presence.sum, row, end);
        break;
      case 48:
        columns.scale.set(row, reader.zigzag32(end));
        break;
      case 57:
        reader.fixed64(end);
        columns.zeroCount.setLong(row, reader.lo, reader.hi);
        break;
      case 66:
        readBuckets(context, columns.positiveOffset, columns.positiveCounts, row, reader.delimit(end));
        break;
      case 74:
        readBuckets(context, columns.negativeOffset, columns.negativeCounts, row, reader.delimit(end));
        break;
      case 80:
        columns.flags.set(row, reader.varint32(end));
        break;
      case 90:
        reason = readExemplar(context, columns.exemplars, row, reader.delimit(end)) ?? reason;
        break;
      case 97:
        readOptional(context, columns, columns.min, Presence.min, row, end);
        break;
      case 105:
        readOptional(context, columns, columns.max, Presence.max, row, end);
        break;
      case 113:
        reader.fixed64(end);
        columns.zeroThreshold.setLong(row, reader.lo, reader.hi);
        break;
      default:
        readTimes(context, columns, row, tag, end);
    }
  }
  return reason;
};

/** The two fields that all kinds of points number alike; any other tag is unknown. */
function readTimes(
  context: DecodeContext,
  columns: MetricBuilders,
  row: number,
  tag: number,
  end: number,
): void {
  const reader = context.reader;
  reader.skip(tag, end);
  if (tag === 17) columns.startTimeUnixNano.setLong(row, reader.lo, reader.hi);
  else if (tag === 25) columns.timeUnixNano.setLong(row, reader.lo, reader.hi);
}

function readOptional(
  context: DecodeContext,
  columns: MetricBuilders,
  column: WordBuilder,
  bit: number,
  row: number,
  end: number,
): void {
  context.reader.fixed64(end);
  column.setLong(row, context.reader.lo, context.reader.hi);
  columns.presence.set(row, columns.presence.get(row) | bit);
}

function pushFixed64(
  context: DecodeContext,
  lists: ListBuilder<WordBuilder>,
  row: number,
  end: number,
): void {
  context.reader.fixed64(end);
  lists.items.setLong(lists.push(row), context.reader.lo, context.reader.hi);
}

function pushVarint64(
  context: DecodeContext,
  lists: ListBuilder<WordBuilder>,
  row: number,
  end: number,
): void {
  context.reader.varint64(end);
  lists.items.setLong(lists.push(row), context.reader.lo, context.reader.hi);
}

/** `ExponentialHistogramDataPoint.Buckets`. */
function readBuckets(
  context: DecodeContext,
  offset: WordBuilder,
  counts: ListBuilder<WordBuilder>,
  row: number,
  end: number,
): void {
  const reader = context.reader;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 18) {
      const stop = reader.delimit(end);
      while (reader.pos < stop) pushVarint64(context, counts, row, stop);
    } else if (tag === 16) {
      pushVarint64(context, counts, row, end);
    } else if (tag === 8) {
      offset.set(row, reader.zigzag32(end));
    } else {
      reader.skip(tag, end);
    }
  }
}

function readQuantile(
  context: DecodeContext,
  quantiles: MetricBuilders['quantiles'],
  row: number,
  end: number,
): void {
  const reader = context.reader;
  const item = quantiles.push(row);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    reader.skip(tag, end);
    if (tag === 9) quantiles.items.fields.quantile.setLong(item, reader.lo, reader.hi);
    else if (tag === 17) quantiles.items.fields.value.setLong(item, reader.lo, reader.hi);
  }
}
