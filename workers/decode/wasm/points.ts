import {
  BUCKET_COUNTS,
  closeRow,
  countOf,
  get32,
  get8,
  NEGATIVE_COUNTS,
  openRow,
  POINT_ATTRIBUTES,
  POINTS,
  POSITIVE_COUNTS,
  push64,
  pushRows,
  QUANTILES,
  set32,
  set64,
  set8,
} from './columns';
import { Cursor, readVarint64, readZigzag32, skip } from './cursor';
import { bounds, readAttributes } from './dictionary';
import { readExemplar } from './exemplars';
import { Fault } from './faults';
import * as Column from './point-columns';
import { ACCEPTABLE, BUCKET_COUNTS_MISMATCH } from './report';
import { addBytes, beginScratch, Scratch } from './scratch';
import { intern } from './table';

const QUANTILE: usize = 0;
const VALUE: usize = 1;

/** `NumberDataPoint`. Each reader fills a row of `POINTS` and answers why it must be rejected, if it must. */
export function readNumberPoint(row: u32, end: usize): u32 {
  let reason = ACCEPTABLE;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 58:
        readAttributes(POINT_ATTRIBUTES, tag, end);
        break;
      case 33:
        set64(POINTS, Column.DOUBLE_VALUE, row, Cursor.fixed64(end));
        set64(POINTS, Column.INT_VALUE, row, 0);
        set8(POINTS, Column.VALUE_KIND, row, Column.VALUE_DOUBLE);
        break;
      case 42: {
        const exemplarReason = readExemplar(Cursor.delimit(end));
        if (exemplarReason != ACCEPTABLE) reason = exemplarReason;
        break;
      }
      case 49:
        set64(POINTS, Column.INT_VALUE, row, Cursor.fixed64(end));
        set64(POINTS, Column.DOUBLE_VALUE, row, 0);
        set8(POINTS, Column.VALUE_KIND, row, Column.VALUE_INT);
        break;
      case 64:
        set32(POINTS, Column.FLAGS, row, Cursor.varint32(end));
        break;
      default:
        readTimes(row, tag, end);
    }
  }
  return reason;
}

/** `SummaryDataPoint`. */
export function readSummaryPoint(row: u32, end: usize): u32 {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 33:
        set64(POINTS, Column.COUNT, row, Cursor.fixed64(end));
        break;
      case 41:
        set64(POINTS, Column.SUM, row, Cursor.fixed64(end));
        break;
      case 50:
        readQuantile(Cursor.delimit(end));
        break;
      case 58:
        readAttributes(POINT_ATTRIBUTES, tag, end);
        break;
      case 64:
        set32(POINTS, Column.FLAGS, row, Cursor.varint32(end));
        break;
      default:
        readTimes(row, tag, end);
    }
  }
  return ACCEPTABLE;
}

/** `HistogramDataPoint`. */
export function readHistogramPoint(row: u32, end: usize): u32 {
  let reason = ACCEPTABLE;
  beginScratch();
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 33:
        set64(POINTS, Column.COUNT, row, Cursor.fixed64(end));
        break;
      case 41:
        readOptional(Column.SUM, Column.HAS_SUM, row, end);
        break;
      case 49:
        push64(BUCKET_COUNTS, Cursor.fixed64(end));
        break;
      case 50: {
        const start = readPacked64(Cursor.delimit(end));
        pushRows(BUCKET_COUNTS, start, u32(Cursor.pos - start) >>> 3, 8);
        break;
      }
      case 57:
        Cursor.fixed64(end);
        if (Fault.code == 0) addBytes(Cursor.pos - 8, 8);
        break;
      case 58: {
        const start = readPacked64(Cursor.delimit(end));
        addBytes(start, Cursor.pos - start);
        break;
      }
      case 66: {
        const exemplarReason = readExemplar(Cursor.delimit(end));
        if (exemplarReason != ACCEPTABLE) reason = exemplarReason;
        break;
      }
      case 74:
        readAttributes(POINT_ATTRIBUTES, tag, end);
        break;
      case 80:
        set32(POINTS, Column.FLAGS, row, Cursor.varint32(end));
        break;
      case 89:
        readOptional(Column.MIN, Column.HAS_MIN, row, end);
        break;
      case 97:
        readOptional(Column.MAX, Column.HAS_MAX, row, end);
        break;
      default:
        readTimes(row, tag, end);
    }
  }
  if (Fault.code != 0) return reason;
  const boundCount = u32(Scratch.size) >>> 3;
  const bucketCount = countOf(BUCKET_COUNTS) - get32(POINTS, Column.BUCKET_COUNT_LIST, row);
  if (bucketCount != boundCount + 1 && bucketCount + boundCount != 0) return BUCKET_COUNTS_MISMATCH;
  if (boundCount > 0) {
    set32(POINTS, Column.EXPLICIT_BOUNDS, row, intern(bounds(), Scratch.start, u32(Scratch.size)));
  }
  return reason;
}

