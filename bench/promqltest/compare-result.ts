import {
  compactHistogram,
  type NativeHistogram,
  type QueryResult,
  type ResultSeries,
} from '../../workers/promql/index.ts';
import type { EvalCommand } from './parse-script.ts';
import type { NotedSample, NotedSeries } from './series-notation.ts';

const EPSILON = 1e-6;
const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** What differs between a result and what the script expects, or undefined. */
export function differenceOf(command: EvalCommand, result: QueryResult): string | undefined {
  const { expected } = command;
  if (result.type === 'string') {
    return result.text === expected.text ? undefined : `got the string ${JSON.stringify(result.text)}`;
  }
  if (result.type !== 'scalar') return vectorDifference(command, result.series);
  const value = result.values[0] ?? NaN;
  return isClose(value, expected.scalar ?? NaN)
    ? undefined
    : `got ${value}, expected ${expected.scalar ?? 'no scalar'}`;
}

function vectorDifference(command: EvalCommand, series: readonly ResultSeries[]): string | undefined {
  const { expected } = command;
  if (expected.scalar !== undefined) return `expected the scalar ${expected.scalar}, got series`;
  const found = new Map(series.map((one) => [keyOf(one), one]));
  if (found.size !== series.length) return 'two series with the same labels';
  for (const [place, wanted] of expected.series.entries()) {
    const key = keyOf(wanted);
    const difference = seriesDifference(command, wanted, found.get(key));
    found.delete(key);
    if (difference !== undefined) return `{${wanted.labels.join(' ')}}: ${difference}`;
    const atPlace = series[place];
    const isMoved = expected.isOrdered && (atPlace === undefined || keyOf(atPlace) !== key);
    if (isMoved) return `{${wanted.labels.join(' ')}} is not at place ${place + 1}`;
  }
  const [extra] = found.values();
  return extra && `unexpected series {${extra.labels.join(' ')}} ${[...extra.values].join(' ')}`;
}

const keyOf = ({ labels }: { readonly labels: readonly string[] }): string => labels.join('\u0001');

function seriesDifference(
  { fromMs, stepMs, expected }: EvalCommand,
  wanted: NotedSeries,
  series: ResultSeries | undefined,
): string | undefined {
  const { fromMs: start, stepMs: step } = expected.rangeVector ?? { fromMs, stepMs };
  const samples = wanted.samples.flatMap((sample, place) => ({ sample, time: start + place * step }));
  const present = samples.filter(({ sample }) => sample.kind !== 'none');
  if (series === undefined) return present.length === 0 ? undefined : 'missing';
  for (const [at, { sample, time }] of present.entries()) {
    const found = series.timestamps[at];
    if (found !== time) return `no sample at ${time} ms, the next is at ${String(found)}`;
    const difference = sampleDifference(sample, series.values[at] ?? NaN, series.histograms?.[at]);
    if (difference !== undefined) return `at ${time} ms ${difference}`;
  }
  const extra = series.timestamps.length - present.length;
  return extra > 0
    ? `${extra} samples too many, from ${String(series.timestamps[present.length])} ms on`
    : undefined;
}

function sampleDifference(
  wanted: NotedSample,
  value: number,
  histogram: NativeHistogram | undefined,
): string | undefined {
  if (wanted.kind === 'float') {
    if (histogram !== undefined) return 'got a histogram';
    return isClose(wanted.value, value) ? undefined : `got ${value}, expected ${wanted.value}`;
  }
  if (wanted.kind !== 'histogram') return `nothing can be compared with ${wanted.kind}`;
  if (histogram === undefined) return `got ${value}, expected a histogram`;
  const [a, b] = [compactHistogram(wanted.histogram), compactHistogram(histogram)];
  if (wanted.hasHint && a.counterReset !== b.counterReset) {
    return `counter reset hint ${b.counterReset}, expected ${a.counterReset}`;
  }
  return isSameHistogram(a, b) ? undefined : `got ${describe(b)}, expected ${describe(a)}`;
}

function isSameHistogram(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    isClose(a.zeroCount, b.zeroCount) &&
    isClose(a.count, b.count) &&
    isClose(a.sum, b.sum) &&
    a.customBounds.join() === b.customBounds.join() &&
    sameSide(a.positive, b.positive) &&
    sameSide(a.negative, b.negative)
  );
}

function sameSide(left: NativeHistogram['positive'], right: NativeHistogram['positive']): boolean {
  return (
    left.indexes.join() === right.indexes.join() &&
    left.counts.every((count, at) => isClose(count, right.counts[at] ?? NaN))
  );
}

function describe({
  schema,
  count,
  sum,
  zeroCount,
  positive,
  negative,
  customBounds,
}: NativeHistogram): string {
  const buckets = (side: NativeHistogram['positive']): string =>
    [...side.counts].map((value, at) => `${String(side.indexes[at])}:${value}`).join(' ');
  const bounds = customBounds.length > 0 ? ` bounds ${customBounds.join(' ')}` : '';
  return `{schema ${schema} count ${count} sum ${sum} zero ${zeroCount} [${buckets(positive)}] [${buckets(negative)}]${bounds}}`;
}

/** As near as Prometheus' own runner asks for. */
function isClose(left: number, right: number): boolean {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) && Number.isNaN(right);
  if (left === right) return true;
  const sum = Math.abs(left) + Math.abs(right);
  const difference = Math.abs(left - right);
  if (left === 0 || right === 0 || sum < SMALLEST_NORMAL) return difference < EPSILON * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < EPSILON;
}
