/**
 * Bytes a second, as an average that forgets: what was drained one half-life ago counts half. Right from the first
 * lump on, and falls towards 0 while nothing is drained.
 */
export class DrainRate {
  private readonly halfLifeMs: number;
  private readonly now: () => number;
  private readonly startedMs: number;
  private atMs: number;
  private decayedBytes = 0;

  constructor(halfLifeMs: number, now: () => number) {
    this.halfLifeMs = halfLifeMs;
    this.now = now;
    this.startedMs = now();
    this.atMs = this.startedMs;
  }

  add(bytes: number): void {
    this.decay();
    this.decayedBytes += bytes;
  }

  bytesPerSecond(): number {
    this.decay();
    // How much a steady 1 B/ms would have gathered by now.
    const gatheredMs = (this.halfLifeMs / Math.LN2) * (1 - this.factor(this.atMs - this.startedMs));
    return gatheredMs <= 0 ? 0 : (this.decayedBytes / gatheredMs) * 1_000;
  }

  private decay(): void {
    const nowMs = this.now();
    this.decayedBytes *= this.factor(nowMs - this.atMs);
    this.atMs = nowMs;
  }

  private factor(elapsedMs: number): number {
    return 2 ** (-elapsedMs / this.halfLifeMs);
  }
}
