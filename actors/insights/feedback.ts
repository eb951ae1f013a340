import type { InsightStore, SeriesFeedback, Verdicts } from '../ports/index.ts';

const READ_EVERY_MS = 60_000;
/** Each person that found a series' insight of no use asks for so much more evidence, in nats: twenty times as much. */
const NATS_A_VOTE = 3;
const MOST_NATS = 30;

/** What people said of series, as evidence that is asked of them beyond what is asked of all. */
export class Feedback {
  private lenience = new Map<string, number>();
  /** Of all insights that are kept. */
  verdicts: Verdicts = { useful: 0, notUseful: 0 };
  private readMs = Number.NEGATIVE_INFINITY;

  lenienceOf(seriesKey: string): number {
    return this.lenience.get(seriesKey) ?? 0;
  }

  /** Once a minute. Rejects as the store does; what was known stays. */
  async refresh(store: InsightStore, nowMs: number): Promise<void> {
    if (nowMs - this.readMs < READ_EVERY_MS) return;
    this.readMs = nowMs;
    const [all, verdicts] = await Promise.all([store.readFeedback(), store.readVerdicts()]);
    this.verdicts = verdicts;
    this.lenience = new Map(all.map((each) => [each.seriesKey, lenienceFor(each)]));
  }
}

function lenienceFor({ useful, notUseful }: SeriesFeedback): number {
  return Math.min(MOST_NATS, NATS_A_VOTE * Math.max(0, notUseful - useful));
}
