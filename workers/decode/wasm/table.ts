import { copyPadded, hashBytes, isEqual, PADDING } from './bytes';
import { Fault, OUT_OF_MEMORY, TOO_MANY_ENTRIES, fault } from './faults';
import { allocate } from './region';

/** Probes before a lookup gives up and the entry is stored again: bounds what crafted collisions cost. */
const MAX_PROBES: u32 = 128;
const FIRST_ENTRIES: u32 = 256;
const FIRST_BYTES: usize = 4096;
const SLOT_BYTES: usize = 16;

/**
 * Entries found by their bytes, each with a code that counts up from 0. The first four fields are read from outside,
 * by `workers/decode/wasm-memory.ts`. Entry `code` is `bytes[offsets[code] .. offsets[code + 1]]`.
 */
@unmanaged
export class Table {
  count: u32;
  used: u32;
  bytes: usize;
  offsets: usize;
  bytesCapacity: usize;
  /** Entries that `offsets` has room for. */
  entryCapacity: u32;
  /** Hash, code + 1 (0: free), offset and size: a power of two of them and at least twice as many as entries. */
  slots: usize;
  slotMask: u32;
}

class Miss {
  /** What the latest failed `find` learnt, for the `append` that follows it. */
  static hash: u32 = 0;
  static slot: usize = 0;
}

/** Entries that the request in work has added to all tables, and may. */
export class Added {
  static count: u32 = 0;
  static limit: u32 = 0;
}

/** Empty, with room for as much as it held before: what one generation held is what the next is likely to hold. */
export function startTable(table: Table): bool {
  const slotCount = max<usize>(table.slotMask + 1, 2 * FIRST_ENTRIES);
  table.count = 0;
  table.used = 0;
  table.bytesCapacity = max(table.bytesCapacity, FIRST_BYTES);
  table.bytes = allocate(table.bytesCapacity);
  table.entryCapacity = max(table.entryCapacity, FIRST_ENTRIES);
  table.offsets = allocate((<usize>table.entryCapacity + 1) << 2);
  table.slotMask = u32(slotCount - 1);
  table.slots = allocate(SLOT_BYTES * slotCount);
  if (table.bytes == 0 || table.offsets == 0 || table.slots == 0) return false;
  store<u32>(table.offsets, 0);
  memory.fill(table.slots, 0, SLOT_BYTES * slotCount);
  return true;
}

export function entryOf(table: Table, code: u32): usize {
  return table.bytes + load<u32>(table.offsets + ((<usize>code) << 2));
}

/** The code of the bytes, or -1. */
export function find(table: Table, start: usize, size: u32): i32 {
  const hash = hashBytes(start, size);
  const mask = table.slotMask;
  let slot = hash & mask;
  for (let probe: u32 = 1; probe <= MAX_PROBES; probe++) {
    const place = table.slots + SLOT_BYTES * slot;
    const code = load<u32>(place, 4);
    if (code == 0) {
      Miss.hash = hash;
      Miss.slot = place;
      return -1;
    }
    if (load<u32>(place) == hash && load<u32>(place, 12) == size) {
      if (isEqual(table.bytes + load<u32>(place, 8), start, size)) return code - 1;
    }
    slot = (slot + probe) & mask;
  }
  Miss.slot = 0;
  return -1;
}

/** Stores the bytes that the `find` just before did not find, and returns their code; 0 after a fault. */
export function append(table: Table, start: usize, size: u32): u32 {
  if (Fault.code != 0) return 0;
  if (Added.count == Added.limit) {
    fault(TOO_MANY_ENTRIES, 0, 0, Added.limit);
    return 0;
  }
  if (!reserve(table, size)) {
    fault(OUT_OF_MEMORY, 0, 0, 0);
    return 0;
  }
  Added.count++;
  const code = table.count++;
  copyPadded(table.bytes + table.used, start, size);
  table.used += size;
  store<u32>(table.offsets + ((<usize>code) << 2), table.used, 4);
  if (Miss.slot != 0) {
    store<u32>(Miss.slot, Miss.hash);
    store<u32>(Miss.slot, code + 1, 4);
    store<u32>(Miss.slot, table.used - size, 8);
    store<u32>(Miss.slot, size, 12);
  }
  if (table.count * 2 > table.slotMask && !growSlots(table)) fault(OUT_OF_MEMORY, 0, 0, 0);
  return code;
}

export function intern(table: Table, start: usize, size: u32): u32 {
  const code = find(table, start, size);
  return code < 0 ? append(table, start, size) : code;
}

function reserve(table: Table, size: u32): bool {
  if (table.count == table.entryCapacity) {
    const capacity = 2 * table.entryCapacity;
    const offsets = allocate((<usize>capacity + 1) << 2);
    if (offsets == 0) return false;
    memory.copy(offsets, table.offsets, (<usize>table.count + 1) << 2);
    table.offsets = offsets;
    table.entryCapacity = capacity;
  }
  const needed = <usize>table.used + size + PADDING;
  if (needed > table.bytesCapacity) {
    const capacity = max(needed, 2 * table.bytesCapacity);
    const bytes = allocate(capacity);
    if (bytes == 0) return false;
    memory.copy(bytes, table.bytes, table.used);
    table.bytes = bytes;
    table.bytesCapacity = capacity;
  }
  return true;
}

function growSlots(table: Table): bool {
  const count = (<usize>table.slotMask + 1) << 1;
  const slots = allocate(SLOT_BYTES * count);
  if (slots == 0) return false;
  memory.fill(slots, 0, SLOT_BYTES * count);
  const mask = u32(count - 1);
  const end = table.slots + SLOT_BYTES * (<usize>table.slotMask + 1);
  for (let from = table.slots; from < end; from += SLOT_BYTES) {
    if (load<u32>(from, 4) == 0) continue;
    let slot = load<u32>(from) & mask;
    for (let probe: u32 = 1; load<u32>(slots + SLOT_BYTES * slot, 4) != 0; probe++) {
      slot = (slot + probe) & mask;
    }
    v128.store(slots + SLOT_BYTES * slot, v128.load(from));
  }
  table.slots = slots;
  table.slotMask = mask;
  return true;
}
