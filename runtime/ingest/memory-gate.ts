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

/** Whether the process is so near its memory's bound that it must not take anything more. */
export class MemoryGate {
  private readonly options: MemoryGateOptions;
  private readonly closeAtBytes: number;
  private readonly openAtBytes: number;
  private sampledAtMs = -Infinity;
  private relievedAtMs = -Infinity;
  private isClosed = false;
  private residentBytes = 0;

  constructor(options: MemoryGateOptions) {
    this.options = options;
    const { maxBytes } = options;
    const most = MOST_HEADROOM * maxBytes;
    const headroom = Math.min(most, Math.max(LEAST_HEADROOM * maxBytes, HEADROOM_BYTES));
    this.closeAtBytes = maxBytes - headroom;
    this.openAtBytes = this.closeAtBytes - BETWEEN * maxBytes;
  }

  /** What has to go before it opens. */
  get excessBytes(): number {
    return Math.max(0, this.residentBytes - this.openAtBytes);
  }

  isNearBound(): boolean {
    const { readResidentBytes, now } = this.options;
    const nowMs = now();
    if (nowMs - this.sampledAtMs < SAMPLE_MS) return this.isClosed;
    this.sampledAtMs = nowMs;
    this.residentBytes = readResidentBytes();
    const wasClosed = this.isClosed;
    this.isClosed = this.residentBytes > (wasClosed ? this.openAtBytes : this.closeAtBytes);
    if (this.isClosed) this.relieve(wasClosed, nowMs);
    return this.isClosed;
  }

  private relieve(isStillClosed: boolean, nowMs: number): void {
    if (nowMs - this.relievedAtMs < RELIEVE_MS) return;
    this.relievedAtMs = nowMs;
    if (isStillClosed) this.options.squeeze(this.excessBytes);
    this.options.collect();
  }
}
