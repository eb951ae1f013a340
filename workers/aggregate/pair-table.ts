// Hot: once a row. Bench: bench/hot-query.
import type { PairCounts } from '../../proto/query/index.ts';

const FIRST_SLOTS = 1_024;

/** Numbers by pairs of small whole numbers. Open addressing; slots are a power of two, at most half of them taken. */
export class PairTable {
  private cells = new Int32Array(FIRST_SLOTS).fill(-1);
  private keys = new Int32Array(FIRST_SLOTS);
  private counts = new Float64Array(FIRST_SLOTS);
  private used = 0;

  add(cell: number, key: number, count: number): void {
    const slot = this.slotOf(cell, key);
    this.counts[slot] = (this.counts[slot] ?? 0) + count;
  }

  raise(cell: number, key: number, value: number): void {
    const slot = this.slotOf(cell, key);
    if (value > (this.counts[slot] ?? 0)) this.counts[slot] = value;
  }

  /** Adds what a dense table holds: `width` keys a cell, the first of them `firstKey`. */
  addDense(counts: Uint32Array, width: number, firstKey: number): void {
    for (let at = 0; at < counts.length; at += 1) {
      const count = counts[at] ?? 0;
      if (count > 0) this.add(Math.floor(at / width), firstKey + (at % width), count);
    }
  }

  take(): PairCounts {
    const cells = new Int32Array(this.used);
    const keys = new Int32Array(this.used);
    const counts = new Float64Array(this.used);
    let at = 0;
    for (let slot = 0; slot < this.cells.length; slot += 1) {
      const cell = this.cells[slot] ?? -1;
      if (cell < 0) continue;
      cells[at] = cell;
      keys[at] = this.keys[slot] ?? 0;
      counts[at] = this.counts[slot] ?? 0;
      at += 1;
    }
    return { cells, keys, counts };
  }

  private slotOf(cell: number, key: number): number {
    const { cells, keys } = this;
    const last = cells.length - 1;
    let slot = (Math.imul(cell, 0x9e37_79b1) ^ Math.imul(key, 0x85eb_ca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & last;
    for (;;) {
      const found = cells[slot] ?? -1;
      if (found === cell && keys[slot] === key) return slot;
      if (found < 0) return this.claim(slot, cell, key);
      slot = (slot + 1) & last;
    }
  }

  private claim(slot: number, cell: number, key: number): number {
    if (2 * (this.used + 1) > this.cells.length) {
      this.grow();
      return this.slotOf(cell, key);
    }
    this.used += 1;
    this.cells[slot] = cell;
    this.keys[slot] = key;
    this.counts[slot] = 0;
    return slot;
  }

  private grow(): void {
    const { cells, keys, counts } = this;
    this.cells = new Int32Array(2 * cells.length).fill(-1);
    this.keys = new Int32Array(2 * cells.length);
    this.counts = new Float64Array(2 * cells.length);
    this.used = 0;
    for (let slot = 0; slot < cells.length; slot += 1) {
      const cell = cells[slot] ?? -1;
      if (cell >= 0) this.add(cell, keys[slot] ?? 0, counts[slot] ?? 0);
    }
  }
}
