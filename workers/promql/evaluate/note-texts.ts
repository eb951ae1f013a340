import { formatG } from '../model/go-numbers.ts';

const quoted = (name: string): string => JSON.stringify(name);
const forMetric = (name: string): string => (name === '' ? '' : ` for metric name ${quoted(name)}`);

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

/** Prometheus' texts, so that what watches for them in its answers finds them in ours. */
export const noteTexts = {
  invalidQuantile: (q: number): string => `quantile value should be between 0 and 1, got ${formatG(q)}`,
  invalidRatio: (ratio: number, cap: number): string =>
    `ratio value should be between -1 and 1, got ${formatG(ratio)}, capping to ${formatG(cap)}`,
  badBucketLabel: (name: string, value: string): string =>
    `bucket label "le" is missing or has a malformed value of ${quoted(value)}${forMetric(name)}`,
  mixedFloatsHistograms: (name: string): string =>
    `encountered a mix of histograms and floats for metric name ${quoted(name)}`,
  mixedFloatsHistogramsAggregation: 'encountered a mix of histograms and floats for aggregation',
  mixedClassicNative: (name: string): string =>
    `vector contains a mix of classic and native histograms${forMetric(name)}`,
  notCounter: (name: string): string => `this native histogram metric is not a counter: ${quoted(name)}`,
  notGauge: (name: string): string => `this native histogram metric is not a gauge: ${quoted(name)}`,
  mixedExponentialCustom: (name: string): string =>
    `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quoted(name)}`,
  incompatibleBucketLayout: (operator: string): string =>
    `incompatible bucket layout encountered for binary operator ${operator}`,
  resetConflict: (operation: HistogramOperation): string =>
    `conflicting counter resets during histogram ${operation}`,
  startTimeOverlap: (name: string): string =>
    `sample has start time that overlaps with previous sample timestamp for metric ${quoted(name)}`,
  sortIneffective: 'sort is ineffective for range queries since results are always ordered by labels',
  possibleNonCounter: (name: string): string =>
    `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoted(name)}`,
  forcedMonotonicity: (name: string): string =>
    `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${forMetric(name)}`,
  incompatibleTypes: (left: string, operator: string, right: string): string =>
    `incompatible sample types encountered for binary operator ${quoted(operator)}: ${left} ${operator} ${right}`,
  ignoredInAggregation: (operator: string): string => `ignored histogram in ${operator} aggregation`,
  ignoredInMixedRange: (name: string): string =>
    `ignored histograms in a range containing both floats and histograms for metric name ${quoted(name)}`,
  reconciledBounds: (operation: HistogramOperation): string =>
    `mismatched custom buckets were reconciled during ${operation}`,
  quantileNan: (name: string): string =>
    `input to histogram_quantile has NaN observations, result is NaN${forMetric(name)}`,
  quantileSkewed: (name: string): string =>
    `input to histogram_quantile has NaN observations, result is skewed higher${forMetric(name)}`,
  fractionNan: (name: string): string =>
    `input to histogram_fraction has NaN observations, which are excluded from all fractions${forMetric(name)}`,
} as const;
