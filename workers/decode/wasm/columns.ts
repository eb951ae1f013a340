import { Fault, OUT_OF_MEMORY, fault } from './faults';
import { allocate } from './region';

/**
 * A group is the columns that have a row each for the same things: spans, the attributes of spans, the bytes of log
 * bodies. A list column holds where each row's items start in the group of its items. All services of a request share
 * the groups, one row behind the other.
 *
 * Memory behind the last row is zero, so a row writes only what it has. Row `count` is the one in work.
 *
 * In memory: count, capacity, number of columns, unused; then for each column its address, the bytes of a row, the
 * address of the group of its items or 0, unused. Widths and items are written from outside, from proto/columns.
 */
export const GROUP_BYTES: usize = 16 + 16 * 32;
const GROUPS: usize = memory.data(9024, 16);
const FIRST_ROWS: u32 = 64;
/** Their 16-byte columns have less than 2^30 bytes. */
const MOST_ROWS: u32 = 0x3ffffff;

// In the order in which proto/columns/signals.ts comes upon them.
export const SPANS: usize = GROUPS;
export const SPAN_ATTRIBUTES: usize = GROUPS + GROUP_BYTES;
export const EVENTS: usize = GROUPS + GROUP_BYTES * 2;
export const EVENT_ATTRIBUTES: usize = GROUPS + GROUP_BYTES * 3;
export const LINKS: usize = GROUPS + GROUP_BYTES * 4;
export const LINK_ATTRIBUTES: usize = GROUPS + GROUP_BYTES * 5;
export const POINTS: usize = GROUPS + GROUP_BYTES * 6;
export const POINT_ATTRIBUTES: usize = GROUPS + GROUP_BYTES * 7;
export const BUCKET_COUNTS: usize = GROUPS + GROUP_BYTES * 8;
export const POSITIVE_COUNTS: usize = GROUPS + GROUP_BYTES * 9;
export const NEGATIVE_COUNTS: usize = GROUPS + GROUP_BYTES * 10;
export const QUANTILES: usize = GROUPS + GROUP_BYTES * 11;
export const EXEMPLARS: usize = GROUPS + GROUP_BYTES * 12;
export const EXEMPLAR_ATTRIBUTES: usize = GROUPS + GROUP_BYTES * 13;
export const LOGS: usize = GROUPS + GROUP_BYTES * 14;
export const LOG_BODIES: usize = GROUPS + GROUP_BYTES * 15;
export const LOG_ATTRIBUTES: usize = GROUPS + GROUP_BYTES * 16;
const GROUPS_END: usize = GROUPS + GROUP_BYTES * 17;

export function countOf(group: usize): u32 {
  return load<u32>(group);
}

export function setCount(group: usize, rows: u32): void {
  store<u32>(group, rows);
}

/** Rows that there is memory for. */
export function roomOf(group: usize): u32 {
  return load<u32>(group, 4);
}

/** Where the codes of a group of one column begin. */
export function codesOf(group: usize): usize {
  return columnOf(group, 0);
}

/** Makes room for row `count` and returns it. Without memory it is a row that may be spoilt, and a fault. */
export function openRow(group: usize): u32 {
  const row = load<u32>(group);
  if (row < load<u32>(group, 4) || reserveRows(group, row + 1)) return row;
  return 0;
}

/** Row `count` is done. */
export function closeRow(group: usize): void {
  if (Fault.code == 0) store<u32>(group, load<u32>(group) + 1);
}

export function push64(group: usize, value: u64): void {
  const row = openRow(group);
  store<u64>(columnOf(group, 0) + ((<usize>row) << 3), value);
  closeRow(group);
}

/** Rows of a group of one column, as they stand at `from`; none after a fault, when that is no address. */
export function pushRows(group: usize, from: usize, rows: u32, rowBytes: usize): void {
  if (Fault.code != 0) return;
  const row = load<u32>(group);
  if (!reserveRows(group, row + rows)) return;
  memory.copy(columnOf(group, 0) + <usize>row * rowBytes, from, <usize>rows * rowBytes);
  store<u32>(group, row + rows);
}

export function set8(group: usize, column: usize, row: u32, value: u32): void {
  store<u8>(columnOf(group, column) + row, value);
}

export function get8(group: usize, column: usize, row: u32): u32 {
  return load<u8>(columnOf(group, column) + row);
}

export function set32(group: usize, column: usize, row: u32, value: u32): void {
  store<u32>(columnOf(group, column) + ((<usize>row) << 2), value);
}

export function get32(group: usize, column: usize, row: u32): u32 {
  return load<u32>(columnOf(group, column) + ((<usize>row) << 2));
}

export function set64(group: usize, column: usize, row: u32, value: u64): void {
  store<u64>(columnOf(group, column) + ((<usize>row) << 3), value);
}

export function set128(group: usize, column: usize, row: u32, value: v128): void {
  v128.store(columnOf(group, column) + ((<usize>row) << 4), value);
}

/** Takes back whatever was written to row `count`, and the items of its lists. */
export function dropRow(group: usize): void {
  const row = load<u32>(group);
  dropItems(group, row);
  zeroRows(group, row, row + 1);
}

function dropItems(group: usize, row: u32): void {
  for (let column: usize = 0; column < columnCount(group); column++) {
    const items = itemsOf(group, column);
    if (items != 0) truncate(items, get32(group, column, row));
  }
}

function truncate(group: usize, rows: u32): void {
  const count = load<u32>(group);
  if (rows >= count) return;
  dropItems(group, rows);
  zeroRows(group, rows, count);
  store<u32>(group, rows);
}

/** No rows again, in all groups. The row in work may have been written to. */
export function clearGroups(): void {
  for (let group = GROUPS; group < GROUPS_END; group += GROUP_BYTES) {
    const capacity = load<u32>(group, 4);
    zeroRows(group, 0, min(load<u32>(group) + 1, capacity));
    store<u32>(group, 0);
  }
}

/** After the region was reset. */
export function forgetGroups(): void {
  for (let group = GROUPS; group < GROUPS_END; group += GROUP_BYTES) store<u64>(group, 0);
}

function columnCount(group: usize): usize {
  return load<u32>(group, 8);
}

function columnOf(group: usize, column: usize): usize {
  return load<usize>(group + (column << 4), 16);
}

function widthOf(group: usize, column: usize): usize {
  return load<u32>(group + (column << 4), 20);
}

function itemsOf(group: usize, column: usize): usize {
  return load<usize>(group + (column << 4), 24);
}

function zeroRows(group: usize, from: u32, to: u32): void {
  if (from >= to) return;
  for (let column: usize = 0; column < columnCount(group); column++) {
    const width = widthOf(group, column);
    memory.fill(columnOf(group, column) + <usize>from * width, 0, <usize>(to - from) * width);
  }
}

function reserveRows(group: usize, rows: u32): bool {
  const count = load<u32>(group);
  const old = load<u32>(group, 4);
  if (rows <= old) return true;
  const capacity = max(max(rows, 2 * old), FIRST_ROWS);
  for (let column: usize = 0; column < columnCount(group); column++) {
    const width = widthOf(group, column);
    const size = <usize>capacity * width;
    const place = capacity <= MOST_ROWS ? allocate(size) : 0;
    if (place == 0) {
      fault(OUT_OF_MEMORY, 0, 0, 0);
      return false;
    }
    // The row in work too.
    const used = <usize>min(count + 1, old) * width;
    memory.copy(place, columnOf(group, column), used);
    memory.fill(place + used, 0, size - used);
    store<usize>(group + (column << 4), place, 16);
  }
  store<u32>(group, capacity, 4);
  return true;
}
