// Hot: once a span, event and link. Bench: bench/decode.
import type { RejectionReason } from '../../proto/columns/index.ts';
import type { BatchBuilder, BuildersOf } from '../columns/index.ts';
import type { DecodeContext, RowOrigin } from './decode-context.ts';
import { readSpanId, readTraceId, IdState } from './read-ids.ts';

type SpanBuilders = BuildersOf<'traces'>;

/**
 * How far a span may end before it starts: clocks are stepped while spans run. Such a span keeps its negative duration; one
 * beyond this, or one that was never given an end, is rejected. Also in workers/decode/wasm/spans.ts.
 */
const END_BEFORE_START_TOLERANCE_NS = 60_000_000_000;

/** A `Span` becomes row `batch.rowCount`, or is rejected. */
export function readSpan(
  context: DecodeContext,
  batch: BatchBuilder<'traces'>,
  origin: RowOrigin,
  end: number,
): void {
  const reason = readSpanFields(context, batch.columns, batch.rowCount, end);
  if (reason !== undefined) {
    batch.discard();
    context.reject(reason);
    return;
  }
  batch.columns.resource.set(batch.rowCount, origin.resource);
  batch.columns.scope.set(batch.rowCount, origin.scope);
  batch.commit();
  context.accepted++;
}

function readSpanFields(
  context: DecodeContext,
  columns: SpanBuilders,
  row: number,
  end: number,
): RejectionReason | undefined {
  const reader = context.reader;
  let traceId: IdState = IdState.absent;
  let spanId: IdState = IdState.absent;
  let parentSpanId: IdState = IdState.absent;
  let nameCode = 0;
  let isKindInRange = true;
  let isStatusInRange = true;
  let linkReason: RejectionReason | undefined;
  let startLo = 0;
  let startHi = 0;
  let endLo = 0;
  let endHi = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10:
        traceId = readTraceId(reader, columns.traceId, row, end);
        break;
      case 18:
        spanId = readSpanId(reader, columns.spanId, row, end);
        break;
      case 26:
        columns.traceState.set(row, context.string(end));
        break;
      case 34:
        parentSpanId = readSpanId(reader, columns.parentSpanId, row, end);
        break;
      case 42:
        nameCode = context.string(end);
        break;
      case 48: {
        const kind = reader.varint32(end);
        isKindInRange = kind <= 0xff;
        columns.kind.set(row, kind);
        break;
      }
      case 57:
        reader.fixed64(end);
        startLo = reader.lo;
        startHi = reader.hi;
        break;
      case 65:
        reader.fixed64(end);
        endLo = reader.lo;
        endHi = reader.hi;
        break;
      case 74:
        context.attribute(columns.attributes, row, end);
        break;
      case 80:
        columns.droppedAttributesCount.set(row, reader.varint32(end));
        break;
      case 90:
        readEvent(context, columns.events, row, reader.delimit(end));
        break;
      case 96:
        columns.droppedEventsCount.set(row, reader.varint32(end));
        break;
      case 106:
        linkReason = readLink(context, columns.links, row, reader.delimit(end)) ?? linkReason;
        break;
      case 112:
        columns.droppedLinksCount.set(row, reader.varint32(end));
        break;
      case 122:
        isStatusInRange = readStatus(context, columns, row, reader.delimit(end), isStatusInRange);
        break;
      case 133:
        columns.flags.set(row, reader.fixed32(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }
  columns.name.set(row, nameCode);
  columns.startTimeUnixNano.setLong(row, startLo, startHi);
  const durationLo = (endLo - startLo) | 0;
  const borrow = endLo >>> 0 < startLo >>> 0 ? 1 : 0;
  columns.durationNano.setLong(row, durationLo, (endHi - startHi - borrow) | 0);
  if (traceId !== IdState.valid) return 'trace-id-invalid';
  if (spanId !== IdState.valid) return 'span-id-invalid';
  if (parentSpanId === IdState.malformed) return 'parent-span-id-invalid';
  if (nameCode === 0) return 'name-missing';
  if (endsBeforeStart(endLo, endHi, startLo, startHi)) return 'end-before-start';
  if (!isKindInRange || !isStatusInRange) return 'value-out-of-range';
  return linkReason;
}

/** By more than the tolerance. Times are unsigned; what rounding there is does not matter to times so far apart. */
function endsBeforeStart(endLo: number, endHi: number, startLo: number, startHi: number): boolean {
  const laterNs = ((startHi >>> 0) - (endHi >>> 0)) * 2 ** 32 + (startLo >>> 0) - (endLo >>> 0);
  return laterNs > END_BEFORE_START_TOLERANCE_NS;
}

/** Answers whether the code, of this or an earlier piece of the status, fits its column. */
function readStatus(
  context: DecodeContext,
  columns: SpanBuilders,
  row: number,
  end: number,
  wasInRange: boolean,
): boolean {
  const reader = context.reader;
  let isInRange = wasInRange;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 18) {
      columns.statusMessage.set(row, context.string(end));
    } else if (tag === 24) {
      const code = reader.varint32(end);
      isInRange = code <= 0xff;
      columns.statusCode.set(row, code);
    } else {
      reader.skip(tag, end);
    }
  }
  return isInRange;
}

function readEvent(context: DecodeContext, events: SpanBuilders['events'], row: number, end: number): void {
  const reader = context.reader;
  const columns = events.items.fields;
  const item = events.push(row);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 9:
        reader.fixed64(end);
        columns.timeUnixNano.setLong(item, reader.lo, reader.hi);
        break;
      case 18:
        columns.name.set(item, context.string(end));
        break;
      case 26:
        context.attribute(columns.attributes, item, end);
        break;
      case 32:
        columns.droppedAttributesCount.set(item, reader.varint32(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }
}

function readLink(
  context: DecodeContext,
  links: SpanBuilders['links'],
  row: number,
  end: number,
): RejectionReason | undefined {
  const reader = context.reader;
  const columns = links.items.fields;
  const item = links.push(row);
  let traceId: IdState = IdState.absent;
  let spanId: IdState = IdState.absent;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10:
        traceId = readTraceId(reader, columns.traceId, item, end);
        break;
      case 18:
        spanId = readSpanId(reader, columns.spanId, item, end);
        break;
      case 26:
        columns.traceState.set(item, context.string(end));
        break;
      case 34:
        context.attribute(columns.attributes, item, end);
        break;
      case 40:
        columns.droppedAttributesCount.set(item, reader.varint32(end));
        break;
      case 53:
        columns.flags.set(item, reader.fixed32(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }
  if (traceId === IdState.malformed) return 'trace-id-invalid';
  return spanId === IdState.malformed ? 'span-id-invalid' : undefined;
}
