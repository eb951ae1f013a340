/** Fewer intervals, or less time, are no rhythm. */
const FEWEST_INTERVALS = 30;
export const LEAST_RHYTHM_MS = 900_000;
const RATE = 1 / 64;
/** A pause counts as so many intervals at most, or it would be taken for the rhythm. */
const MOST_INTERVALS = 4;
/** So much later than usual is not late. */
const PUNCTUAL = 1.5;
/** Of intervals that are remembered: rhythms change. */
const MEMORY = 2_000;
const MOST_EVIDENCE = 40;

/**
 * How regularly something comes, and how improbable it is that it has not come for so long: each arrival that was due and did not come is
 * as improbable as such misses have been (Laplace's rule of succession), so what comes and goes by nature says little and what never missed
 * says much. Chances multiply as if misses were independent; what makes many things miss at once is to be told apart by the caller. O(1).
 */
export class Rhythm {
  private readonly leastMs: number;
  private firstMs = 0;
  private intervals = 0;
  private missed = 0;
  private longestMs = 0;
  lastMs = 0;
  intervalMs = 0;

  /** `leastMs`: what comes more often counts as coming so often. */
  constructor(leastMs: number) {
    this.leastMs = leastMs;
  }

  /** Something came; more of it at the same moment is nothing new. `resumedMs`: before then nothing could come for a while. */
  arrive(nowMs: number, resumedMs = 0): void {
    const gapMs = nowMs - this.lastMs;
    if (gapMs <= 0) return;
    if (this.lastMs === 0) this.firstMs = nowMs;
    else if (this.lastMs >= resumedMs) this.learn(Math.max(this.leastMs, gapMs));
    this.lastMs = nowMs;
  }

  /** In nats, of its having stopped; 0 while learning, while it is not due, and for pauses such as it has made. */
  evidence(nowMs: number, resumedMs = 0): number {
    if (this.intervals < FEWEST_INTERVALS || this.lastMs - this.firstMs < LEAST_RHYTHM_MS) return 0;
    const silentMs = nowMs - Math.max(this.lastMs, resumedMs);
    const due = Math.floor(silentMs / this.intervalMs - (PUNCTUAL - 1));
    if (due <= 0 || silentMs <= PUNCTUAL * this.longestMs) return 0;
    return Math.min(MOST_EVIDENCE, due * Math.max(0, Math.log((this.intervals + 2) / (this.missed + 1))));
  }

  private learn(gapMs: number): void {
    this.intervals += 1;
    if (this.intervals === 1) this.intervalMs = gapMs;
    this.longestMs = Math.max(this.longestMs, gapMs);
    if (gapMs > PUNCTUAL * this.intervalMs) this.missed += Math.round(gapMs / this.intervalMs) - 1;
    const rate = Math.max(RATE, 1 / this.intervals);
    this.intervalMs += rate * (Math.min(gapMs, MOST_INTERVALS * this.intervalMs) - this.intervalMs);
    if (this.intervals <= MEMORY) return;
    this.intervals /= 2;
    this.missed /= 2;
    this.longestMs = Math.max(this.longestMs / 2, this.intervalMs);
  }
}
