import { isEqual } from './bytes';
import { codesOf, countOf, openRow, roomOf, setCount } from './columns';
import { Cursor } from './cursor';
import { validateKeyValue } from './entries';
import { FAR, Fault } from './faults';
import { Added, append, entryOf, find, intern, startTable, Table } from './table';

/** The tables in the order of `DICTIONARY_NAMES` in proto/columns, one behind the other. */
const TABLES: usize = memory.data(240, 16);
const TABLE_BYTES: usize = 40;
const TABLES_STRINGS: usize = TABLES;
const TABLES_ATTRIBUTES: usize = TABLES + TABLE_BYTES;

export function tablesPlace(): usize {
  return TABLES;
}

function strings(): Table {
  return changetype<Table>(TABLES_STRINGS);
}

function attributes(): Table {
  return changetype<Table>(TABLES_ATTRIBUTES);
}

export function resources(): Table {
  return changetype<Table>(TABLES + TABLE_BYTES * 2);
}

export function scopes(): Table {
  return changetype<Table>(TABLES + TABLE_BYTES * 3);
}

export function metrics(): Table {
  return changetype<Table>(TABLES + TABLE_BYTES * 4);
}

export function bounds(): Table {
  return changetype<Table>(TABLES + TABLE_BYTES * 5);
}

/** Empty tables; nothing in `strings` and `bounds` has code 0. */
export function startDictionary(): bool {
  for (let table = TABLES; table < TABLES + TABLE_BYTES * 6; table += TABLE_BYTES) {
    if (!startTable(changetype<Table>(table))) return false;
  }
  memory.fill(RECENT, 0, RECENT_BYTES * RECENT_PLACES);
  Added.limit = u32.MAX_VALUE;
  intern(strings(), TABLES, 0);
  intern(bounds(), TABLES, 0);
  return true;
}

/** Reads a string field and returns its code. */
export function readText(end: usize): u32 {
  const stop = Cursor.delimit(end);
  const start = Cursor.pos;
  Cursor.pos = stop;
  return start == stop ? 0 : intern(strings(), start, u32(stop - start));
}

/**
 * Attributes met lately, found by a cheap look at their bytes: saves most of them the hash and the way through the
 * table. A place is size, code, address, whether it was asked for since it was last about to be given away, the last
 * eight bytes (where values differ) and the last eight of the key.
 */
const RECENT_BYTES: usize = 32;
const RECENT_PLACES: usize = 1024;
const RECENT: usize = memory.data(32768, 16);

/**
 * Reads `KeyValue` fields as rows of `group`, all that stand one behind the other, as senders write them. The cursor is
 * behind the first one's tag, which is a single byte. Only bytes not seen before are looked into.
 */
export function readAttributes(group: usize, tag: u32, end: usize): void {
  let pos = Cursor.pos;
  let row = countOf(group);
  let room = roomOf(group);
  let codes = codesOf(group);
  while (true) {
    let start = pos + 1;
    let stop = start;
    if (pos < end) stop += load<u8>(pos);
    if (stop - start >= 0x80 || stop > end || pos >= end) {
      Cursor.pos = pos;
      stop = Cursor.delimit(end);
      start = Cursor.pos;
    }
    const code = stop - start >= 8 ? internLikely(start, stop) : internAttribute(start, stop);
    if (row == room) {
      setCount(group, row);
      openRow(group);
      room = roomOf(group);
      codes = codesOf(group);
    }
    if (Fault.code != 0) {
      setCount(group, row);
      return;
    }
    store<u32>(codes + ((<usize>row) << 2), code);
    row++;
    pos = stop;
    if (pos >= end || <u32>load<u8>(pos) != tag) break;
    pos++;
  }
  setCount(group, row);
  Cursor.pos = pos;
}

/** At least eight bytes. */
function internLikely(start: usize, stop: usize): u32 {
  const size = stop - start;
  const tail = load<u64>(stop - 8);
  // Mostly the end of the key, whose length is the second byte; whatever it is, it is inside.
  const keyEnd = max<usize>(load<u8>(start, 1), 6) - 6;
  const key = load<u64>(start + min<usize>(keyEnd, size - 8));
  const mixed = (tail ^ rotl<u64>(key, 29) ^ size) * 0x9e3779b97f4a7c15;
  const place = RECENT + <usize>(mixed >>> 54) * RECENT_BYTES;
  if (
    load<u32>(place) == u32(size) &&
    load<u64>(place, 16) == tail &&
    load<u64>(place, 24) == key &&
    isEqual(load<usize>(place, 8), start, size - 8)
  ) {
    store<u32>(place, 1, 12);
    return load<u32>(place, 4);
  }
  const code = internAttribute(start, stop);
  if (Fault.code != 0) return 0;
  // Values that come once do not drive out those that come all the time.
  if (load<u32>(place, 12) != 0) {
    store<u32>(place, 0, 12);
    return code;
  }
  store<u32>(place, size);
  store<u32>(place, code, 4);
  store<usize>(place, entryOf(attributes(), code), 8);
  store<u64>(place, tail, 16);
  store<u64>(place, key, 24);
  return code;
}

/** After a fault the cursor is at `FAR`. */
function internAttribute(start: usize, stop: usize): u32 {
  const size = u32(stop - start);
  const table = attributes();
  const code = find(table, start, size);
  if (code >= 0 || Fault.code != 0) return code;
  Cursor.pos = start;
  validateKeyValue(stop, 1);
  const added = append(table, start, size);
  if (Fault.code != 0) Cursor.pos = FAR;
  return added;
}
