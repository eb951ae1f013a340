/** Length of a cell, and how many are kept: half an hour. */
export const HISTORY_CELL_MS = 5_000;
const CELLS = 360;

/** Values of a series by cells of time, means weighted by what they are of. */
export class SeriesHistory {
  private readonly values = new Float32Array(CELLS).fill(Number.NaN);
  private newest = Number.NaN;
  private sum = 0;
  private weight = 0;

  /** `sum` over `weight` items at a moment; what is older than the newest cell is left out. */
  add(unixMs: number, sum: number, weight: number): void {
    const cell = Math.floor(unixMs / HISTORY_CELL_MS);
    if (!(weight > 0) || !Number.isFinite(sum) || !Number.isFinite(cell)) return;
    if (cell < this.newest) return;
    if (cell !== this.newest) this.advance(cell);
    this.sum += sum;
    this.weight += weight;
    this.values[cell % CELLS] = this.sum / this.weight;
  }

  /** Adds up what comes within a cell: of counts. */
  addUp(unixMs: number, count: number): void {
    this.add(unixMs, count, 1);
    this.weight = 1;
    const cell = Math.floor(unixMs / HISTORY_CELL_MS);
    if (cell === this.newest) this.values[cell % CELLS] = this.sum;
  }

  /** From one moment to another, NaN where there is nothing; one value a cell. */
  read(fromMs: number, toMs: number): { readonly startMs: number; readonly values: Float64Array } {
    const last = Math.min(this.newest, Math.floor(toMs / HISTORY_CELL_MS));
    const first = Math.max(Math.floor(fromMs / HISTORY_CELL_MS), this.newest - CELLS + 1);
    const length = Number.isFinite(last) && Number.isFinite(first) ? Math.max(0, last - first + 1) : 0;
    const values = Float64Array.from(
      { length },
      (_, index) => this.values[(first + index) % CELLS] ?? Number.NaN,
    );
    return { startMs: first * HISTORY_CELL_MS, values };
  }

  private advance(cell: number): void {
    const from = Number.isNaN(this.newest) ? cell - CELLS : this.newest;
    const first = Math.max(from + 1, cell - CELLS + 1);
    for (let each = first; each <= cell; each += 1) {
      this.values[((each % CELLS) + CELLS) % CELLS] = Number.NaN;
    }
    this.newest = cell;
    this.sum = 0;
    this.weight = 0;
  }
}
