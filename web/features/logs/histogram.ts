import type { LogJson } from '../../../proto/api/index.ts';
import { msOfNano } from '../../ui/format.ts';
import { SEVERITY_LEVELS, severityLevel, type SeverityLevel } from '../../ui/otel-names.ts';
import type { ChartPoint } from '../../charts/time-chart.tsx';

export interface SeverityHistogram {
  /** Only levels that occur, least severe first. */
  readonly levels: readonly {
    readonly level: SeverityLevel;
    readonly count: number;
    readonly points: ChartPoint[];
  }[];
  readonly bucketMs: number;
}

const BUCKETS_MS = [
  10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_800_000, 3_600_000, 10_800_000, 21_600_000, 86_400_000,
];
const MOST_BUCKETS = 90;

/** OTLP: a record without a time has the time it was observed. */
export const timeOf = (log: LogJson): string =>
  /^0*$/.test(log.timeUnixNano) ? log.observedTimeUnixNano : log.timeUnixNano;

/** Records by time and severity. Covers exactly the records given, whatever else there may be. */
export function severityHistogram(logs: readonly LogJson[], fromMs: number, toMs: number): SeverityHistogram {
  const bucketMs = BUCKETS_MS.find((size) => (toMs - fromMs) / size <= MOST_BUCKETS) ?? 86_400_000;
  const first = Math.floor(fromMs / bucketMs);
  const count = Math.max(1, Math.floor(toMs / bucketMs) - first + 1);
  const counts = new Map<SeverityLevel, Float64Array>();
  for (const log of logs) {
    const bucket = Math.floor(msOfNano(timeOf(log)) / bucketMs) - first;
    if (bucket < 0 || bucket >= count) continue;
    const level = severityLevel(log.severityNumber);
    const row = counts.get(level) ?? new Float64Array(count);
    row[bucket] = (row[bucket] ?? 0) + 1;
    counts.set(level, row);
  }
  const levels = SEVERITY_LEVELS.flatMap((level) => {
    const row = counts.get(level);
    if (row === undefined) return [];
    const points = Array.from(row, (y, at) => ({ x: (first + at + 0.5) * bucketMs, y }));
    return [{ level, count: row.reduce((sum, one) => sum + one, 0), points }];
  });
  return { levels, bucketMs };
}
