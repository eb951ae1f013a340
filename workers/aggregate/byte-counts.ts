// Hot: once a row. Bench: bench/hot-query.
import type { MovedRows } from './code-counts.ts';

/** How often each byte is there. Neighbours are counted apart: a count that was just stored is not soon read again. */
export class ByteCounts {
  private readonly width: number;
  private readonly counts: Uint32Array;
  private readonly lanes = new Uint32Array(4 * 256);

  constructor(width: number) {
    this.width = width;
    this.counts = new Uint32Array(256 * width);
  }

  addOne(byte: number, count: number, selection: number): void {
    const at = byte * this.width + selection;
    this.counts[at] = (this.counts[at] ?? 0) + count;
  }

  /** `isWhole`: all rows are in the mask. */
  add(bytes: Uint8Array, mask: Uint8Array, rows: number, selection: number, isWhole: boolean): void {
    const { lanes } = this;
    lanes.fill(0);
    if (isWhole) {
      for (let row = 0; row < rows; row += 1) {
        const at = ((row & 3) << 8) | (bytes[row] ?? 0);
        lanes[at] = (lanes[at] ?? 0) + 1;
      }
    } else {
      for (let row = 0; row < rows; row += 1) {
        const at = ((row & 3) << 8) | (bytes[row] ?? 0);
        lanes[at] = (lanes[at] ?? 0) + (mask[row] ?? 0);
      }
    }
    for (let at = 0; at < lanes.length; at += 1) {
      const count = lanes[at] ?? 0;
      if (count > 0) this.addOne(at & 255, count, selection);
    }
  }

  move(bytes: Uint8Array, { rows, from, to }: MovedRows): void {
    const { counts, width } = this;
    for (const row of rows) {
      const at = (bytes[row] ?? 0) * width;
      counts[at + from] = (counts[at + from] ?? 0) - 1;
      counts[at + to] = (counts[at + to] ?? 0) + 1;
    }
  }

  /** Of two selections at once: 1 or 2 says which one a row is in, 0 that it is in none. */
  addBoth(bytes: Uint8Array, selectionOf: Uint8Array, rows: number): void {
    const { lanes } = this;
    lanes.fill(0);
    for (let row = 0; row < rows; row += 1) {
      const at = ((selectionOf[row] ?? 0) << 8) | (bytes[row] ?? 0);
      lanes[at] = (lanes[at] ?? 0) + 1;
    }
    for (let at = 256; at < 3 * 256; at += 1) {
      const count = lanes[at] ?? 0;
      if (count > 0) this.addOne(at & 255, count, (at >> 8) - 1);
    }
  }

  /** Counts of a byte stand at `byte * width` and behind it. */
  get all(): Uint32Array {
    return this.counts;
  }
}
