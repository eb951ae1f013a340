import { isEqual } from './bytes';
import { pushCode } from './columns';
import { Cursor, delimit } from './cursor';
import { validateKeyValue } from './entries';
import { Fault } from './faults';
import { append, entryOf, find, intern, startTable, Table } from './table';

/** The tables in the order of `DICTIONARY_NAMES` in proto/columns, one behind the other. */
const TABLES: usize = memory.data(192, 16);
const TABLE_BYTES: usize = 32;
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
  memory.fill(GUESSES, 0, GUESS_BYTES * (GUESSES_A_LIST * LISTS));
  intern(strings(), TABLES, 0);
  intern(bounds(), TABLES, 0);
  return true;
}

/** Reads a string field and returns its code. */
export function readText(end: usize): u32 {
  const stop = delimit(end);
  const start = Cursor.pos;
  Cursor.pos = stop;
  return start == stop ? 0 : intern(strings(), start, u32(stop - start));
}

/**
 * What stood at the same place of the item before, tried before anything is hashed: most attributes repeat. A guess
 * is size, code, address, unused, and the last eight bytes: where a key has many values, they differ in these.
 */
const GUESS_BYTES: usize = 32;
const GUESSES_A_LIST: usize = 32;
const LISTS: usize = 5;
const GUESSES: usize = memory.data(5120, 16);

// The lists that keep guesses of their own.
export const OF_ITEM: usize = GUESSES;
export const OF_EVENT: usize = GUESSES + GUESS_BYTES * GUESSES_A_LIST;
export const OF_LINK: usize = GUESSES + GUESS_BYTES * GUESSES_A_LIST * 2;
export const OF_POINT: usize = GUESSES + GUESS_BYTES * GUESSES_A_LIST * 3;
export const OF_EXEMPLAR: usize = GUESSES + GUESS_BYTES * GUESSES_A_LIST * 4;

/** Reads a `KeyValue` field, the `index`th of its list, as the next row of `group`. Only bytes not seen before are looked into. */
export function readAttribute(group: usize, list: usize, index: u32, end: usize): void {
  const stop = delimit(end);
  const start = Cursor.pos;
  const size = stop - start;
  const guess = list + (((<usize>index) & (GUESSES_A_LIST - 1)) << 5);
  Cursor.pos = stop;
  if (<usize>load<u32>(guess) == size && size >= 8) {
    if (load<u64>(stop - 8) == load<u64>(guess, 16) && isEqual(load<usize>(guess, 8), start, size - 8)) {
      pushCode(group, load<u32>(guess, 4));
      return;
    }
  }
  internAttribute(group, guess, start, stop);
}

function internAttribute(group: usize, guess: usize, start: usize, stop: usize): void {
  const size = u32(stop - start);
  const table = attributes();
  let code = find(table, start, size);
  if (code < 0) {
    if (Fault.code != 0) return;
    Cursor.pos = start;
    validateKeyValue(stop, 1);
    if (Fault.code != 0) return;
    code = append(table, start, size);
    if (Fault.code != 0) return;
  }
  if (size >= 8) {
    store<u32>(guess, size);
    store<u32>(guess, code, 4);
    store<usize>(guess, entryOf(table, code), 8);
    store<u64>(guess, load<u64>(stop - 8), 16);
  }
  pushCode(group, code);
}
