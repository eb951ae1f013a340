import { slotOf, type RedSeries } from './red-store.ts';

/** A service or operation over a stretch of seconds. Latencies are NaN when there was no request. */
export interface RedFigures {
  readonly requests: number;
  readonly errors: number;
  /** Requests a second. */
  readonly rate: number;
  /** Errors by requests; 0 without requests. */
  readonly errorRatio: number;
  /** Means of the per-second percentiles, weighted by requests: percentiles themselves cannot be added up. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** 0 to 1; NaN without requests. */
  readonly apdex: number;
}

/** Over `windowSeconds` up to and with `endSecond`. A series younger than the window is divided by its own age. */
export function figuresOver(series: RedSeries, endSecond: number, windowSeconds: number): RedFigures {
  let requests = 0;
  let errors = 0;
  let satisfied = 0;
  let tolerated = 0;
  let p50 = 0;
  let p95 = 0;
  let p99 = 0;
  for (let second = endSecond - windowSeconds + 1; second <= endSecond; second++) {
    const slot = slotOf(series, second);
    if (slot < 0) continue;
    const weight = series.requests[slot] ?? 0;
    if (weight === 0) continue;
    requests += weight;
    errors += series.errors[slot] ?? 0;
    satisfied += series.satisfied[slot] ?? 0;
    tolerated += series.tolerated[slot] ?? 0;
    p50 += weight * (series.p50Ms[slot] ?? 0);
    p95 += weight * (series.p95Ms[slot] ?? 0);
    p99 += weight * (series.p99Ms[slot] ?? 0);
  }
  const age = Math.min(windowSeconds, Math.max(1, endSecond - series.firstSecond + 1));
  return {
    requests,
    errors,
    rate: requests / age,
    errorRatio: requests === 0 ? 0 : errors / requests,
    p50Ms: p50 / requests,
    p95Ms: p95 / requests,
    p99Ms: p99 / requests,
    apdex: (satisfied + tolerated / 2) / requests,
  };
}

/** How far p95 over the window stands above p95 over the whole ring: 0.5 is half as much again. Never below 0. */
export function p95Deviation(series: RedSeries, endSecond: number, windowP95Ms: number): number {
  const usual = figuresOver(series, endSecond, series.seconds.length).p95Ms;
  const deviation = windowP95Ms / usual - 1;
  return deviation > 0 && Number.isFinite(deviation) ? deviation : 0;
}

export interface IngestFigures {
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
}

/** Items that arrived a second, over all series, averaged over `windowSeconds`. */
export function ingestOver(
  all: Iterable<RedSeries>,
  endSecond: number,
  windowSeconds: number,
): IngestFigures {
  let spans = 0;
  let logs = 0;
  let points = 0;
  for (const series of all) {
    for (let second = endSecond - windowSeconds + 1; second <= endSecond; second++) {
      const slot = slotOf(series, second);
      if (slot < 0) continue;
      spans += series.spans[slot] ?? 0;
      logs += series.logs[slot] ?? 0;
      points += series.points[slot] ?? 0;
    }
  }
  return { spans: spans / windowSeconds, logs: logs / windowSeconds, points: points / windowSeconds };
}
