const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 160_000;
/** Of a tick, which waits for them. */
const MOST_A_TICK = 4;

/**
 * When causes may be looked for. An analysis that has no answer in time costs its thread and holds up the tick, and the next one would fare
 * no better: none is begun for a while then, twice as long after each that fails. Of those that are answered so many are begun a tick.
 */
export class AnalysisRest {
  private untilMs = 0;
  private restMs = 0;
  private tickMs = 0;
  private begun = 0;

  isOver(nowMs: number): boolean {
    if (nowMs !== this.tickMs) this.begun = 0;
    return this.leftMs(nowMs) === 0 && this.begun < MOST_A_TICK;
  }

  /** How long none is begun after one that had no answer. */
  leftMs(nowMs: number): number {
    return Math.max(0, this.untilMs - nowMs);
  }

  /** That one was begun, and whether it had an answer. `nowMs` is the same throughout a tick. */
  note(isAnswered: boolean, nowMs: number): void {
    this.begun = nowMs === this.tickMs ? this.begun + 1 : 1;
    this.tickMs = nowMs;
    this.restMs = isAnswered ? 0 : Math.min(LONGEST_REST_MS, Math.max(FIRST_REST_MS, 2 * this.restMs));
    if (!isAnswered) this.untilMs = nowMs + this.restMs;
  }
}
