import {
  closeRow,
  countOf,
  dropRow,
  LOG_ATTRIBUTES,
  LOG_BODIES,
  LOGS,
  openRow,
  pushRows,
  set32,
  set64,
  set8,
} from './columns';
import { Cursor, readFixed32, skip } from './cursor';
import { readAttributes, readText } from './dictionary';
import { validateAnyValueField } from './entries';
import { Fault } from './faults';
import { ID_ABSENT, ID_MALFORMED, readSpanId, readTraceId } from './ids';
import { ACCEPTABLE, reject, Report, SPAN_ID_INVALID, TRACE_ID_INVALID, VALUE_OUT_OF_RANGE } from './report';

// Columns, in the order of LOG_LAYOUT.
const TIME: usize = 0;
const OBSERVED_TIME: usize = 1;
const SEVERITY_NUMBER: usize = 2;
const SEVERITY_TEXT: usize = 3;
const BODY_KIND: usize = 4;
const BODY: usize = 5;
const EVENT_NAME: usize = 6;
const TRACE_ID: usize = 7;
const SPAN_ID: usize = 8;
const FLAGS: usize = 9;
const RESOURCE: usize = 10;
const SCOPE: usize = 11;
const ATTRIBUTES: usize = 12;
const DROPPED_ATTRIBUTES: usize = 13;

const BODY_TEXT: u32 = 1;
const BODY_ANY_VALUE: u32 = 2;

/** The body of the record in work. Of a oneof the last member sent counts; `textStart` is 0 when that is no text. */
class Body {
  static pieces: u32 = 0;
  static start: usize = 0;
  static end: usize = 0;
  static textStart: usize = 0;
  static textEnd: usize = 0;
}

/** A `LogRecord` becomes the next row of `LOGS`, or is rejected. */
export function readLogRecord(resource: u32, scope: u32, end: usize): void {
  const row = openRow(LOGS);
  set32(LOGS, ATTRIBUTES, row, countOf(LOG_ATTRIBUTES));
  set32(LOGS, BODY, row, countOf(LOG_BODIES));
  const start = Cursor.pos;
  const reason = readFields(row, end);
  if (Fault.code != 0) return;
  if (reason != ACCEPTABLE) {
    dropRow(LOGS);
    reject(reason);
    return;
  }
  if (Body.pieces > 0) writeBody(row, start, end);
  set32(LOGS, RESOURCE, row, resource);
  set32(LOGS, SCOPE, row, scope);
  closeRow(LOGS);
  Report.accepted++;
}

function readFields(row: u32, end: usize): u32 {
  let traceId = ID_ABSENT;
  let spanId = ID_ABSENT;
  let isInRange = true;
  Body.pieces = 0;
  Body.textStart = 0;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 50:
        readAttributes(LOG_ATTRIBUTES, tag, end);
        break;
      case 9:
        set64(LOGS, TIME, row, Cursor.fixed64(end));
        break;
      case 16: {
        const severity = Cursor.varint32(end);
        isInRange = severity <= 0xff;
        set8(LOGS, SEVERITY_NUMBER, row, severity);
        break;
      }
      case 26:
        set32(LOGS, SEVERITY_TEXT, row, readText(end));
        break;
      case 42:
        readBodyPiece(Cursor.delimit(end));
        break;
      case 56:
        set32(LOGS, DROPPED_ATTRIBUTES, row, Cursor.varint32(end));
        break;
      case 69:
        set32(LOGS, FLAGS, row, readFixed32(end));
        break;
      case 74:
        traceId = readTraceId(LOGS, TRACE_ID, row, end);
        break;
      case 82:
        spanId = readSpanId(LOGS, SPAN_ID, row, end);
        break;
      case 89:
        set64(LOGS, OBSERVED_TIME, row, Cursor.fixed64(end));
        break;
      case 98:
        set32(LOGS, EVENT_NAME, row, readText(end));
        break;
      default:
        skip(tag, end);
    }
  }
  if (traceId == ID_MALFORMED) return TRACE_ID_INVALID;
  if (spanId == ID_MALFORMED) return SPAN_ID_INVALID;
  return isInRange ? ACCEPTABLE : VALUE_OUT_OF_RANGE;
}

/** A body sent in several pieces means what their bytes in a row mean. */
function readBodyPiece(end: usize): void {
  Body.pieces++;
  Body.start = Cursor.pos;
  Body.end = end;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) {
      Body.textEnd = Cursor.delimit(end);
      Body.textStart = Cursor.pos;
      Cursor.pos = Body.textEnd;
      continue;
    }
    if (tag == 16 || tag == 24 || tag == 33 || tag == 42 || tag == 50 || tag == 58) Body.textStart = 0;
    validateAnyValueField(tag, end, 1);
  }
}

/** Text is kept bare, anything else as it came. `start` and `end` are those of the record. */
function writeBody(row: u32, start: usize, end: usize): void {
  if (Body.textStart != 0) {
    set8(LOGS, BODY_KIND, row, BODY_TEXT);
    pushRows(LOG_BODIES, Body.textStart, u32(Body.textEnd - Body.textStart), 1);
    return;
  }
  set8(LOGS, BODY_KIND, row, BODY_ANY_VALUE);
  if (Body.pieces == 1) {
    pushRows(LOG_BODIES, Body.start, u32(Body.end - Body.start), 1);
    return;
  }
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag != 42) {
      skip(tag, end);
      continue;
    }
    const stop = Cursor.delimit(end);
    pushRows(LOG_BODIES, Cursor.pos, u32(stop - Cursor.pos), 1);
    Cursor.pos = stop;
  }
}