/** `ExponentialHistogramDataPoint`. */
export function readExponentialPoint(row: u32, end: usize): u32 {
  let reason = ACCEPTABLE;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    switch (tag) {
      case 10:
        readAttributes(POINT_ATTRIBUTES, tag, end);
        break;
      case 33:
        set64(POINTS, Column.COUNT, row, Cursor.fixed64(end));
        break;
      case 41:
        readOptional(Column.SUM, Column.HAS_SUM, row, end);
        break;
      case 48:
        set32(POINTS, Column.SCALE, row, readZigzag32(end));
        break;
      case 57:
        set64(POINTS, Column.ZERO_COUNT, row, Cursor.fixed64(end));
        break;
      case 66:
        readBuckets(Column.POSITIVE_OFFSET, POSITIVE_COUNTS, row, Cursor.delimit(end));
        break;
      case 74:
        readBuckets(Column.NEGATIVE_OFFSET, NEGATIVE_COUNTS, row, Cursor.delimit(end));
        break;
      case 80:
        set32(POINTS, Column.FLAGS, row, Cursor.varint32(end));
        break;
      case 90: {
        const exemplarReason = readExemplar(Cursor.delimit(end));
        if (exemplarReason != ACCEPTABLE) reason = exemplarReason;
        break;
      }
      case 97:
        readOptional(Column.MIN, Column.HAS_MIN, row, end);
        break;
      case 105:
        readOptional(Column.MAX, Column.HAS_MAX, row, end);
        break;
      case 113:
        set64(POINTS, Column.ZERO_THRESHOLD, row, Cursor.fixed64(end));
        break;
      default:
        readTimes(row, tag, end);
    }
  }
  return reason;
}

/** The two fields that all kinds of points number alike; any other tag is unknown. */
function readTimes(row: u32, tag: u32, end: usize): void {
  if (tag == 25) set64(POINTS, Column.TIME, row, Cursor.fixed64(end));
  else if (tag == 17) set64(POINTS, Column.START_TIME, row, Cursor.fixed64(end));
  else skip(tag, end);
}

function readOptional(column: usize, bit: u32, row: u32, end: usize): void {
  set64(POINTS, column, row, Cursor.fixed64(end));
  set8(POINTS, Column.PRESENCE, row, get8(POINTS, Column.PRESENCE, row) | bit);
}

/** Passes over whole 64-bit numbers and returns where they begin. What is returned after a fault is no address. */
function readPacked64(end: usize): usize {
  const start = Cursor.pos;
  const stop = start + ((end - start) & ~7);
  Cursor.pos = stop;
  if (stop == end) return start;
  Cursor.fixed64(end);
  return Cursor.pos;
}

function readBuckets(offset: usize, counts: usize, row: u32, end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 18) {
      const stop = Cursor.delimit(end);
      while (Cursor.pos < stop) push64(counts, readVarint64(stop));
    } else if (tag == 16) {
      push64(counts, readVarint64(end));
    } else if (tag == 8) {
      set32(POINTS, offset, row, readZigzag32(end));
    } else {
      skip(tag, end);
    }
  }
}

function readQuantile(end: usize): void {
  const item = openRow(QUANTILES);
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 9) set64(QUANTILES, QUANTILE, item, Cursor.fixed64(end));
    else if (tag == 17) set64(QUANTILES, VALUE, item, Cursor.fixed64(end));
    else skip(tag, end);
  }
  closeRow(QUANTILES);
}
