// Hot: once an attribute, name, resource and scope. Bench: bench/decode.
import type { DictionaryTable } from '../../proto/columns/index.ts';
import { SharedTable } from './shared-table.ts';

/** Bytes to look up, with a view over the same memory. A `WireReader` is one. */
export interface ByteSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Probes before a lookup gives up and the entry is stored again: bounds what crafted collisions cost. */
const MAX_PROBES = 128;
const FIRST_ENTRIES = 256;
/** `recentSlot` takes 10 bits. */
const RECENT_SLOTS = 1024;
const RECENT_WORDS = 32;
/** Larger entries are always looked up by their hash. */
const RECENT_SIZE = 4 * (RECENT_WORDS - 3) + 3;

/**
 * Entries found by their bytes, each with a code that counts up from 0. Equal bytes nearly always share a code; after
 * `MAX_PROBES` collisions they may get a second one.
 */
export class InterningTable {
  private readonly entries: SharedTable;
  /** Pairs of hash and code + 1 (0: free). The number of pairs is a power of two and at least twice `count`. */
  private slots = new Int32Array(4 * FIRST_ENTRIES);
  /**
   * Entries asked for lately, found by a cheap look at their bytes: saves most lookups the hash. A slot holds code + 1,
   * size, the last four bytes, and all whole words. Not shared: in Node 20 reading shared memory through a DataView
   * takes 1.7 times as long.
   */
  private readonly recent = new Int32Array(RECENT_SLOTS * RECENT_WORDS);
  private readonly seed: number;
  /** What the latest failed `find` learnt, for the `append` that follows it. */
  private missedHash = 0;
  private missedSlot = -1;
  private missedRecent = -1;

  /** The only writer of `entries`. */
  constructor(seed: number, entries = new SharedTable()) {
    this.seed = seed;
    this.entries = entries;
  }

  get count(): number {
    return this.entries.count;
  }

  /** The code of the bytes, or -1. */
  find(source: ByteSource, start: number, end: number): number {
    const size = end - start;
    const recent = size >= 8 && size <= RECENT_SIZE ? recentSlot(source.view, start, end) : -1;
    if (recent >= 0 && this.isRecent(recent, source.view, start, end)) return (this.recent[recent] ?? 0) - 1;
    this.missedRecent = recent;
    const hash = hashBytes(source.view, start, end, this.seed);
    const mask = (this.slots.length >>> 1) - 1;
    let slot = hash & mask;
    for (let probe = 1; probe <= MAX_PROBES; probe++) {
      const code = (this.slots[2 * slot + 1] ?? 0) - 1;
      if (code < 0) {
        this.missedHash = hash;
        this.missedSlot = slot;
        return -1;
      }
      if (this.slots[2 * slot] === hash && this.equals(code, source.view, start, end)) {
        if (recent >= 0) this.remember(recent, code, source.view, start, end);
        return code;
      }
      slot = (slot + probe) & mask;
    }
    this.missedHash = hash;
    this.missedSlot = -1;
    return -1;
  }

  /** Stores the bytes that the `find` just before did not find, and returns their code. */
  append(source: ByteSource, start: number, end: number): number {
    const code = this.entries.append(source.bytes, start, end);
    if (this.missedRecent >= 0) this.remember(this.missedRecent, code, source.view, start, end);
    if (this.missedSlot >= 0) {
      this.slots[2 * this.missedSlot] = this.missedHash;
      this.slots[2 * this.missedSlot + 1] = code + 1;
    }
    if (4 * this.count > this.slots.length) this.growSlots();
    return code;
  }

  intern(source: ByteSource, start: number, end: number): number {
    const code = this.find(source, start, end);
    return code < 0 ? this.append(source, start, end) : code;
  }

  /** The bytes of an entry; a view that stays valid. */
  entry(code: number): Uint8Array {
    return this.entries.entry(code);
  }

  snapshot(): DictionaryTable {
    return this.entries.snapshot();
  }

  private isRecent(slot: number, view: DataView, start: number, end: number): boolean {
    const recent = this.recent;
    if (recent[slot + 1] !== end - start || recent[slot + 2] !== view.getInt32(end - 4, true)) return false;
    let word = slot + 3;
    for (let pos = start; pos + 4 <= end; pos += 4, word++) {
      if (recent[word] !== view.getInt32(pos, true)) return false;
    }
    return true;
  }

  private remember(slot: number, code: number, view: DataView, start: number, end: number): void {
    const recent = this.recent;
    recent[slot] = code + 1;
    recent[slot + 1] = end - start;
    recent[slot + 2] = view.getInt32(end - 4, true);
    let word = slot + 3;
    for (let pos = start; pos + 4 <= end; pos += 4, word++) recent[word] = view.getInt32(pos, true);
  }

  private equals(code: number, view: DataView, start: number, end: number): boolean {
    const { view: own, offsets } = this.entries;
    let at = offsets[code] ?? 0;
    if ((offsets[code + 1] ?? 0) - at !== end - start) return false;
    let pos = start;
    for (; pos + 4 <= end; pos += 4, at += 4) {
      if (view.getInt32(pos, true) !== own.getInt32(at, true)) return false;
    }
    for (; pos < end; pos++, at++) {
      if (view.getUint8(pos) !== own.getUint8(at)) return false;
    }
    return true;
  }

  private growSlots(): void {
    const old = this.slots;
    const slots = new Int32Array(2 * old.length);
    const mask = (slots.length >>> 1) - 1;
    for (let index = 0; index < old.length; index += 2) {
      const entry = old[index + 1] ?? 0;
      if (entry === 0) continue;
      const hash = old[index] ?? 0;
      let slot = hash & mask;
      for (let probe = 1; (slots[2 * slot + 1] ?? 0) !== 0; probe++) slot = (slot + probe) & mask;
      slots[2 * slot] = hash;
      slots[2 * slot + 1] = entry;
    }
    this.slots = slots;
  }
}

/** Multiply and fold, eight bytes a step in two lanes. The seed is random so that collisions cannot be prepared. */
function hashBytes(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let lane = ~seed;
  let pos = start;
  for (; pos + 8 <= end; pos += 8) {
    hash = Math.imul(hash ^ view.getInt32(pos, true), 0x9e3779b1);
    lane = Math.imul(lane ^ view.getInt32(pos + 4, true), 0x85ebca77);
    hash ^= hash >>> 15;
    lane ^= lane >>> 13;
  }
  for (; pos < end; pos++) {
    hash = Math.imul(hash ^ view.getUint8(pos), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ lane ^ (lane << 7), 0xc2b2ae3d);
  return hash ^ (hash >>> 16);
}

/** From the size, the last bytes (where values differ) and some of the first (where keys do). At least 8 bytes. */
function recentSlot(view: DataView, start: number, end: number): number {
  const mixed = Math.imul(view.getInt32(end - 4, true) ^ ((end - start) << 16), 0x9e3779b1);
  const slot = Math.imul(mixed ^ (mixed >>> 15) ^ view.getInt32(start + 2, true), 0x85ebca77) >>> 22;
  return slot * RECENT_WORDS;
}
