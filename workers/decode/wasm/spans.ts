import {
  closeRow,
  countOf,
  dropRow,
  EVENT_ATTRIBUTES,
  EVENTS,
  LINK_ATTRIBUTES,
  LINKS,
  openRow,
  set32,
  set64,
  set8,
  SPAN_ATTRIBUTES,
  SPANS,
} from './columns';
import { Cursor, readFixed32, skip } from './cursor';
import { readAttributes, readText } from './dictionary';
import { Fault } from './faults';
import { ID_ABSENT, ID_MALFORMED, ID_VALID, readSpanId, readTraceId } from './ids';
import {
  ACCEPTABLE,
  END_BEFORE_START,
  NAME_MISSING,
  PARENT_SPAN_ID_INVALID,
  reject,
  Report,
  SPAN_ID_INVALID,
  TRACE_ID_INVALID,
  VALUE_OUT_OF_RANGE,
} from './report';

// Columns, in the order of SPAN_LAYOUT.
const TRACE_ID: usize = 0;
const SPAN_ID: usize = 1;
const PARENT_SPAN_ID: usize = 2;
const START_TIME: usize = 3;
const DURATION: usize = 4;
const NAME: usize = 5;
const KIND: usize = 6;
const STATUS_CODE: usize = 7;
const STATUS_MESSAGE: usize = 8;
const TRACE_STATE: usize = 9;
const FLAGS: usize = 10;
const RESOURCE: usize = 11;
const SCOPE: usize = 12;
const ATTRIBUTES: usize = 13;
const DROPPED_ATTRIBUTES: usize = 14;
const EVENT_LIST: usize = 15;
const DROPPED_EVENTS: usize = 16;
const LINK_LIST: usize = 17;
const DROPPED_LINKS: usize = 18;

const EVENT_TIME: usize = 0;
const EVENT_NAME: usize = 1;
const EVENT_ATTRIBUTE_LIST: usize = 2;
const EVENT_DROPPED_ATTRIBUTES: usize = 3;

const LINK_TRACE_ID: usize = 0;
const LINK_SPAN_ID: usize = 1;
const LINK_TRACE_STATE: usize = 2;
const LINK_ATTRIBUTE_LIST: usize = 3;
const LINK_DROPPED_ATTRIBUTES: usize = 4;
const LINK_FLAGS: usize = 5;

/** As END_BEFORE_START_TOLERANCE_NS in workers/decode/read-spans.ts. */
const TOLERANCE_NS: u64 = 60_000_000_000;

/** Whether the status code of the span in work, of any piece of its status, fits its column. */
class Status {
  static isInRange: bool = true;
}

/** A `Span` becomes the next row of `SPANS`, or is rejected. */
export function readSpan(resource: u32, scope: u32, end: usize): void {
  const row = openRow(SPANS);
  set32(SPANS, ATTRIBUTES, row, countOf(SPAN_ATTRIBUTES));
  set32(SPANS, EVENT_LIST, row, countOf(EVENTS));
  set32(SPANS, LINK_LIST, row, countOf(LINKS));
  const reason = readFields(row, end);
  if (Fault.code != 0) return;
  if (reason != ACCEPTABLE) {
    dropRow(SPANS);
    reject(reason);
    return;
  }
  set32(SPANS, RESOURCE, row, resource);
  set32(SPANS, SCOPE, row, scope);
  closeRow(SPANS);
  Report.accepted++;
}

