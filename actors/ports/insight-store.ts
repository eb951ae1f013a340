import type { InsightJson } from '../../proto/api/index.ts';

/** What people said of a series' anomalies, all together. */
export interface SeriesFeedback extends Verdicts {
  /** `seriesKey` of the evidence. */
  readonly seriesKey: string;
}

/** How many verdicts people gave of each kind. */
export interface Verdicts {
  readonly useful: number;
  readonly notUseful: number;
}

/** Where insights are kept. Its one writer is the insights actor; people's feedback comes in beside it. */
export interface InsightStore {
  /** Those that held when the platform stopped. */
  readOpen(): Promise<readonly InsightJson[]>;
  /** Writes them whole, each in the place of what was kept under its id. Rejects with `StorageUnavailableError`. */
  save(insights: readonly InsightJson[]): Promise<void>;
  readFeedback(): Promise<readonly SeriesFeedback[]>;
  /** Of all insights that are kept: useful ÷ (useful + not useful) is their live precision. */
  readVerdicts(): Promise<Verdicts>;
}
