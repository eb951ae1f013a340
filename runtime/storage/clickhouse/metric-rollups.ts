import { MetricKind, Presence } from '../../../proto/columns/index.ts';
import {
  HOURS_A_DAY,
  hourOf,
  MS_PER_HOUR,
  MS_PER_SLOT,
  rangeOfHour,
  SLOTS_AN_HOUR,
} from '../../../workers/hours/index.ts';
import type { Connection } from './connection.ts';
import { ONE_BLOCK } from './one-block.ts';

/** After the end of an hour: until then its last points are under way. */
const GRACE_MS = 300_000;
/** Hours rolled up after one segment at most: the next segment waits. */
const HOURS_A_SEGMENT = 4;
/** Points read for one insert at most, so that an hour of any size fits the engine's memory. */
const POINTS_AN_INSERT = 500_000;
/** After a failure. */
const RETRY_MS = 60_000;

/**
 * Points that a stream has in a slot, in the mean of an hour, so that its slots are kept, too: a slot keeps two of them. At a point
 * in 15 s reading slots takes a third of the time, at one a minute as long (decision 6).
 */
const POINTS_A_SLOT = 8;

const KEYS = `serviceNamespace, serviceName, serviceEnvironment, metricName, metric, metricKind, resource, scope,
  attributes, explicitBounds`;
const FIGURES = `samples, minimum, maximum, total, timesMs, values, counts, sums, buckets, bucketLengths, weights`;

/** A list without its last item, and the one before the first in front. */
const before = (list: string, first: string): string =>
  `arraySlice(arrayPushFront(${list}, ${first}), 1, length(${list}))`;
/** A list without its first item, and the one behind the last at the end. */
const behind = (list: string, last: string): string =>
  `arraySlice(arrayPushBack(${list}, ${last}), 2, length(${list}))`;

const STREAM = `${KEYS}, period`;

/** Step by step in subqueries: what one of them names is computed once, what a WITH names wherever it is used. */
const POINTS_OF_STREAMS = `
  SELECT
    ${KEYS},
    toUInt32(intDiv(toInt64(intDiv(timeUnixNano, 1000000)) - 1, {periodMs:UInt32})) AS period,
    metric IN (
      SELECT id FROM metrics WHERE temporality != {delta:Int32} AND (isMonotonic = 1 OR kind = 'histogram')
    ) AS isCounter,
    arraySort(point -> point.1, groupArrayIf(
      (
        intDiv(timeUnixNano, 1000000),
        if(valueKind = 2, toFloat64(intValue), doubleValue),
        count,
        if(metricKind != {histogram:UInt8}, 0., if(bitAnd(presence, {hasSum:UInt8}) = 0, nan, sum)),
        bucketCounts
      ),
      bitAnd(flags, 1) = 0 AND metricKind IN {rolledKinds:Array(UInt8)}
    )) AS points
  FROM metric_points
  WHERE timeUnixNano >= {from:UInt64} AND timeUnixNano < {to:UInt64} AND segment <= {through:UInt64}
    AND cityHash64(metricName, serviceName, serviceNamespace, serviceEnvironment) % {parts:UInt32} = {part:UInt32}
  GROUP BY ${STREAM}`;
const SAMPLES_OF_STREAMS = `
  SELECT
    ${STREAM}, isCounter,
    arrayFilter((point, next) -> point.1 != next, points, ${behind('points.1', 'toUInt64(0)')}) AS found,
    arrayMap(list -> arrayCumSum(list), found.5) AS cumulative
  FROM (${POINTS_OF_STREAMS})`;
const FALLS_OF_STREAMS = `
  SELECT
    ${STREAM}, isCounter, found,
    if(isCounter, arrayMap(
      (value, lastValue, count, lastCount, sum, lastSum, list, lastList) ->
        NOT (value >= lastValue) OR count < lastCount OR isNaN(sum) != isNaN(lastSum) OR sum < lastSum
        OR length(list) != length(lastList)
        OR arrayExists((item, lastItem) -> item < lastItem, list, arrayResize(lastList, length(list))),
      found.2, ${before('found.2', '-inf')},
      found.3, ${before('found.3', 'toUInt64(0)')},
      found.4, ${before('found.4', '-inf')},
      cumulative, ${before('cumulative', '[]')}
    ), arrayMap(time -> 0, found.1)) AS falls
  FROM (${SAMPLES_OF_STREAMS})`;
const KEPT_OF_STREAMS = `
  SELECT
    ${STREAM},
    found.2 AS allValues,
    arrayFilter(value -> NOT isNaN(value), allValues) AS numbers,
    arrayFilter(
      (place, fall, next) -> place = 1 OR place = length(falls) OR fall OR next,
      arrayEnumerate(falls), falls, ${behind('falls', '0')}
    ) AS places,
    arrayMap(place -> found[place], places) AS kept
  FROM (${FALLS_OF_STREAMS})`;

/** Of the points of an hour, part by part of them. */
const insertOf = ({ table, column }: Level): string => `
  INSERT INTO ${table} (${column}, segment, day, ${KEYS}, ${FIGURES})
  SELECT
    period, {through:UInt64}, toDate(intDiv({hour:UInt32}, ${HOURS_A_DAY})), ${KEYS},
    length(allValues),
    if(empty(numbers), nan, arrayMin(numbers)),
    if(empty(numbers), nan, arrayMax(numbers)),
    if(arrayExists(value -> NOT isFinite(value), allValues), arraySum(allValues), arrayReduce('sumKahan', allValues)),
    kept.1, kept.2, kept.3, kept.4,
    arrayFlatten(kept.5),
    arrayMap(list -> toUInt32(length(list)), kept.5),
    arrayMap((place, last) -> toUInt32(place - last), places, ${before('places', 'toUInt32(0)')})
  FROM (${KEPT_OF_STREAMS})`;

