export {
  evaluatePromql,
  type Evaluated,
  type QueryResult,
  type ResultSeries,
} from './evaluate/evaluate-promql.ts';
export { DEFAULT_LOOKBACK_MS, type QueryWindow } from './evaluate/grid.ts';
export { PromqlExecutionError, TooManySamplesError } from './evaluate/promql-error.ts';
export { histogramColumn } from './histogram/histogram-column.ts';
export { CounterReset, CUSTOM_BUCKETS, type NativeHistogram } from './histogram/native-histogram.ts';
export { type Labels, labelEntries, labelsOf, withLabel } from './model/labels.ts';
export { compileMatchers, type LabelMatcher } from './model/matcher.ts';
export { markStale, type Series } from './model/series.ts';
export { parsePromql } from './parse/parse-promql.ts';
export { PromqlSyntaxError } from './parse/promql-syntax-error.ts';
export { planSelections, type SelectedRanges, type Selection } from './select/plan-selections.ts';
export { addHistograms, compactHistogram, subtractHistograms } from './histogram/combine.ts';
export { isCounterReset } from './histogram/counter-reset.ts';
export { histogramBuckets } from './histogram/compare.ts';
export { printPromql } from './parse/print-promql.ts';
