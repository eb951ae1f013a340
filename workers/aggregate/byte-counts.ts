// Hot: once a row. Bench: bench/hot-query.
import type { MovedRows } from './code-counts.ts';

/** Neighbours are counted in tables of their own: a count that was just stored is not soon read again. */
const LANES = 4;
const BYTES = 256;
const TABLE = LANES * BYTES;

/** How often each byte is there, by selection. */
export class ByteCounts {
  private readonly width: number;
  /** A table of each lane, for rows of no selection, then of each selection. */
  private readonly counts: Uint32Array;

  constructor(width: number) {
    this.width = width;
    this.counts = new Uint32Array((1 + width) * TABLE);
  }

  addOne(byte: number, count: number, selection: number): void {
    const at = tableOf(selection) + byte;
    this.counts[at] = (this.counts[at] ?? 0) + count;
  }

  /** `isWhole`: all rows are in the mask. */
  add(bytes: Uint8Array, mask: Uint8Array, rows: number, selection: number, isWhole: boolean): void {
    const table = tableOf(selection);
    const counts = this.counts.subarray(table, table + TABLE);
    if (isWhole) addAll(counts, bytes, rows);
    else {
      for (let row = 0; row < rows; row += 1) {
        const at = ((row & (LANES - 1)) * BYTES) | (bytes[row] ?? 0);
        counts[at] = (counts[at] ?? 0) + (mask[row] ?? 0);
      }
    }
  }

  /** A lane may fall below zero; the sum of all is right. */
  move(bytes: Uint8Array, { rows, from, to }: MovedRows): void {
    const { counts } = this;
    for (const row of rows) {
      const byte = bytes[row] ?? 0;
      const atFrom = tableOf(from) + byte;
      const atTo = tableOf(to) + byte;
      counts[atFrom] = (counts[atFrom] ?? 0) - 1;
      counts[atTo] = (counts[atTo] ?? 0) + 1;
    }
  }

  /** Of two selections at once: 1 or 2 says which one a row is in, 0 that it is in none. */
  addBoth(bytes: Uint8Array, selectionOf: Uint8Array, rows: number): void {
    const { counts } = this;
    for (let row = 0; row < rows; row += 1) {
      const at = (selectionOf[row] ?? 0) * TABLE + (((row & (LANES - 1)) * BYTES) | (bytes[row] ?? 0));
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }

  /** Of each selection. */
  countsOf(byte: number): number[] {
    return Array.from({ length: this.width }, (_, selection) => {
      let count = 0;
      for (let lane = 0; lane < LANES; lane += 1) {
        count += this.counts[tableOf(selection) + lane * BYTES + byte] ?? 0;
      }
      return count >>> 0;
    });
  }
}

function tableOf(selection: number): number {
  return (1 + selection) * TABLE;
}

/** A row each lane a turn: half of what one by one takes. */
function addAll(counts: Uint32Array, bytes: Uint8Array, rows: number): void {
  let row = 0;
  for (; row + LANES <= rows; row += LANES) {
    const a = bytes[row] ?? 0;
    const b = BYTES | (bytes[row + 1] ?? 0);
    const c = (2 * BYTES) | (bytes[row + 2] ?? 0);
    const d = (3 * BYTES) | (bytes[row + 3] ?? 0);
    counts[a] = (counts[a] ?? 0) + 1;
    counts[b] = (counts[b] ?? 0) + 1;
    counts[c] = (counts[c] ?? 0) + 1;
    counts[d] = (counts[d] ?? 0) + 1;
  }
  for (; row < rows; row += 1) {
    const byte = bytes[row] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
}
