/** Requests by the cell of time in which they ended. Most end in the cell of the one before, which is kept at hand. */
export class CellCounts {
  private readonly cellMs: number;
  private readonly counts = new Map<number, number>();
  private second = NaN;
  private cell = NaN;
  private requests = 0;

  constructor(cellMs: number) {
    this.cellMs = cellMs;
  }

  /** `second`: Unix seconds. */
  add(second: number, requests = 1): void {
    if (second !== this.second) this.turnTo(second);
    this.requests += requests;
  }

  /** Start of each cell, Unix ms, and its requests; in the order in which cells came up. */
  entries(): IterableIterator<[number, number]> {
    this.keep();
    return this.counts.entries();
  }

  private turnTo(second: number): void {
    const cell = Math.floor((second * 1_000) / this.cellMs) * this.cellMs;
    this.second = second;
    if (cell === this.cell) return;
    this.keep();
    this.cell = cell;
  }

  private keep(): void {
    if (this.requests > 0) this.counts.set(this.cell, (this.counts.get(this.cell) ?? 0) + this.requests);
    this.requests = 0;
  }
}
