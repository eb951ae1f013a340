import type { StreamSelection } from '../../../../actors/ports/index.ts';
import { Presence } from '../../../../proto/columns/index.ts';
import type { HourFigure } from '../../../../workers/otlp-series/index.ts';

export const TIME_MS = 'toFloat64(intDiv(timeUnixNano, 1000000))';
/** Whole numbers come as they are stored. */
const items = (list: string): string => `groupArrayArray(${list})`;
const lengths = (list: string): string => `groupArray(toUInt32(length(${list})))`;
const number = (column: string): string => `groupArray(toFloat64(${column}))`;

/** What each kind's points are made of, as columns of a group. */
const POINT_SQL: Readonly<Record<StreamSelection['kind'], Readonly<Record<string, string>>>> = {
  gauge: { values: `groupArray(if(valueKind = 2, toFloat64(intValue), doubleValue))` },
  sum: { values: `groupArray(if(valueKind = 2, toFloat64(intValue), doubleValue))` },
  histogram: { buckets: items('bucketCounts'), bucketLengths: lengths('bucketCounts') },
  exponentialHistogram: {
    scales: number('scale'),
    zeroCounts: number('zeroCount'),
    zeroThresholds: number('zeroThreshold'),
    positiveOffsets: number('positiveOffset'),
    positive: items('positiveCounts'),
    positiveLengths: lengths('positiveCounts'),
    negativeOffsets: number('negativeOffset'),
    negative: items('negativeCounts'),
    negativeLengths: lengths('negativeCounts'),
  },
  summary: {
    quantiles: items('quantiles.quantile'),
    quantileLengths: lengths('quantiles.quantile'),
    quantileValues: items('quantiles.value'),
  },
};
/** What each figure is made of in rows of `metric_hours`. */
const HOUR_SQL: Readonly<Record<HourFigure, Readonly<Record<string, string>>>> = {
  samples: {
    timesMs: items('timesMs'),
    isStale: 'groupArrayArray(arrayMap(time -> toUInt8(0), timesMs))',
    weights: items('weights'),
  },
  minimum: ofHour('minimum'),
  maximum: ofHour('maximum'),
  total: ofHour('total'),
};
const HOUR_SAMPLES_SQL: Readonly<Record<'number' | 'histogram', Readonly<Record<string, string>>>> = {
  number: { values: items('values') },
  histogram: { counts: items('counts'), buckets: items('buckets'), bucketLengths: items('bucketLengths') },
};

function ofHour(figure: string): Readonly<Record<string, string>> {
  return {
    timesMs: 'groupArray(toFloat64(timesMs[-1]))',
    isStale: 'groupArray(toUInt8(0))',
    values: `groupArray(${figure})`,
    weights: 'groupArray(samples)',
  };
}

/** Of the points of a group; columns of `PointColumns` with `p_` before their names. */
export function pointColumns({ kind, needsSums }: StreamSelection): string[] {
  const columns: Record<string, string> = {
    timesMs: `groupArray(${TIME_MS})`,
    isStale: 'groupArray(toUInt8(bitAnd(flags, 1)))',
    ...POINT_SQL[kind],
  };
  if (kind !== 'gauge' && kind !== 'sum') {
    columns['counts'] = number('count');
    // A summary always has a sum.
    const isAbsent = kind === 'summary' ? '0' : `bitAnd(presence, ${Presence.sum}) = 0`;
    if (needsSums) columns['sums'] = `groupArray(if(${isAbsent}, nan, sum))`;
  }
  return named(columns);
}

/** The same of rows of `metric_hours`. */
export function hourColumns({ kind, needsSums }: StreamSelection, figure: HourFigure): string[] {
  const isHistogram = kind === 'histogram';
  return named({
    ...HOUR_SQL[figure],
    ...(figure === 'samples' && HOUR_SAMPLES_SQL[isHistogram ? 'histogram' : 'number']),
    ...(isHistogram && needsSums && { sums: items('sums') }),
  });
}

function named(columns: Readonly<Record<string, string>>): string[] {
  return Object.entries(columns).map(([name, sql]) => `${sql} AS p_${name}`);
}
