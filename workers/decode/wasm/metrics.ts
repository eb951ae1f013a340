import { closeRow, dropRow, POINTS, set32, set8 } from './columns';
import { Cursor, skip } from './cursor';
import { metrics } from './dictionary';
import { validateKeyValue } from './entries';
import { Fault } from './faults';
import { KIND, METRIC, openPoint, RESOURCE, SCOPE } from './point-columns';
import { readExponentialPoint, readHistogramPoint, readNumberPoint, readSummaryPoint } from './points';
import { ACCEPTABLE, reject, Report } from './report';
import { addBytes, addVarint32, beginScratch, Scratch } from './scratch';
import { append, find } from './table';

// Tags of the members of the oneof `Metric.data`.
const GAUGE: u32 = 42;
const SUM: u32 = 58;
const HISTOGRAM: u32 = 74;
const EXPONENTIAL_HISTOGRAM: u32 = 82;
const SUMMARY: u32 = 90;

/** The member of `data` that counts, and where its first piece begins. */
class Data {
  static tag: u32 = 0;
  static start: usize = 0;
}

/** Every point of a `Metric` becomes a row of `POINTS`, or is rejected. A metric without points leaves no row. */
export function readMetric(resource: u32, scope: u32, end: usize): void {
  const start = Cursor.pos;
  findData(end);
  if (Fault.code != 0) return;
  const metric = internMetric(start, end);
  if (Fault.code != 0) return;
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const counts = Cursor.pos >= Data.start;
    const tag = Cursor.tag(end);
    if (!isData(tag)) skip(tag, end);
    else if (counts) readPoints(tag, metric, resource, scope, Cursor.delimit(end));
    else skipPoints(tag, Cursor.delimit(end));
    if (Fault.code != 0) return;
  }
}

function isData(tag: u32): bool {
  return tag == GAUGE || tag == SUM || tag == HISTOGRAM || tag == EXPONENTIAL_HISTOGRAM || tag == SUMMARY;
}

/** Of a oneof the last member sent counts; pieces of it before another member was sent are forgotten. */
function findData(end: usize): void {
  Data.tag = 0;
  Data.start = end;
  while (Cursor.pos < end) {
    const start = Cursor.pos;
    const tag = Cursor.tag(end);
    skip(tag, end);
    if (tag != Data.tag && isData(tag)) {
      Data.tag = tag;
      Data.start = start;
    }
  }
}

/** The entry is the metric as it came, less its points, unknown fields and data that do not count. */
function internMetric(start: usize, end: usize): u32 {
  beginScratch();
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const fieldStart = Cursor.pos;
    const tag = Cursor.tag(end);
    if (tag == Data.tag && fieldStart >= Data.start) {
      const stop = Cursor.delimit(end);
      const from = Cursor.pos;
      addVarint32(tag);
      addVarint32(sizeWithoutPoints(stop));
      Cursor.pos = from;
      addAllButPoints(stop);
    } else {
      skip(tag, end);
      if (tag == 10 || tag == 18 || tag == 26 || tag == 98) addBytes(fieldStart, Cursor.pos - fieldStart);
    }
    if (Fault.code != 0) return 0;
  }
  const code = find(metrics(), Scratch.start, u32(Scratch.size));
  if (code >= 0) return code;
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 98) validateKeyValue(Cursor.delimit(end), 2);
    else skip(tag, end);
  }
  return append(metrics(), Scratch.start, u32(Scratch.size));
}

function sizeWithoutPoints(end: usize): u32 {
  let size: usize = 0;
  while (Cursor.pos < end) {
    const start = Cursor.pos;
    const tag = Cursor.tag(end);
    skip(tag, end);
    if (tag != 10) size += Cursor.pos - start;
  }
  return u32(size);
}

function addAllButPoints(end: usize): void {
  while (Cursor.pos < end && Fault.code == 0) {
    const start = Cursor.pos;
    const tag = Cursor.tag(end);
    skip(tag, end);
    if (tag != 10) addBytes(start, Cursor.pos - start);
  }
}

function readPoints(data: u32, metric: u32, resource: u32, scope: u32, end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag != 10) {
      skip(tag, end);
      continue;
    }
    const row = openPoint();
    const reason = readPoint(data, row, Cursor.delimit(end));
    if (Fault.code != 0) return;
    if (reason != ACCEPTABLE) {
      dropRow(POINTS);
      reject(reason);
      continue;
    }
    set32(POINTS, METRIC, row, metric);
    set8(POINTS, KIND, row, data >>> 3);
    set32(POINTS, RESOURCE, row, resource);
    set32(POINTS, SCOPE, row, scope);
    closeRow(POINTS);
    Report.accepted++;
  }
}

/** Points that do not count still have to be well-formed. */
function skipPoints(data: u32, end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag != 10) {
      skip(tag, end);
      continue;
    }
    readPoint(data, openPoint(), Cursor.delimit(end));
    if (Fault.code != 0) return;
    dropRow(POINTS);
  }
}

function readPoint(data: u32, row: u32, end: usize): u32 {
  if (data == HISTOGRAM) return readHistogramPoint(row, end);
  if (data == EXPONENTIAL_HISTOGRAM) return readExponentialPoint(row, end);
  if (data == SUMMARY) return readSummaryPoint(row, end);
  return readNumberPoint(row, end);
}