function readFields(row: u32, end: usize): u32 {
  let traceId = ID_ABSENT;
  let spanId = ID_ABSENT;
  let parentSpanId = ID_ABSENT;
  let nameCode: u32 = 0;
  let isKindInRange = true;
  let linkReason = ACCEPTABLE;
  let startTime: u64 = 0;
  let endTime: u64 = 0;
  Status.isInRange = true;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 74) {
      readAttributes(SPAN_ATTRIBUTES, tag, end);
      continue;
    }
    switch (tag) {
      case 10:
        traceId = readTraceId(SPANS, TRACE_ID, row, end);
        break;
      case 18:
        spanId = readSpanId(SPANS, SPAN_ID, row, end);
        break;
      case 26:
        set32(SPANS, TRACE_STATE, row, readText(end));
        break;
      case 34:
        parentSpanId = readSpanId(SPANS, PARENT_SPAN_ID, row, end);
        break;
      case 42:
        nameCode = readText(end);
        break;
      case 48: {
        const kind = Cursor.varint32(end);
        isKindInRange = kind <= 0xff;
        set8(SPANS, KIND, row, kind);
        break;
      }
      case 57:
        startTime = Cursor.fixed64(end);
        break;
      case 65:
        endTime = Cursor.fixed64(end);
        break;
      case 80:
        set32(SPANS, DROPPED_ATTRIBUTES, row, Cursor.varint32(end));
        break;
      case 90:
        readEvent(Cursor.delimit(end));
        break;
      case 96:
        set32(SPANS, DROPPED_EVENTS, row, Cursor.varint32(end));
        break;
      case 106: {
        const reason = readLink(Cursor.delimit(end));
        if (reason != ACCEPTABLE) linkReason = reason;
        break;
      }
      case 112:
        set32(SPANS, DROPPED_LINKS, row, Cursor.varint32(end));
        break;
      case 122:
        readStatus(row, Cursor.delimit(end));
        break;
      case 133:
        set32(SPANS, FLAGS, row, readFixed32(end));
        break;
      default:
        skip(tag, end);
    }
  }
  set32(SPANS, NAME, row, nameCode);
  set64(SPANS, START_TIME, row, startTime);
  set64(SPANS, DURATION, row, endTime - startTime);
  if (traceId != ID_VALID) return TRACE_ID_INVALID;
  if (spanId != ID_VALID) return SPAN_ID_INVALID;
  if (parentSpanId == ID_MALFORMED) return PARENT_SPAN_ID_INVALID;
  if (nameCode == 0) return NAME_MISSING;
  if (startTime > endTime && startTime - endTime > TOLERANCE_NS) return END_BEFORE_START;
  if (!isKindInRange || !Status.isInRange) return VALUE_OUT_OF_RANGE;
  return linkReason;
}

function readStatus(row: u32, end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 18) {
      set32(SPANS, STATUS_MESSAGE, row, readText(end));
    } else if (tag == 24) {
      const code = Cursor.varint32(end);
      Status.isInRange = code <= 0xff;
      set8(SPANS, STATUS_CODE, row, code);
    } else {
      skip(tag, end);
    }
  }
}

function readEvent(end: usize): void {
  const item = openRow(EVENTS);
  set32(EVENTS, EVENT_ATTRIBUTE_LIST, item, countOf(EVENT_ATTRIBUTES));
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 9:
        set64(EVENTS, EVENT_TIME, item, Cursor.fixed64(end));
        break;
      case 18:
        set32(EVENTS, EVENT_NAME, item, readText(end));
        break;
      case 26:
        readAttributes(EVENT_ATTRIBUTES, tag, end);
        break;
      case 32:
        set32(EVENTS, EVENT_DROPPED_ATTRIBUTES, item, Cursor.varint32(end));
        break;
      default:
        skip(tag, end);
    }
  }
  closeRow(EVENTS);
}

function readLink(end: usize): u32 {
  const item = openRow(LINKS);
  set32(LINKS, LINK_ATTRIBUTE_LIST, item, countOf(LINK_ATTRIBUTES));
  let traceId = ID_ABSENT;
  let spanId = ID_ABSENT;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 10:
        traceId = readTraceId(LINKS, LINK_TRACE_ID, item, end);
        break;
      case 18:
        spanId = readSpanId(LINKS, LINK_SPAN_ID, item, end);
        break;
      case 26:
        set32(LINKS, LINK_TRACE_STATE, item, readText(end));
        break;
      case 34:
        readAttributes(LINK_ATTRIBUTES, tag, end);
        break;
      case 40:
        set32(LINKS, LINK_DROPPED_ATTRIBUTES, item, Cursor.varint32(end));
        break;
      case 53:
        set32(LINKS, LINK_FLAGS, item, readFixed32(end));
        break;
      default:
        skip(tag, end);
    }
  }
  closeRow(LINKS);
  if (traceId == ID_MALFORMED) return TRACE_ID_INVALID;
  return spanId == ID_MALFORMED ? SPAN_ID_INVALID : ACCEPTABLE;
}
