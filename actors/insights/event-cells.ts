/** What comes later than this after its cell is not waited for. */
const MOST_LAG_MS = 30_000;
const MARGIN_MS = 250;
/** Less of a cell is a straggler that nobody waits for. */
const LEAST_SHARE = 0.1;
/** Of the lag, a tick: it forgets a lag within minutes. */
const LAG_FADE = 0.995;

export interface ClosedCell {
  /** Unix ms. */
  readonly startMs: number;
  /** End, Unix ms. */
  readonly endMs: number;
  readonly count: number;
}

/**
 * Counts of events by the cell of time in which they happened. A cell is closed when, as its sender's batches have been coming, all of it
 * must be there: senders that batch for five seconds are waited for, others are not.
 */
export class EventCells {
  private readonly cellMs: number;
  private readonly open = new Map<number, number>();
  /** How long after a cell its events come, as they have been coming. */
  lagMs = 0;
  /** Start of the next cell that will be closed. */
  private next = Number.NaN;

  constructor(cellMs: number) {
    this.cellMs = cellMs;
  }

  /** `cell` is a start, Unix ms. */
  add(cell: number, count: number, nowMs: number): void {
    if (!Number.isFinite(cell) || cell > nowMs + this.cellMs) return;
    const before = this.open.get(cell) ?? 0;
    const lag = Math.min(MOST_LAG_MS, nowMs - cell - this.cellMs);
    if (count >= LEAST_SHARE * (before + count)) this.lagMs = Math.max(this.lagMs, lag);
    if (Number.isNaN(this.next)) this.next = cell;
    if (cell < this.next || nowMs - cell > 2 * MOST_LAG_MS) return;
    this.open.set(cell, before + count);
  }

  /** Whether events of this cell are still counted: of others of the same sender, by who keeps them. */
  isOpen(cell: number, nowMs: number): boolean {
    return cell >= this.next && cell <= nowMs + this.cellMs;
  }

  /** Nothing could come for now: cells up to this moment are not closed. */
  pass(nowMs: number): void {
    if (Number.isNaN(this.next)) return;
    this.open.clear();
    this.next = Math.max(this.next, Math.floor(nowMs / this.cellMs) * this.cellMs);
  }

  /**
   * Cells that are complete, empty ones too, in order of time; at most so many that were missed are made up for. `leastLagMs`: how long
   * others of the same sender are waited for.
   */
  close(nowMs: number, leastLagMs = 0): readonly ClosedCell[] {
    const closed: ClosedCell[] = [];
    if (Number.isNaN(this.next)) return closed;
    const { cellMs } = this;
    const lagMs = Math.max(this.lagMs, leastLagMs);
    this.next = Math.max(this.next, Math.floor((nowMs - 4 * MOST_LAG_MS) / cellMs) * cellMs);
    while (this.next + cellMs + lagMs + MARGIN_MS <= nowMs) {
      closed.push({ startMs: this.next, endMs: this.next + cellMs, count: this.open.get(this.next) ?? 0 });
      this.open.delete(this.next);
      this.next += cellMs;
    }
    this.lagMs *= LAG_FADE;
    return closed;
  }
}
