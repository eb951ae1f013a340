import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

const INTERVAL_MS = 20;

/** How long the event loop keeps others waiting. */
export class LoopDelay {
  private readonly turns: Pick<IntervalHistogram, 'percentile' | 'reset'>;

  /** `turns`: nanoseconds from one turn of a timer of 20 ms to the next. */
  constructor(turns: Pick<IntervalHistogram, 'percentile' | 'reset'> = startTimer()) {
    this.turns = turns;
  }

  /** Seconds, by quantile, since this was asked last. Of turns that came on time nothing is left: Node counts the interval in. */
  take(quantiles: readonly number[]): readonly (readonly [quantile: number, seconds: number])[] {
    const taken = quantiles.map((quantile) => {
      const lateNs = this.turns.percentile(quantile * 100) - INTERVAL_MS * 1e6;
      return [quantile, Math.max(0, lateNs) / 1e9] as const;
    });
    this.turns.reset();
    return taken;
  }
}

function startTimer(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: INTERVAL_MS });
  histogram.enable();
  return histogram;
}
