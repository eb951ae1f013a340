const SAMPLE_MS = 50;
const RELIEVE_MS = 1_000;
/**
 * What those take that were let in, and those that come between two looks of a process that is short of processors, too: as was seen
 * under ten times the load. Within these shares of the bound.
 */
const HEADROOM_BYTES = 160 * 2 ** 20;
const LEAST_HEADROOM = 0.1;
const MOST_HEADROOM = 0.2;
/** Of the bound: it opens so much lower than it closes, not to do either with every request. */
const BETWEEN = 0.05;
/** So long nothing that was let go has made it less: what is left cannot be had. */
const STILL_MS = 5_000;
/** Of the bound: less than that is not counted as becoming less. */
const LEAST_FALL = 0.001;
/** Of what is left up to the bound then: it may grow so much before it closes again. */
const GROWTH_WHEN_STILL = 0.25;

export interface MemoryGateOptions {
  /** What the process may take in all. */
  readonly maxBytes: number;
  readonly readResidentBytes: () => number;
  /** Collect garbage: tried first, once a second while memory is short. */
  readonly collect: () => void;
  /** Let go of so much that is worth keeping: when a second later memory is still short. */
  readonly squeeze: (excessBytes: number) => void;
  /** Monotonic ms. */
  readonly now: () => number;
}

/**
 * Whether the process is so near its memory's bound that it must not take anything more. It opens when memory became less, and also
 * when it does not become less any more, above where it closes otherwise: what is left then is mostly what the allocator keeps, and
 * uses for what comes next.
 */
export class MemoryGate {
  private readonly options: MemoryGateOptions;
  private readonly usuallyClosesAbove: number;
  private readonly betweenBytes: number;
  /** Higher than usual since memory became less no more, until it is as small again as it usually opens at. */
  private closesAbove: number;
  private sampledAtMs = -Infinity;
  private relievedAtMs = -Infinity;
  private isClosed = false;
  private residentBytes = 0;
  /** Least since it closed, and since when. */
  private leastBytes = Infinity;
  private leastAtMs = -Infinity;

  constructor(options: MemoryGateOptions) {
    this.options = options;
    const { maxBytes } = options;
    const most = MOST_HEADROOM * maxBytes;
    const headroom = Math.min(most, Math.max(LEAST_HEADROOM * maxBytes, HEADROOM_BYTES));
    this.usuallyClosesAbove = maxBytes - headroom;
    this.closesAbove = this.usuallyClosesAbove;
    this.betweenBytes = BETWEEN * maxBytes;
  }

  /** What has to go before it opens. */
  get excessBytes(): number {
    return Math.max(0, this.residentBytes - this.opensAt);
  }

  isNearBound(): boolean {
    const { readResidentBytes, now } = this.options;
    const nowMs = now();
    if (nowMs - this.sampledAtMs < SAMPLE_MS) return this.isClosed;
    this.sampledAtMs = nowMs;
    this.residentBytes = readResidentBytes();
    if (this.residentBytes <= this.usuallyClosesAbove - this.betweenBytes) {
      this.closesAbove = this.usuallyClosesAbove;
    }
    this.isClosed = this.isClosed ? !this.opens(nowMs) : this.closes(nowMs);
    return this.isClosed;
  }

  private get opensAt(): number {
    return this.closesAbove - this.betweenBytes;
  }

  private closes(nowMs: number): boolean {
    if (this.residentBytes <= this.closesAbove) return false;
    this.leastBytes = this.residentBytes;
    this.leastAtMs = nowMs;
    this.relieve(false, nowMs);
    return true;
  }

  private opens(nowMs: number): boolean {
    const { residentBytes } = this;
    const { maxBytes } = this.options;
    if (residentBytes <= this.opensAt) return true;
    if (residentBytes < this.leastBytes - LEAST_FALL * maxBytes) {
      this.leastBytes = residentBytes;
      this.leastAtMs = nowMs;
    }
    if (nowMs - this.leastAtMs >= STILL_MS && residentBytes < maxBytes) {
      const raised = residentBytes + GROWTH_WHEN_STILL * (maxBytes - residentBytes);
      this.closesAbove = Math.max(this.usuallyClosesAbove, raised);
      return true;
    }
    this.relieve(true, nowMs);
    return false;
  }

  private relieve(isStillClosed: boolean, nowMs: number): void {
    if (nowMs - this.relievedAtMs < RELIEVE_MS) return;
    this.relievedAtMs = nowMs;
    if (isStillClosed) this.options.squeeze(this.excessBytes);
    this.options.collect();
  }
}
