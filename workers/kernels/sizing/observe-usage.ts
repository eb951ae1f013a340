import type { UsageHistory, UsageHour, UsageObservation } from './sizing-input.ts';

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;
/** A week, so that each day of it counts, and the day that is under way. */
const MOST_DAYS = 8;
export const MOST_HOURS = MOST_DAYS * HOURS_A_DAY;
/** Usage of this share of a limit is near it. */
const NEAR = 0.9;
/** A limit that changed by less is as it was. */
const SAME_LIMIT = 0.01;
/** Width of a bucket, as in the histograms of Kubernetes' Vertical Pod Autoscaler. */
const GROWTH = 1.05;
const LOG_GROWTH = Math.log(GROWTH);
const LEAST_BUCKET = -1_000;

/** Of what nothing was seen; no method. */
export const NO_USAGE: UsageHistory = { limit: null, reserved: null, instances: 0, hours: [], days: [] };

/** Bucket of a usage: what is in it is above the bound of the bucket before. Nothing and less is in the least. */
function usageBucket(usage: number): number {
  return usage > 0 ? Math.max(LEAST_BUCKET, Math.ceil(Math.log(usage) / LOG_GROWTH - 1e-9)) : LEAST_BUCKET;
}

/** Upper bound of a bucket. */
function bucketBound(bucket: number): number {
  return bucket === LEAST_BUCKET ? 0 : GROWTH ** bucket;
}

/**
 * The history with what was seen just now. Days older than a week are forgotten; when the limit has changed, so is what was said of the
 * one before. Usage and limits that are not finite are passed over. Buckets grow by a constant factor, as in DDSketch (Masson et al.,
 * VLDB 2019); how long what is remembered is a rule of ours. O(points + hours + buckets).
 *
 * @param observation in cores, bytes, connections or shares, all of one history alike
 * @param nowMs Unix ms
 */
export function observeUsage(
  history: UsageHistory,
  observation: UsageObservation,
  nowMs: number,
): UsageHistory {
  const usage = observation.usage.filter(Number.isFinite);
  const hour = Math.floor(nowMs / HOUR_MS);
  const day = Math.floor(hour / HOURS_A_DAY);
  const limit = finiteOr(observation.limit, history.limit);
  const isSame = limit === null || history.limit === null || isNear(limit, history.limit);
  const before = isSame ? history.hours : history.hours.map(withoutSigns);
  return {
    limit,
    reserved: finiteOr(observation.reserved, history.reserved),
    instances: observation.instances > 0 ? observation.instances : history.instances,
    hours: withHour(before, hourOf(hour, usage, limit, observation)).filter(
      ([at]) => at > hour - MOST_HOURS && at <= hour,
    ),
    days: withDay(history.days, day, usage).filter((each) => each.day > day - MOST_DAYS && each.day <= day),
  };
}

/** The least usage that a share `q` of all points does not exceed, within 5 %; NaN without points. */
export function usageQuantile({ days }: UsageHistory, q: number): number {
  const counts = new Map<number, number>();
  let total = 0;
  for (const [bucket, count] of days.flatMap((day) => day.counts)) {
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    total += count;
  }
  let rank = Math.max(1, Math.ceil(q * total));
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    rank -= count;
    if (rank <= 0) return bucketBound(bucket);
  }
  return Number.NaN;
}

function finiteOr(value: number | undefined, otherwise: number | null): number | null {
  return value !== undefined && Number.isFinite(value) ? value : otherwise;
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME_LIMIT * Math.max(Math.abs(one), Math.abs(other));
}

function withoutSigns([hour, peak, points]: UsageHour): UsageHour {
  return [hour, peak, points, 0, 0, 0, 0, 0, 0, 0];
}

function hourOf(
  hour: number,
  usage: Float64Array,
  limit: number | null,
  { looked, pressed, waits, waitSeconds, uses, useSeconds }: UsageObservation,
): UsageHour {
  const near = limit === null ? 0 : usage.filter((value) => value >= NEAR * limit).length;
  const peak = usage.reduce((most, value) => Math.max(most, value), 0);
  return [hour, peak, usage.length, near, looked, pressed, waits, waitSeconds, uses, useSeconds];
}

function withHour(hours: readonly UsageHour[], now: UsageHour): UsageHour[] {
  const last = hours.at(-1);
  if (last?.[0] !== now[0]) return [...hours, now];
  const [hour, peak, ...sums] = now;
  const [, peakBefore, ...sumsBefore] = last;
  const added = sums.map((value, at) => value + (sumsBefore[at] ?? 0));
  return [...hours.slice(0, -1), [hour, Math.max(peak, peakBefore), ...added] as unknown as UsageHour];
}

function withDay(days: UsageHistory['days'], day: number, usage: Float64Array): UsageHistory['days'] {
  if (usage.length === 0) return days;
  const last = days.at(-1);
  const counts = new Map(last?.day === day ? last.counts : []);
  for (const value of usage) {
    const bucket = usageBucket(value);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const others = last?.day === day ? days.slice(0, -1) : days;
  return [...others, { day, counts: [...counts] }];
}