interface Level {
  readonly table: 'metric_hours' | 'metric_slots';
  readonly column: 'hour' | 'slot';
  readonly periodMs: number;
}

const HOURS: Level = { table: 'metric_hours', column: 'hour', periodMs: MS_PER_HOUR };
const SLOTS: Level = { table: 'metric_slots', column: 'slot', periodMs: MS_PER_SLOT };

const PARAMETERS = {
  delta: 1,
  hasSum: Presence.sum,
  histogram: MetricKind.histogram,
  rolledKinds: [MetricKind.gauge, MetricKind.sum, MetricKind.histogram],
};

export interface MetricRollupsOptions {
  readonly connection: Connection;
  /** Days that points are kept. */
  readonly retentionDays: number;
  readonly now: () => number;
  /** An hour could not be rolled up: its points are read until another attempt succeeds. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Rolls up the points of hours that are over, by the hour and, where they are dense, by slots of five minutes. Called between segments, so that no rows come meanwhile. Readers learn from
 * `rolled_hours` and `touched_hours` what an hour's rows hold: see history/rolled-hours.ts.
 */
export class MetricRollups {
  private readonly options: MetricRollupsOptions;
  /** Nothing is to be done before. */
  private nextMs = 0;

  constructor(options: MetricRollupsOptions) {
    this.options = options;
  }

  /** The segment has points of these hours. To be called before its mark is written. A second time it changes nothing. */
  async touch(segment: number, hours: readonly number[]): Promise<void> {
    if (hours.length === 0) return;
    await this.options.connection.run(
      `INSERT INTO touched_hours (hour, segment, day)
       SELECT arrayJoin({hours:Array(UInt32)}) AS hour, {segment:UInt64}, toDate(intDiv(hour, ${HOURS_A_DAY}))`,
      { hours: [...hours], segment },
    );
  }

  /** Segments up to `through` are complete, and there is no other. Rejects never. */
  async rollUp(through: number): Promise<void> {
    const nowMs = this.options.now();
    if (nowMs < this.nextMs) return;
    try {
      const due = await this.dueHours(nowMs);
      for (const hour of due) await this.rollUpHour(hour, through);
      const isDone = due.length < HOURS_A_SEGMENT;
      if (isDone) this.nextMs = (hourOf(nowMs - GRACE_MS) + 1) * MS_PER_HOUR + GRACE_MS;
    } catch (error) {
      this.nextMs = nowMs + RETRY_MS;
      this.options.onFailure(error);
    }
  }

  /** Hours that are over and have points that are not rolled up, the latest first; none whose points are being dropped. */
  private async dueHours(nowMs: number): Promise<number[]> {
    const rows = await this.options.connection.rows(
      `SELECT hour
       FROM (SELECT hour, max(segment) AS touched FROM touched_hours GROUP BY hour) AS touches
       LEFT JOIN (SELECT hour, max(segment) AS rolled FROM rolled_hours GROUP BY hour) AS rolls USING (hour)
       WHERE touched > rolled AND hour < {before:UInt32} AND hour >= {oldest:UInt32}
       ORDER BY hour DESC LIMIT {limit:UInt32}`,
      {
        before: hourOf(nowMs - GRACE_MS),
        oldest: oldestWholeHour(nowMs, this.options.retentionDays),
        limit: HOURS_A_SEGMENT,
      },
    );
    return rows.map(([hour]) => Number(hour));
  }

  /**
   * What was begun up to the same segment has the same tokens, what was begun up to another is never read: the mark
   * comes last and says which.
   */
  private async rollUpHour(hour: number, through: number): Promise<void> {
    const { connection } = this.options;
    const { fromUnixNano, toUnixNano } = rangeOfHour(hour);
    const of = { hour, through, from: String(fromUnixNano), to: String(toUnixNano) };
    const [[points, streams] = ['0', '0']] = await connection.rows(
      `SELECT count(), uniq(metric, resource, scope, attributes, explicitBounds) FROM metric_points
       WHERE timeUnixNano >= {from:UInt64} AND timeUnixNano < {to:UInt64} AND segment <= {through:UInt64}`,
      of,
    );
    const parts = Math.max(1, Math.ceil(Number(points) / POINTS_AN_INSERT));
    const hasSlots = Number(points) >= Number(streams) * SLOTS_AN_HOUR * POINTS_A_SLOT;
    for (const level of hasSlots ? [HOURS, SLOTS] : [HOURS]) {
      for (let part = 0; part < parts; part += 1) {
        await connection.run(
          insertOf(level),
          { ...of, ...PARAMETERS, periodMs: level.periodMs, parts, part },
          {
            ...ONE_BLOCK,
            insert_deduplicate: 1,
            insert_deduplication_token: `ophion:${level.column}:${hour}:${through}:${part}:${parts}`,
          },
        );
      }
    }
    await connection.run(
      `INSERT INTO rolled_hours (hour, segment, day, hasSlots, inDays)
       SELECT {hour:UInt32}, {through:UInt64}, toDate(intDiv({hour:UInt32}, ${HOURS_A_DAY})), {hasSlots:UInt8}, 1`,
      { ...of, hasSlots: Number(hasSlots) },
    );
  }
}

/** Of hours from this one on, no points have been dropped for their age. */
export function oldestWholeHour(nowMs: number, retentionDays: number): number {
  const today = Math.floor(nowMs / (HOURS_A_DAY * MS_PER_HOUR));
  return Math.max(0, (today - retentionDays + 1) * HOURS_A_DAY);
}
