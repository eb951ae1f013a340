import { closeRow, countOf, EXEMPLAR_ATTRIBUTES, EXEMPLARS, openRow, set32, set64, set8 } from './columns';
import { Cursor, skip } from './cursor';
import { readAttributes } from './dictionary';
import { ID_ABSENT, ID_MALFORMED, readSpanId, readTraceId } from './ids';
import { VALUE_DOUBLE, VALUE_INT } from './point-columns';
import { ACCEPTABLE, SPAN_ID_INVALID, TRACE_ID_INVALID } from './report';

// Columns, in the order of the exemplars of METRIC_LAYOUT.
const TIME: usize = 0;
const VALUE_KIND: usize = 1;
const DOUBLE_VALUE: usize = 2;
const INT_VALUE: usize = 3;
const TRACE_ID: usize = 4;
const SPAN_ID: usize = 5;
const FILTERED_ATTRIBUTES: usize = 6;

/** Reads an `Exemplar` as the next row of `EXEMPLARS`. Ids are optional, of the right length. */
export function readExemplar(end: usize): u32 {
  const item = openRow(EXEMPLARS);
  set32(EXEMPLARS, FILTERED_ATTRIBUTES, item, countOf(EXEMPLAR_ATTRIBUTES));
  let traceId = ID_ABSENT;
  let spanId = ID_ABSENT;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 17:
        set64(EXEMPLARS, TIME, item, Cursor.fixed64(end));
        break;
      case 25:
        set64(EXEMPLARS, DOUBLE_VALUE, item, Cursor.fixed64(end));
        set64(EXEMPLARS, INT_VALUE, item, 0);
        set8(EXEMPLARS, VALUE_KIND, item, VALUE_DOUBLE);
        break;
      case 34:
        spanId = readSpanId(EXEMPLARS, SPAN_ID, item, end);
        break;
      case 42:
        traceId = readTraceId(EXEMPLARS, TRACE_ID, item, end);
        break;
      case 49:
        set64(EXEMPLARS, INT_VALUE, item, Cursor.fixed64(end));
        set64(EXEMPLARS, DOUBLE_VALUE, item, 0);
        set8(EXEMPLARS, VALUE_KIND, item, VALUE_INT);
        break;
      case 58:
        readAttributes(EXEMPLAR_ATTRIBUTES, tag, end);
        break;
      default:
        skip(tag, end);
    }
  }
  closeRow(EXEMPLARS);
  if (traceId == ID_MALFORMED) return TRACE_ID_INVALID;
  return spanId == ID_MALFORMED ? SPAN_ID_INVALID : ACCEPTABLE;
}
