import { slotOf, type RedSeries } from '../../live/index.ts';

interface Point {
  readonly x: number;
  readonly y: number | null;
}

export interface RedPoints {
  readonly rate: Point[];
  readonly errors: Point[];
  readonly p50: Point[];
  readonly p95: Point[];
  readonly p99: Point[];
}

/**
 * The last `seconds` up to `endSecond`. Before the series began nothing is known: gaps. Later seconds without a row
 * had no requests: rate 0, and no latency, which is a gap.
 */
export function redPoints(series: RedSeries, endSecond: number, seconds: number): RedPoints {
  const points: RedPoints = { rate: [], errors: [], p50: [], p95: [], p99: [] };
  for (let second = endSecond - seconds + 1; second <= endSecond; second++) {
    const x = second * 1_000;
    const slot = slotOf(series, second);
    const requests = slot < 0 ? 0 : (series.requests[slot] ?? 0);
    const isKnown = second >= series.firstSecond;
    const latency = (column: Float32Array) => ({ x, y: requests === 0 ? null : (column[slot] ?? null) });
    points.rate.push({ x, y: isKnown ? requests : null });
    points.errors.push({ x, y: isKnown ? (slot < 0 ? 0 : (series.errors[slot] ?? 0)) : null });
    points.p50.push(latency(series.p50Ms));
    points.p95.push(latency(series.p95Ms));
    points.p99.push(latency(series.p99Ms));
  }
  return points;
}
