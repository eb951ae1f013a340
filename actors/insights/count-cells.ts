import type { CountCellsState } from '../ports/index.ts';

/** Length of a cell, and how many that are over are kept: four hours. */
export const COUNT_CELL_MS = 120_000;
const CELLS = 120;
/** With the one that is not over. */
const KEPT = CELLS + 1;

/** Counts by cells of time, the newest of them; what is older than the newest cell counts in that. */
export class CountCells {
  private readonly counts = new Float64Array(KEPT);
  private newest = Number.NaN;

  add(unixMs: number, count: number): void {
    const cell = Math.floor(unixMs / COUNT_CELL_MS);
    if (!Number.isFinite(cell) || !Number.isFinite(count)) return;
    if (Number.isNaN(this.newest)) this.newest = cell;
    for (let each = Math.max(this.newest + 1, cell - KEPT + 1); each <= cell; each += 1) {
      this.counts[placeOf(each)] = 0;
    }
    this.newest = Math.max(this.newest, cell);
    this.counts[placeOf(this.newest)] = (this.counts[placeOf(this.newest)] ?? 0) + count;
  }

  /** Complete cells before `nowMs`, oldest first, all that could be kept; NaN before `sinceMs`. */
  complete(nowMs: number, sinceMs: number): Float64Array {
    return this.read(Math.floor(nowMs / COUNT_CELL_MS) - 1, sinceMs);
  }

  /** As `complete`, with the cell that is not over yet, as far as something is known. */
  upTo(nowMs: number, sinceMs: number): { readonly startMs: number; readonly counts: Float64Array } {
    const last = Math.floor(nowMs / COUNT_CELL_MS);
    const all = this.read(last, sinceMs);
    const known = all.findIndex((count) => !Number.isNaN(count));
    const first = known < 0 ? CELLS : known;
    return { startMs: (last - CELLS + 1 + first) * COUNT_CELL_MS, counts: all.subarray(first) };
  }

  /** Adds what others count in the same cells. */
  addAll({ first, counts }: CountCellsState): void {
    const mine = this.export();
    const start = Math.min(
      mine.counts.length === 0 ? first : mine.first,
      counts.length === 0 ? mine.first : first,
    );
    const end = Math.max(mine.first + mine.counts.length, first + counts.length);
    this.newest = Number.NaN;
    this.counts.fill(0);
    for (let cell = Math.max(start, end - KEPT); cell < end; cell += 1) {
      this.add(cell * COUNT_CELL_MS, (mine.counts[cell - mine.first] ?? 0) + (counts[cell - first] ?? 0));
    }
  }

  export(): CountCellsState {
    if (Number.isNaN(this.newest)) return { first: 0, counts: [] };
    const oldest = this.newest - KEPT + 1;
    const all = Array.from({ length: KEPT }, (_, at) => this.counts[placeOf(oldest + at)] ?? 0);
    const from = all.findIndex((count) => count > 0);
    return from < 0 ? { first: this.newest, counts: [0] } : { first: oldest + from, counts: all.slice(from) };
  }

  private read(last: number, sinceMs: number): Float64Array {
    const since = Math.floor(sinceMs / COUNT_CELL_MS);
    return Float64Array.from({ length: CELLS }, (_, at) => {
      const cell = last - CELLS + 1 + at;
      if (cell < since) return Number.NaN;
      const isKept = cell <= this.newest && cell > this.newest - KEPT;
      return isKept ? (this.counts[placeOf(cell)] ?? 0) : 0;
    });
  }
}

function placeOf(cell: number): number {
  return ((cell % KEPT) + KEPT) % KEPT;
}
