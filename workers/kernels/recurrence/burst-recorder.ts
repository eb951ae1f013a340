/** Length of a cell of counts: how exactly the beginning of a burst is known. */
export const BURST_CELL_MS = 10_000;
/** Beginnings that are remembered. */
export const MOST_BURSTS = 32;

/** Plain data, for JSON. */
export interface BurstRecorderState {
  readonly cell: number;
  readonly inCell: number;
  readonly cells: number;
  readonly level: number;
  readonly startedCell: number;
  readonly highCell: number;
  readonly times: readonly number[];
  readonly counts: readonly number[];
}

/** Half an hour: of learning, and after which what is high is how it is now. */
const LEARNING_CELLS = 180;
const LONGEST_BURST_CELLS = 180;
/** Weight of a new cell in the level once it is learned; half-life of 42 minutes. */
const WEIGHT = 1 / 360;
const WEIGHT_WHEN_ADOPTED = 1 / 60;
/** So long without a high cell, the next one begins another burst. */
const QUIET_CELLS = 6;
/** Below one event in 200 s each event is a burst of its own. */
const SPARSE_LEVEL = 0.05;

/**
 * Where bursts begin in a stream of counts: cells far above the level that is usual between bursts. O(1) memory, and time for each call,
 * however long nothing came. A control chart of counts (c-chart: Shewhart 1931) with a level that forgets (Roberts 1959). The level is
 * an exponentially weighted mean of the cells that are not high; high are more than 3 L + 4 √L + 3 events of a cell (a Poisson count of
 * mean L exceeds that less than once in 10⁵ cells), or any where hardly anything comes; that factor, and when a burst is over, are ours.
 * Times are Unix ms, counts events; what comes late counts in the current cell, what is no time or count is passed over.
 */
export class BurstRecorder {
  #cell = Number.NaN;
  #inCell = 0;
  #cells = 0;
  #level = 0;
  #startedCell = Number.NEGATIVE_INFINITY;
  #highCell = Number.NEGATIVE_INFINITY;
  #times: number[] = [];
  #counts: number[] = [];

  /** Beginnings of bursts, oldest first. */
  get times(): readonly number[] {
    return this.#times;
  }

  /** Events of each burst, as far as it was high. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** Events of a cell that is none of a burst. */
  get level(): number {
    return this.#level;
  }

  /** Whether a burst began with what was counted. */
  add(unixMs: number, count: number): boolean {
    if (!Number.isFinite(unixMs) || !(count >= 0) || !Number.isFinite(count)) return false;
    const cell = Math.floor(unixMs / BURST_CELL_MS);
    if (Number.isNaN(this.#cell)) this.#cell = cell;
    if (cell > this.#cell) this.#advance(cell);
    const wasHigh = this.#isHigh(this.#inCell);
    this.#inCell = atMost(this.#inCell + count);
    if (!this.#isHigh(this.#inCell)) return false;
    const began = !wasHigh && this.#begin();
    const last = this.#counts.length - 1;
    if (last >= 0) this.#counts[last] = atMost((this.#counts[last] ?? 0) + (wasHigh ? count : this.#inCell));
    this.#highCell = this.#cell;
    return began;
  }

  export(): BurstRecorderState {
    return {
      cell: finiteOr(this.#cell, 0),
      inCell: this.#inCell,
      cells: this.#cells,
      level: this.#level,
      startedCell: finiteOr(this.#startedCell, 0),
      highCell: finiteOr(this.#highCell, 0),
      times: [...this.#times],
      counts: [...this.#counts],
    };
  }

  static import(state: BurstRecorderState): BurstRecorder {
    const recorder = new BurstRecorder();
    recorder.#cell = state.cell > 0 ? state.cell : Number.NaN;
    recorder.#inCell = state.inCell;
    recorder.#cells = state.cells;
    recorder.#level = state.level;
    recorder.#startedCell = state.startedCell;
    recorder.#highCell = state.highCell;
    recorder.#times = state.times.slice(-MOST_BURSTS);
    recorder.#counts = state.counts.slice(-MOST_BURSTS);
    return recorder;
  }

  #isHigh(count: number): boolean {
    if (this.#cells < LEARNING_CELLS || count === 0) return false;
    const level = this.#level;
    return level < SPARSE_LEVEL || count > 3 * level + 4 * Math.sqrt(level) + 3;
  }

  #begin(): boolean {
    if (this.#cell - this.#highCell <= QUIET_CELLS) return false;
    this.#startedCell = this.#cell;
    this.#times.push(this.#cell * BURST_CELL_MS);
    this.#counts.push(0);
    if (this.#times.length > MOST_BURSTS) {
      this.#times.shift();
      this.#counts.shift();
    }
    return true;
  }

  /** Closes the current cell and the empty ones up to `cell` at once. */
  #advance(cell: number): void {
    this.#close();
    const empty = cell - this.#cell - 1;
    if (empty > 0) {
      const learning = Math.min(empty, Math.max(0, LEARNING_CELLS - this.#cells));
      // The mean of all cells while it is learned, a weighted one after.
      this.#level *= this.#cells / Math.max(1, this.#cells + learning);
      this.#level *= (1 - WEIGHT) ** (empty - learning);
      this.#cells = Math.min(LEARNING_CELLS, this.#cells + empty);
    }
    this.#cell = cell;
    this.#inCell = 0;
  }

  #close(): void {
    if (this.#cells < LEARNING_CELLS) {
      this.#cells += 1;
      this.#level += (this.#inCell - this.#level) / this.#cells;
      return;
    }
    if (!this.#isHigh(this.#inCell)) this.#level += WEIGHT * (this.#inCell - this.#level);
    else if (this.#cell - this.#startedCell >= LONGEST_BURST_CELLS) {
      this.#level += WEIGHT_WHEN_ADOPTED * (this.#inCell - this.#level);
    }
  }
}

/** More cannot be counted exactly, and sums of more may be infinite. */
function atMost(events: number): number {
  return Math.min(events, Number.MAX_SAFE_INTEGER);
}

/** JSON has no infinities. */
function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
