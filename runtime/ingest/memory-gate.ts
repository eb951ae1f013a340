const SAMPLE_MS = 50;
const RELIEVE_MS = 1_000;
const CLOSE_AT = 0.9;
/** Lower, so that it does not open and close with every request. */
const OPEN_AT = 0.85;

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
  private sampledAtMs = -Infinity;
  private relievedAtMs = -Infinity;
  private isClosed = false;
  private residentBytes = 0;

  constructor(options: MemoryGateOptions) {
    this.options = options;
  }

  /** What has to go before it opens. */
  get excessBytes(): number {
    return Math.max(0, this.residentBytes - this.options.maxBytes * OPEN_AT);
  }

  isNearBound(): boolean {
    const { maxBytes, readResidentBytes, now } = this.options;
    const nowMs = now();
    if (nowMs - this.sampledAtMs < SAMPLE_MS) return this.isClosed;
    this.sampledAtMs = nowMs;
    this.residentBytes = readResidentBytes();
    const wasClosed = this.isClosed;
    this.isClosed = this.residentBytes > maxBytes * (wasClosed ? OPEN_AT : CLOSE_AT);
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
