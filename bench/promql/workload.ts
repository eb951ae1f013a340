/** Histograms that both sides get: a counter of observations for each of ten buckets, every fifteen seconds. */
export interface Workload {
  readonly histograms: number;
  readonly startMs: number;
  readonly points: number;
}

export const STEP_MS = 15_000;
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
export const BUCKETS = BOUNDS.length + 1;
export const METRIC = 'bench.request.duration';
export const SERIES_NAME = 'bench_request_duration_seconds_bucket';

export const timeOf = ({ startMs }: Workload, point: number): number => startMs + point * STEP_MS;

/** How many observations a bucket has at a point, not cumulative over buckets; a restart sets all back now and then. */
export function bucketCount(histogram: number, bucket: number, point: number): number {
  const life = 500 + (histogram % 7) * 100;
  return (point % life) * (1 + ((histogram * 31 + bucket * 17) % 13));
}
