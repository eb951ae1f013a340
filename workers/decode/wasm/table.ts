import { copyPadded, hashBytes, isEqual, PADDING } from './bytes';
import { Fault, OUT_OF_MEMORY, TOO_MANY_ENTRIES, fault } from './faults';
import { allocate } from './region';

/** Groups looked at before a lookup gives up and the entry is stored again: bounds what crafted collisions cost. */
const MAX_PROBES: u32 = 8;
const FIRST_ENTRIES: u32 = 256;
const FIRST_BYTES: usize = 4096;
/** Slots that are looked at together. */
const GROUP: usize = 16;
const SLOT_BYTES: usize = 4;
const OFFSET_BYTES: usize = 4;

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
  /**
   * A byte for each slot: 0 when it is free, else 128 and seven bits of its hash. Sixteen are compared at once, and all of
   * them stay in the processor's cache: that a value is new is mostly seen here alone.
   */
  marks: usize;
  /** Codes: a power of two of them, of which up to three quarters are taken. Small, for the cache's sake. */
  slots: usize;
  slotMask: u32;
}

const NO_SLOT: u32 = u32.MAX_VALUE;

class Miss {
  /** What the latest failed `find` learnt, for the `append` that follows it. `NO_SLOT`: it gave up. */
  static hash: u32 = 0;
  static slot: u32 = 0;
}

/** Entries that the request in work has added to all tables, and may. */
export class Added {
  static count: u32 = 0;
  static limit: u32 = 0;
}

/** Empty, with room for as much as it held before: what one generation held is what the next is likely to hold. */
export function startTable(table: Table): bool {
  const slotCount = max<usize>(<usize>table.slotMask + 1, 2 * FIRST_ENTRIES);
  table.count = 0;
  table.used = 0;
  table.bytesCapacity = max(table.bytesCapacity, FIRST_BYTES);
  table.bytes = allocate(table.bytesCapacity);
  table.entryCapacity = max(table.entryCapacity, FIRST_ENTRIES);
  table.offsets = allocate((<usize>table.entryCapacity + 1) << 2);
  if (table.bytes == 0 || table.offsets == 0 || !startSlots(table, slotCount)) return false;
  store<u32>(table.offsets, 0);
  return true;
}

function startSlots(table: Table, count: usize): bool {
  const slots = allocate(SLOT_BYTES * count);
  const marks = allocate(count);
  if (slots == 0 || marks == 0) return false;
  memory.fill(marks, 0, count);
  table.slots = slots;
  table.marks = marks;
  table.slotMask = u32(count - 1);
  return true;
}

export function entryOf(table: Table, code: u32): usize {
  return table.bytes + load<u32>(table.offsets + ((<usize>code) << 2));
}

function markOf(hash: u32): u8 {
  return u8((hash >>> 25) | 0x80);
}

/** Where the probing of a hash begins: the first slot of a group. */
function firstSlotOf(table: Table, hash: u32): u32 {
  return (hash * u32(GROUP)) & table.slotMask;
}

/** The code of the bytes, or -1. */
export function find(table: Table, start: usize, size: u32): i32 {
  const hash = hashBytes(start, size);
  const mark = i8x16.splat(markOf(hash));
  let first = firstSlotOf(table, hash);
  Miss.hash = hash;
  for (let probe: u32 = 1; probe <= MAX_PROBES; probe++) {
    const marks = v128.load(table.marks + first);
    let alike = i8x16.bitmask(i8x16.eq(marks, mark));
    while (alike != 0) {
      const code = load<u32>(table.slots + SLOT_BYTES * (first + ctz(alike)));
      if (isEntry(table, code, start, size)) return code;
      alike &= alike - 1;
    }
    const free = i8x16.bitmask(i8x16.eq(marks, i8x16.splat(0)));
    if (free != 0) {
      Miss.slot = first + ctz(free);
      return -1;
    }
    first = (first + probe * u32(GROUP)) & table.slotMask;
  }
  Miss.slot = NO_SLOT;
  return -1;
}

function isEntry(table: Table, code: u32, start: usize, size: u32): bool {
  const place = table.offsets + OFFSET_BYTES * code;
  const from = load<u32>(place);
  return load<u32>(place, 4) - from == size && isEqual(table.bytes + from, start, size);
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
  if (Miss.slot != NO_SLOT) {
    store<u8>(table.marks + Miss.slot, markOf(Miss.hash));
    store<u32>(table.slots + SLOT_BYTES * Miss.slot, code);
  }
  if (table.count > (table.slotMask >>> 2) * 3 && !growSlots(table)) fault(OUT_OF_MEMORY, 0, 0, 0);
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

/** Entries are hashed again: reading them in a row is cheaper than keeping every hash. */
function growSlots(table: Table): bool {
  if (!startSlots(table, (<usize>table.slotMask + 1) << 1)) return false;
  for (let code: u32 = 0; code < table.count; code++) {
    const place = table.offsets + OFFSET_BYTES * code;
    const from = load<u32>(place);
    const hash = hashBytes(table.bytes + from, load<u32>(place, 4) - from);
    const slot = freeSlotOf(table, hash);
    store<u8>(table.marks + slot, markOf(hash));
    store<u32>(table.slots + SLOT_BYTES * slot, code);
  }
  return true;
}

/** At most half of the slots are taken when this is asked. */
function freeSlotOf(table: Table, hash: u32): u32 {
  let first = firstSlotOf(table, hash);
  let probe: u32 = 0;
  let free: i32 = 0;
  while (free == 0) {
    first = (first + probe * u32(GROUP)) & table.slotMask;
    free = i8x16.bitmask(i8x16.eq(v128.load(table.marks + first), i8x16.splat(0)));
    probe++;
  }
  return first + ctz(free);
}
