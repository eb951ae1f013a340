import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { type Grid, timeAt } from '../evaluate/grid.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import type { StepSeries } from '../evaluate/step-series.ts';
import type { RangeValue } from '../evaluate/value.ts';
import type { CallExpr, Span } from '../parse/ast.ts';
import { changesFunction, isChange, isReset } from './changes.ts';
import { instantRateFunction } from './instant-rate.ts';
import {
  countOverTime,
  extremeOf,
  firstOverTime,
  lastOverTime,
  medianDeviation,
  overFloats,
  presentOverTime,
  sumOverTime,
  timeOfExtreme,
  tsOfFirstOverTime,
  tsOfLastOverTime,
  varianceOf,
} from './over-time.ts';
import { quantileOf } from './quantile.ts';
import { overRange, type RangeCall, type RangeFunction } from './range-function.ts';
import { rateFunction } from './rate.ts';
import { doubleExponentialSmoothing, linearRegression } from './trend.ts';

type MakeRangeFunction = (call: RangeCall) => RangeFunction;

const KEEPS_NAME: ReadonlySet<string> = new Set(['last_over_time', 'first_over_time']);

/** Every function of a range vector, but `absent_over_time`. */
const RANGE_FUNCTIONS: ReadonlyMap<string, MakeRangeFunction> = new Map<string, MakeRangeFunction>([
  ['rate', (call) => rateFunction(call, { isCounter: true, isRate: true })],
  ['increase', (call) => rateFunction(call, { isCounter: true, isRate: false })],
  ['delta', (call) => rateFunction(call, { isCounter: false, isRate: false })],
  ['irate', (call) => instantRateFunction(call, true)],
  ['idelta', (call) => instantRateFunction(call, false)],
  ['changes', (call) => changesFunction(call, isChange)],
  ['resets', (call) => changesFunction(call, isReset)],
  ['count_over_time', () => countOverTime],
  ['present_over_time', () => presentOverTime],
  ['first_over_time', () => firstOverTime],
  ['last_over_time', () => lastOverTime],
  ['ts_of_first_over_time', () => tsOfFirstOverTime],
  ['ts_of_last_over_time', () => tsOfLastOverTime],
  ['sum_over_time', (call) => sumOverTime(call, false)],
  ['avg_over_time', (call) => sumOverTime(call, true)],
  ['min_over_time', (call) => overFloats(call, 1, (_, values) => extremeOf(values, false))],
  ['max_over_time', (call) => overFloats(call, 1, (_, values) => extremeOf(values, true))],
  [
    'ts_of_min_over_time',
    (call) => overFloats(call, 1, (_, values, times) => timeOfExtreme(values, times, false)),
  ],
  [
    'ts_of_max_over_time',
    (call) => overFloats(call, 1, (_, values, times) => timeOfExtreme(values, times, true)),
  ],
  ['stdvar_over_time', (call) => overFloats(call, 1, (_, values) => varianceOf(values))],
  ['stddev_over_time', (call) => overFloats(call, 1, (_, values) => Math.sqrt(varianceOf(values)))],
  ['mad_over_time', (call) => overFloats(call, 1, (_, values) => medianDeviation(values))],
  ['quantile_over_time', quantileOverTime],
  [
    'deriv',
    (call) => overFloats(call, 2, (_, values, times) => linearRegression(values, times, times[0] ?? 0).slope),
  ],
  ['predict_linear', predictLinear],
  ['double_exponential_smoothing', smoothing],
]);

export function callRangeFunction(
  context: EvaluationContext,
  { name, args }: CallExpr,
  range: RangeValue,
  span: Span,
  scalars: readonly Float64Array[],
  grid: Grid,
): StepSeries[] {
  const call: RangeCall = {
    context,
    rangeMs: range.rangeMs,
    extension: range.extension,
    span,
    scalars,
    scalarSpans: args,
    timeAt: (step) => timeAt(grid, step),
  };
  const make = RANGE_FUNCTIONS.get(name);
  if (make === undefined) throw new Error(`no function ${name} of a range vector`);
  return overRange(range, call, grid.count, KEEPS_NAME.has(name), make(call));
}

function quantileOverTime(call: RangeCall): RangeFunction {
  const [quantiles = new Float64Array(0)] = call.scalars;
  return overFloats(call, 1, ({ step }, values) => {
    const q = quantiles[step] ?? NaN;
    if (!(q >= 0 && q <= 1)) {
      call.context.annotations.warn(noteTexts.invalidQuantile(q), call.scalarSpans[0] ?? call.span);
    }
    return quantileOf(q, values.slice());
  });
}

function predictLinear(call: RangeCall): RangeFunction {
  const [ahead = new Float64Array(0)] = call.scalars;
  return overFloats(call, 2, ({ step }, values, times) => {
    const { slope, intercept } = linearRegression(values, times, call.timeAt(step));
    return slope * (ahead[step] ?? NaN) + intercept;
  });
}

function smoothing(call: RangeCall): RangeFunction {
  const [factors = new Float64Array(0), trends = new Float64Array(0)] = call.scalars;
  return overFloats(call, 2, ({ step }, values) =>
    doubleExponentialSmoothing(values, factors[step] ?? NaN, trends[step] ?? NaN),
  );
}
