/** What is older hardly counts any more. */
const MEMORY_MS = 60_000;

/** How often something happened of late, older events counting less and less. */
export class RecentRate {
  private weight = 0;
  private atMs = 0;
  private firstMs = Number.NaN;

  add(events: number, nowMs: number): void {
    if (Number.isNaN(this.firstMs)) this.firstMs = nowMs;
    this.weight = this.weight * this.fadeTo(nowMs) + events;
    this.atMs = nowMs;
  }

  /** A second; of a first batch as if it had come within a tenth of the memory. */
  at(nowMs: number): number {
    if (Number.isNaN(this.firstMs)) return 0;
    const ageMs = Math.max(MEMORY_MS / 10, nowMs - this.firstMs);
    const seconds = (MEMORY_MS / 1_000) * (1 - Math.exp(-ageMs / MEMORY_MS));
    return (this.weight * this.fadeTo(nowMs)) / seconds;
  }

  private fadeTo(nowMs: number): number {
    return Math.exp(-Math.max(0, nowMs - this.atMs) / MEMORY_MS);
  }
}
