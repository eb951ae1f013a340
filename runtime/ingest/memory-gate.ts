const SAMPLE_MS = 50;
const CLOSE_AT = 0.9;
/** Lower, so that it does not open and close with every request. */
const OPEN_AT = 0.85;

export interface MemoryGateOptions {
  /** What the process may take in all. */
  readonly maxBytes: number;
  readonly readResidentBytes: () => number;
  /** Called when memory is short, at most once a second: give back what can be given back. */
  readonly relieve: (excessBytes: number) => void;
  /** Monotonic ms. */
  readonly now: () => number;
}

const RELIEVE_MS = 1_000;

/** Whether the process is so near its memory's bound that it must not take anything more. */
export class MemoryGate {
  private readonly options: MemoryGateOptions;
  private sampledAtMs = -Infinity;
  private relievedAtMs = -Infinity;
  private isClosed = false;
  residentBytes = 0;

  constructor(options: MemoryGateOptions) {
    this.options = options;
  }

  /** What has to go before it opens. */
  get excessBytes(): number {
    return Math.max(0, this.residentBytes - this.options.maxBytes * OPEN_AT);
  }

  isNearBound(): boolean {
    const { maxBytes, readResidentBytes, relieve, now } = this.options;
    const nowMs = now();
    if (nowMs - this.sampledAtMs < SAMPLE_MS) return this.isClosed;
    this.sampledAtMs = nowMs;
    this.residentBytes = readResidentBytes();
    this.isClosed = this.residentBytes > maxBytes * (this.isClosed ? OPEN_AT : CLOSE_AT);
    if (this.isClosed && nowMs - this.relievedAtMs >= RELIEVE_MS) {
      this.relievedAtMs = nowMs;
      relieve(this.excessBytes);
    }
    return this.isClosed;
  }
}
