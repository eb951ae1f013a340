// Hot: once a log record. Bench: bench/decode.
import { BodyKind, type RejectionReason } from '../../proto/columns/index.ts';
import type { BatchBuilder, BuildersOf } from '../columns/index.ts';
import { ByteBuffer, WireReader } from '../wire/index.ts';
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
  const reason = readLogFields(context, batch.columns, batch.rowCount, end);
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
  let bodyStart = -1;
  let bodyEnd = -1;
  let mergedBody: ByteBuffer | undefined;
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
      case 42: {
        const stop = reader.delimit(end);
        if (bodyStart < 0) {
          bodyStart = reader.pos;
        } else {
          mergedBody ??= copyOf(reader, bodyStart, bodyEnd);
          mergedBody.append(reader.bytes, reader.pos, stop);
        }
        bodyEnd = stop;
        reader.pos = stop;
        break;
      }
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
  if (mergedBody) {
    readBody(new WireReader().reset(mergedBody.written()), columns, row, mergedBody.length);
  } else if (bodyStart >= 0) {
    reader.pos = bodyStart;
    readBody(reader, columns, row, bodyEnd);
    reader.pos = end;
  }
  if (traceId === IdState.malformed) return 'trace-id-invalid';
  if (spanId === IdState.malformed) return 'span-id-invalid';
  return isInRange ? undefined : 'value-out-of-range';
}

/** An `AnyValue` from `reader.pos` to `end`: text is kept bare, anything else as it came. */
function readBody(reader: WireReader, columns: LogBuilders, row: number, end: number): void {
  const start = reader.pos;
  let textStart = -1;
  let textEnd = -1;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) {
      textEnd = reader.delimit(end);
      textStart = reader.pos;
      reader.pos = textEnd;
      continue;
    }
    // Of a oneof the last one sent counts.
    if (VALUE_TAGS.has(tag)) textStart = -1;
    validateAnyValueField(reader, tag, end, 1);
  }
  if (textStart >= 0) {
    columns.bodyKind.set(row, BodyKind.text);
    columns.body.set(row, reader.bytes, textStart, textEnd);
  } else {
    columns.bodyKind.set(row, BodyKind.anyValue);
    columns.body.set(row, reader.bytes, start, end);
  }
}

/** Tags of the values of an `AnyValue` other than text: bool, int, double, array, kvlist, bytes. */
const VALUE_TAGS: ReadonlySet<number> = new Set([16, 24, 33, 42, 50, 58]);

/** A body sent in several pieces means what their bytes in a row mean. */
function copyOf(reader: WireReader, start: number, end: number): ByteBuffer {
  const copy = new ByteBuffer();
  copy.append(reader.bytes, start, end);
  return copy;
}
