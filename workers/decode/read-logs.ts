// Hot: once a log record. Bench: bench/decode.
import { BodyKind, type RejectionReason } from '../../proto/columns/index.ts';
import type { BatchBuilder, BuildersOf } from '../columns/index.ts';
import type { DecodeContext, RowOrigin } from './decode-context.ts';
import { IdState, readSpanId, readTraceId } from './read-ids.ts';
import { validateAnyValueField } from './validate-entries.ts';

type LogBuilders = BuildersOf<'logs'>;

/** A `LogRecord` becomes row `batch.rowCount`, or is rejected. */
export function readLogRecord(
  context: DecodeContext,
  batch: BatchBuilder<'logs'>,
  origin: RowOrigin,
  end: number,
): void {
  const start = context.reader.pos;
  const reason = readLogFields(context, batch.columns, batch.rowCount, end);
  if (reason !== undefined) {
    batch.discard();
    context.reject(reason);
    return;
  }
  if (body.pieces > 0) writeBody(context, batch.columns, batch.rowCount, start, end);
  batch.columns.resource.set(batch.rowCount, origin.resource);
  batch.columns.scope.set(batch.rowCount, origin.scope);
  batch.commit();
  context.accepted++;
}

function readLogFields(
  context: DecodeContext,
  columns: LogBuilders,
  row: number,
  end: number,
): RejectionReason | undefined {
  const reader = context.reader;
  let traceId: IdState = IdState.absent;
  let spanId: IdState = IdState.absent;
  let isInRange = true;
  body.pieces = 0;
  body.textStart = -1;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 9:
        reader.fixed64(end);
        columns.timeUnixNano.setLong(row, reader.lo, reader.hi);
        break;
      case 16: {
        const severity = reader.varint32(end);
        isInRange = severity <= 0xff;
        columns.severityNumber.set(row, severity);
        break;
      }
      case 26:
        columns.severityText.set(row, context.string(end));
        break;
      case 42:
        readBodyPiece(context, reader.delimit(end));
        break;
      case 50:
        context.attribute(columns.attributes, row, end);
        break;
      case 56:
        columns.droppedAttributesCount.set(row, reader.varint32(end));
        break;
      case 69:
        columns.flags.set(row, reader.fixed32(end));
        break;
      case 74:
        traceId = readTraceId(reader, columns.traceId, row, end);
        break;
      case 82:
        spanId = readSpanId(reader, columns.spanId, row, end);
        break;
      case 89:
        reader.fixed64(end);
        columns.observedTimeUnixNano.setLong(row, reader.lo, reader.hi);
        break;
      case 98:
        columns.eventName.set(row, context.string(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }
  if (traceId === IdState.malformed) return 'trace-id-invalid';
  if (spanId === IdState.malformed) return 'span-id-invalid';
  return isInRange ? undefined : 'value-out-of-range';
}

/** The body of the record in work. Of a oneof the last member sent counts; `textStart` is -1 when that is no text. */
const body = { pieces: 0, start: 0, end: 0, textStart: -1, textEnd: 0 };

/** Tags of the values of an `AnyValue` other than text: bool, int, double, array, kvlist, bytes. */
const VALUE_TAGS: ReadonlySet<number> = new Set([16, 24, 33, 42, 50, 58]);

/** A body sent in several pieces means what their bytes in a row mean. */
function readBodyPiece(context: DecodeContext, end: number): void {
  const reader = context.reader;
  body.pieces++;
  body.start = reader.pos;
  body.end = end;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) {
      body.textEnd = reader.delimit(end);
      body.textStart = reader.pos;
      reader.pos = body.textEnd;
      continue;
    }
    if (VALUE_TAGS.has(tag)) body.textStart = -1;
    validateAnyValueField(context, tag, end, 1);
  }
}

/** Text is kept bare, anything else as it came. `start` and `end` are those of the record. */
function writeBody(
  context: DecodeContext,
  columns: LogBuilders,
  row: number,
  start: number,
  end: number,
): void {
  const reader = context.reader;
  if (body.textStart >= 0) {
    columns.bodyKind.set(row, BodyKind.text);
    columns.body.add(row, reader.bytes, body.textStart, body.textEnd);
    return;
  }
  columns.bodyKind.set(row, BodyKind.anyValue);
  if (body.pieces === 1) {
    columns.body.add(row, reader.bytes, body.start, body.end);
    return;
  }
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag !== 42) {
      reader.skip(tag, end);
      continue;
    }
    const stop = reader.delimit(end);
    columns.body.add(row, reader.bytes, reader.pos, stop);
    reader.pos = stop;
  }
}
