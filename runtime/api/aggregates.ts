import type { z } from 'zod';
import type { QueryRun } from '../../actors/ports/index.ts';
import type { Aggregate, QueryEngine } from '../../actors/query/index.ts';
import type {
  AggregateJson,
  aggregateQuery,
  DiffJson,
  diffQuery,
  FacetsJson,
  facetsQuery,
  NumberSummaryJson,
} from '../../proto/api/index.ts';
import type { AggregateQuery, SearchSignal, TimeRange } from '../../proto/query/index.ts';
import {
  bucketBounds,
  namedField,
  namedNumber,
  rankDifferences,
  type NumberState,
} from '../../workers/aggregate/index.ts';
import { ApiError } from './api-error.ts';
import { parseLine } from './searches.ts';

const MOST_BUCKETS = 2_000;
/** Groups times buckets: each may have a histogram. */
const MOST_CELLS = 20_000;
/** Values of a field that are told apart on the way to the most frequent. */
const COUNTED_VALUES = 1_000;

export interface AggregateContext {
  readonly query: Pick<QueryEngine, 'aggregate' | 'countValues'>;
  readonly signal: SearchSignal;
  readonly range: TimeRange;
  readonly nowUnixNano: bigint;
  readonly run: QueryRun;
}

export async function answerAggregate(
  { query, signal, range, nowUnixNano, run }: AggregateContext,
  wanted: z.output<typeof aggregateQuery>,
): Promise<AggregateJson> {
  const bucketNano =
    wanted.stepSeconds === undefined ? undefined : BigInt(Math.round(wanted.stepSeconds * 1e9));
  const span = range.toUnixNano - range.fromUnixNano;
  const buckets = bucketNano === undefined ? 1 : Number((span + bucketNano - 1n) / bucketNano);
  if (buckets > MOST_BUCKETS || buckets * wanted.limit > MOST_CELLS) {
    throw new ApiError(
      'BAD_REQUEST',
      `that would be ${buckets} time buckets of up to ${wanted.limit} groups: expected at most ${MOST_BUCKETS}, and ${MOST_CELLS} together`,
      'ask for a larger stepSeconds, a shorter time or a smaller limit',
    );
  }
  const asked: AggregateQuery = {
    signal,
    search: parseLine(wanted.q, signal),
    range,
    groupBy: wanted.by.map((name) => namedField(signal, name) ?? refuseField('by', name)),
    numbers: wanted.number.map((name) => namedNumber(signal, name) ?? refuseField('number', name)),
    distincts: wanted.distinct.map((name) => namedField(signal, name) ?? refuseField('distinct', name)),
    ...(bucketNano === undefined ? {} : { bucketNano }),
  };
  const found = await query.aggregate(asked, wanted.limit, run);
  return aggregateJson(found, wanted, new TimeBuckets(range, bucketNano ?? span, nowUnixNano));
}

export async function answerFacets(
  { query, signal, range, run }: AggregateContext,
  wanted: z.output<typeof facetsQuery>,
): Promise<FacetsJson> {
  const selections = [{ search: parseLine(wanted.q, signal), range }];
  const { totals, fields } = await query.countValues({ signal, selections, mostValues: COUNTED_VALUES }, run);
  return {
    count: totals[0] ?? 0,
    fields: fields
      .map(({ field, present, values, isCut }) => ({
        field,
        present: present[0] ?? 0,
        values: values.slice(0, wanted.values).map(({ value, counts }) => ({ value, count: counts[0] ?? 0 })),
        more: isCut || values.length > wanted.values,
      }))
      .sort((a, b) => b.present - a.present || (a.field < b.field ? -1 : 1))
      .slice(0, wanted.fields),
  };
}

export async function answerDiff(
  { query, signal, range, run }: AggregateContext,
  wanted: z.output<typeof diffQuery>,
  baselineRange: TimeRange,
): Promise<DiffJson> {
  const search = parseLine(wanted.q, signal);
  const baseline =
    wanted.baseline === undefined
      ? ({ type: 'not', operand: search } as const)
      : parseLine(wanted.baseline, signal, 'baseline');
  const selections = [
    { search, range },
    { search: baseline, range: baselineRange },
  ];
  const counted = await query.countValues({ signal, selections, mostValues: COUNTED_VALUES }, run);
  const pair = ([selection, other]: readonly [number, number]): { selection: number; baseline: number } => ({
    selection,
    baseline: other,
  });
  return {
    counts: pair([counted.totals[0] ?? 0, counted.totals[1] ?? 0]),
    fields: rankDifferences(counted, wanted.values)
      .slice(0, wanted.fields)
      .map(({ field, difference, present, values }) => ({
        field,
        difference,
        present: pair(present),
        values: values.map(({ value, shares }) => ({ value, ...pair(shares) })),
      })),
  };
}

function refuseField(parameter: string, name: string): never {
  throw new ApiError(
    'BAD_REQUEST',
    `${parameter} is ${JSON.stringify(name)}: expected a field that an item has once, such as service, name or http.route`,
  );
}

/** The time buckets of a range. The last may be cut off by its end, or by now: what has not been yet has no items. */
class TimeBuckets {
  private readonly range: TimeRange;
  private readonly widthNano: bigint;
  private readonly nowUnixNano: bigint;

  constructor(range: TimeRange, widthNano: bigint, nowUnixNano: bigint) {
    this.range = range;
    this.widthNano = widthNano;
    this.nowUnixNano = nowUnixNano;
  }

  beginOf(bucket: number): bigint {
    return this.range.fromUnixNano + BigInt(bucket) * this.widthNano;
  }

  /** Of the bucket's part within the range and up to now; the whole part within the range where a sender's clock is ahead of ours. */
  secondsOf(bucket: number): number {
    const { range, widthNano, nowUnixNano } = this;
    const begin = this.beginOf(bucket);
    const end = lesser(begin + widthNano, range.toUnixNano);
    const been = begin < nowUnixNano ? lesser(end, nowUnixNano) : end;
    return Number(been - begin) / 1e9;
  }
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function aggregateJson(
  { groups, count, groupCount, ungrouped }: Aggregate,
  wanted: z.output<typeof aggregateQuery>,
  times: TimeBuckets,
): AggregateJson {
  return {
    groups: groups.map((group) => ({
      key: group.key.map((value, index) => ({ field: wanted.by[index] ?? '', value })),
      count: group.count,
      buckets: group.cells.map((cell) => ({
        timeUnixNano: String(times.beginOf(cell.bucket)),
        count: cell.count,
        ratePerSecond: cell.count / times.secondsOf(cell.bucket),
        numbers: cell.numbers.map((number, index) =>
          numberJson(wanted.number[index] ?? '', number, wanted.histogram === 'true'),
        ),
        distincts: wanted.distinct.map((field, index) => ({ field, count: cell.distinct(index) })),
      })),
    })),
    count,
    groupCount,
    ungrouped,
  };
}

function numberJson(field: string, number: NumberState, isHistogram: boolean): NumberSummaryJson {
  const hasAny = number.count > 0;
  return {
    field,
    count: number.count,
    sum: number.sum,
    avg: hasAny ? number.sum / number.count : null,
    min: hasAny ? number.min : null,
    max: hasAny ? number.max : null,
    p50: number.quantile(0.5) ?? null,
    p95: number.quantile(0.95) ?? null,
    p99: number.quantile(0.99) ?? null,
    ...(isHistogram && {
      histogram: [...number.histogram]
        .sort(([a], [b]) => a - b)
        .map(([bucket, count]) => ({ ...bucketBounds(bucket), count })),
    }),
  };
}
