import type { NativeHistogram } from '../histogram/native-histogram.ts';
import { compareLabels, type Labels } from '../model/labels.ts';
import type { Series } from '../model/series.ts';
import { parsePromql } from '../parse/parse-promql.ts';
import type { Expr } from '../parse/ast.ts';
import { PromqlSyntaxError } from '../parse/promql-syntax-error.ts';
import type { RangeSamples } from '../select/range-samples.ts';
import { statsOnlySelectors } from '../select/stats-only.ts';
import { Annotations, type Notes } from './annotations.ts';
import { Evaluator } from './evaluator.ts';
import { DEFAULT_LOOKBACK_MS, gridOf, type QueryWindow } from './grid.ts';
import { type EvaluationLimits, SampleBudget } from './sample-budget.ts';
import { Sample, type StepSeries, withNamesDropped } from './step-series.ts';
import type { RangeValue } from './value.ts';

/** A series of a result: float samples, histograms, or both, by time. */
export interface ResultSeries {
  readonly labels: Labels;
  /** Milliseconds. */
  readonly timestamps: Float64Array;
  /** NaN, too, where the sample is a histogram. */
  readonly values: Float64Array;
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
}

export type QueryResult =
  | { readonly type: 'scalar'; readonly timestamps: Float64Array; readonly values: Float64Array }
  | { readonly type: 'string'; readonly timestampMs: number; readonly text: string }
  /** Of an instant query: each series has one sample, of now. */
  | { readonly type: 'vector'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] };

export interface Evaluated extends Notes {
  readonly result: QueryResult;
  /** Samples that were read, and points that were made of them. */
  readonly samples: number;
}

export interface EvaluationRequest {
  readonly query: string;
  readonly window: QueryWindow;
  readonly lookbackMs?: number;
  readonly limits: EvaluationLimits;
  /** What was fetched for each selector (`planSelections`), by its ordinal. */
  readonly series: readonly (readonly Series[])[];
}

/**
 * Answers a query over fetched series. Throws `PromqlSyntaxError`, `PromqlExecutionError` where the data does not allow
 * an answer, `TooManySamplesError` at the limit, and what the checkpoint throws.
 */
export function evaluatePromql(request: EvaluationRequest): Evaluated {
  return evaluateParsed(parsePromql(request.query), request);
}

function evaluateParsed(
  expr: Expr,
  { query, window, lookbackMs, limits, series }: EvaluationRequest,
): Evaluated {
  const annotations = new Annotations(query);
  const budget = new SampleBudget(limits);
  const sorted = new Map<number, readonly Series[]>();
  const evaluator = new Evaluator({
    window,
    lookbackMs: lookbackMs ?? DEFAULT_LOOKBACK_MS,
    annotations,
    budget,
    statsOnly: statsOnlySelectors(expr),
    seriesOf: ({ ordinal }) => {
      let own = sorted.get(ordinal);
      if (own === undefined) {
        own = [...(series[ordinal] ?? [])].sort((left, right) => compareLabels(left.labels, right.labels));
        sorted.set(ordinal, own);
      }
      return own;
    },
  });
  const result = resultOf(evaluator, query, expr, window);
  return { result, samples: budget.spent, ...annotations.notes() };
}

function resultOf(evaluator: Evaluator, query: string, expr: Expr, window: QueryWindow): QueryResult {
  const grid = gridOf(window);
  const isInstant = window.stepMs === 0;
  const value = evaluator.evaluate(expr, grid);
  const times = new Float64Array(grid.count).map((_, step) => grid.startMs + step * grid.stepMs);
  switch (value.type) {
    case 'string':
      if (!isInstant) throw invalidRangeType(query, 'string');
      return { type: 'string', timestampMs: window.startMs, text: value.text };
    case 'scalar':
      if (isInstant) return { type: 'scalar', timestamps: times, values: value.values };
      return {
        type: 'matrix',
        series: [{ labels: [], timestamps: times, values: value.values, histograms: undefined }],
      };
    case 'range':
      if (!isInstant) throw invalidRangeType(query, 'range vector');
      return { type: 'matrix', series: windowOf(value) };
    case 'vector': {
      const series = withNamesDropped(value.series).map((one) => presentSamples(one, times));
      if (isInstant) return { type: 'vector', series };
      return {
        type: 'matrix',
        series: series.sort((left, right) => compareLabels(left.labels, right.labels)),
      };
    }
  }
}

function invalidRangeType(query: string, type: string): PromqlSyntaxError {
  const text = `invalid expression type "${type}" for range query, must be Scalar or instant Vector`;
  return new PromqlSyntaxError(query, { from: 0, to: query.length }, text);
}

function presentSamples(series: StepSeries, times: Float64Array): ResultSeries {
  const { kinds } = series;
  const isPresent = (_: number, step: number): boolean => kinds[step] !== Sample.none;
  const values = series.values.map((value, step) => (kinds[step] === Sample.histogram ? NaN : value));
  const histograms = series.hasHistograms()
    ? [...kinds.keys()]
        .filter((step) => kinds[step] !== Sample.none)
        .map((step) => (kinds[step] === Sample.histogram ? series.histogramAt(step) : undefined))
    : undefined;
  return {
    labels: series.labels,
    timestamps: times.filter(isPresent),
    values: values.filter(isPresent),
    histograms,
  };
}

/** The samples within the range of a range selector that is the whole query. */
function windowOf({ samples, rangeMs, endAt }: RangeValue): ResultSeries[] {
  const [endMs, startMs] = [endAt(0), endAt(0) - rangeMs];
  const cut = ({ labels, timestamps, values, histograms }: RangeSamples): ResultSeries => {
    const isWithin = (_: number, at: number): boolean =>
      (timestamps[at] ?? 0) > startMs && (timestamps[at] ?? 0) <= endMs;
    return {
      labels,
      timestamps: timestamps.filter(isWithin),
      values: values.filter(isWithin),
      histograms: histograms?.filter((_, at) => isWithin(0, at)),
    };
  };
  return samples.map(cut).filter(({ timestamps }) => timestamps.length > 0);
}
