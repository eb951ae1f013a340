import type { LabelMatcher } from '../promql/index.ts';
import { selectedNames } from './exposed-names.ts';
import { isAccumulated } from './number-series.ts';
import type { StreamMetric } from './otlp-stream.ts';

/**
 * What of the points of a whole hour a function of ranges needs: some `samples` of them, with weights, or one figure in
 * place of them all.
 */
export type HourFigure = 'samples' | 'minimum' | 'maximum' | 'total';

/** Functions that need the first and the last sample, and how many there were. */
const OF_ENDS: ReadonlySet<string> = new Set([
  'count_over_time',
  'delta',
  'first_over_time',
  'last_over_time',
  'present_over_time',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
]);
/** Functions that need those at every fall of a counter, too. */
const OF_FALLS: ReadonlySet<string> = new Set(['increase', 'rate', 'resets']);
const OF_VALUES: ReadonlyMap<string, HourFigure> = new Map([
  ['avg_over_time', 'total'],
  ['max_over_time', 'maximum'],
  ['min_over_time', 'minimum'],
  ['sum_over_time', 'total'],
]);

/** What suffices for this function of this metric, as a selector shows it; undefined: nothing but the points. */
export function hourFigure(
  functionName: string,
  metric: StreamMetric,
  matchers: readonly LabelMatcher[],
): HourFigure | undefined {
  const { kind, isMonotonic } = metric;
  const isNumber = kind === 'gauge' || kind === 'sum';
  // Deltas become totals that begin with the first point read.
  if (isAccumulated(metric) || !(isNumber || kind === 'histogram')) return undefined;
  if (selectedNames(metric, matchers).some(({ part }) => part === 'native')) return undefined;
  if (OF_ENDS.has(functionName)) return 'samples';
  if (OF_FALLS.has(functionName)) return kind === 'histogram' || isMonotonic ? 'samples' : undefined;
  return isNumber ? OF_VALUES.get(functionName) : undefined;
}
