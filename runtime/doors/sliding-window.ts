export interface SlidingWindowOptions {
  readonly most: number;
  readonly windowMs: number;
  /** Keys that are remembered; the one that asked longest ago is forgotten first. */
  readonly mostKeys: number;
  readonly now: () => number;
}

/**
 * So many of one key in any stretch of time, by when each was. Fixed windows would let twice as many through where two of them
 * meet.
 */
export class SlidingWindow {
  private readonly options: SlidingWindowOptions;
  private readonly times = new Map<string, number[]>();

  constructor(options: SlidingWindowOptions) {
    this.options = options;
  }

  /** Milliseconds to wait; 0: it was counted, and may go on. */
  take(key: string): number {
    const { most, windowMs, mostKeys, now } = this.options;
    const nowMs = now();
    const recent = (this.times.get(key) ?? []).filter((timeMs) => timeMs > nowMs - windowMs);
    this.times.delete(key);
    this.times.set(key, recent);
    if (this.times.size > mostKeys) this.times.delete(this.times.keys().next().value ?? '');
    if (recent.length >= most) return (recent[0] ?? nowMs) + windowMs - nowMs;
    recent.push(nowMs);
    return 0;
  }

  get keyCount(): number {
    return this.times.size;
  }
}
