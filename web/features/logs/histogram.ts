import type { AggregateJson, LogJson } from '../../../proto/api/index.ts';
import { msOfNano } from '../../ui/format.ts';
import { SEVERITY_LEVELS, type SeverityLevel } from '../../ui/otel-names.ts';
import type { ChartPoint } from '../../charts/time-chart.tsx';

/** Only levels that occur, least severe first. */
export type SeverityHistogram = readonly {
  readonly level: SeverityLevel;
  readonly count: number;
  readonly points: ChartPoint[];
}[];

const BUCKETS_MS = [
  10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_800_000, 3_600_000, 10_800_000, 21_600_000, 86_400_000,
];
const MOST_BUCKETS = 90;

/** OTLP: a record without a time has the time it was observed. */
export const timeOf = (log: LogJson): string =>
  /^0*$/.test(log.timeUnixNano) ? log.observedTimeUnixNano : log.timeUnixNano;

/** Width of the bars that a stretch of time is cut into. */
export const bucketMsOf = (rangeMs: number): number =>
  BUCKETS_MS.find((size) => rangeMs / size <= MOST_BUCKETS) ?? Math.ceil(rangeMs / MOST_BUCKETS);

/** Records counted by level and time bucket as bars; where there are none stands 0. */
export function severityHistogram(
  { groups }: Pick<AggregateJson, 'groups'>,
  bucketMs: number,
): SeverityHistogram {
  const times = new Set(groups.flatMap(({ buckets }) => buckets.map((one) => msOfNano(one.timeUnixNano))));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return SEVERITY_LEVELS.flatMap((level) => {
    const group = groups.find(({ key }) => (key[0]?.value ?? 'unset') === level);
    if (!group) return [];
    const counts = new Map(group.buckets.map((one) => [msOfNano(one.timeUnixNano), one.count]));
    const points: ChartPoint[] = [];
    for (let at = first; at <= last; at += bucketMs) {
      points.push({ x: at + bucketMs / 2, y: counts.get(at) ?? 0 });
    }
    return [{ level, count: group.count, points }];
  });
}
