// Hot: once an exemplar. Bench: bench/decode.
import { ValueKind, type RejectionReason } from '../../proto/columns/index.ts';
import type { BuildersOf } from '../columns/index.ts';
import type { DecodeContext } from './decode-context.ts';
import { IdState, readSpanId, readTraceId } from './read-ids.ts';

/** Reads an `Exemplar` from the cursor to `end` as the next one of a row. Ids are optional, of the right length. */
export function readExemplar(
  context: DecodeContext,
  exemplars: BuildersOf<'metrics'>['exemplars'],
  row: number,
  end: number,
): RejectionReason | undefined {
  const reader = context.reader;
  const columns = exemplars.items.fields;
  const item = exemplars.push(row);
  let traceId: IdState = IdState.absent;
  let spanId: IdState = IdState.absent;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 17:
        reader.fixed64(end);
        columns.timeUnixNano.setLong(item, reader.lo, reader.hi);
        break;
      case 25:
        reader.fixed64(end);
        columns.doubleValue.setLong(item, reader.lo, reader.hi);
        columns.intValue.setLong(item, 0, 0);
        columns.valueKind.set(item, ValueKind.double);
        break;
      case 34:
        spanId = readSpanId(reader, columns.spanId, item, end);
        break;
      case 42:
        traceId = readTraceId(reader, columns.traceId, item, end);
        break;
      case 49:
        reader.fixed64(end);
        columns.intValue.setLong(item, reader.lo, reader.hi);
        columns.doubleValue.setLong(item, 0, 0);
        columns.valueKind.set(item, ValueKind.int);
        break;
      case 58:
        context.attribute(columns.filteredAttributes, item, end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  if (traceId === IdState.malformed) return 'trace-id-invalid';
  return spanId === IdState.malformed ? 'span-id-invalid' : undefined;
}
