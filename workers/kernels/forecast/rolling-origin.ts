import type { Candidate } from './candidates.ts';
import { periodsFor } from './seasonal-periods.ts';
import { type SeriesView, type ViewKind, viewSeries } from './series-view.ts';
import { rangeOf } from './statistics.ts';

export interface Origins {
  /** Lengths of the parts that are forecast from, longest first. */
  readonly lengths: readonly number[];
  /** How many steps of each are compared with what came. */
  readonly steps: number;
}

/** What one candidate said, and would have said at each origin. */
export interface Trial {
  readonly name: string;
  readonly forecast: Float64Array;
  /** By origin: forecast of `steps` values. */
  readonly earlier: readonly Float64Array[];
  /** Mean absolute error over origins and steps. */
  readonly error: number;
}

const MOST_ORIGINS = 8;
/** Less history than this share is another series. */
const LEAST_SHARE = 0.45;
const LEAST_POINTS = 6;

/**
 * Up to eight origins, a third of the horizon apart, in whole cycles of the shortest season: a step then means the same time of the
 * day at each of them. Short series compare fewer steps.
 */
export function chooseOrigins(points: number, horizon: number, period: number | undefined): Origins {
  const steps = Math.max(1, Math.min(horizon, Math.floor(points * 0.3)));
  const cycle = period !== undefined && period <= steps ? period : 1;
  const distance = cycle * Math.max(1, Math.round(steps / 3 / cycle));
  const least = Math.max(LEAST_POINTS, points * LEAST_SHARE);
  const lengths: number[] = [];
  for (let index = 0; index < MOST_ORIGINS; index += 1) {
    const length = points - steps - index * distance;
    if (length >= least) lengths.push(length);
  }
  return { lengths: lengths.length === 0 ? [points - steps] : lengths, steps };
}

/**
 * Rolling-origin validation (Tashman 2000). What is fitted is fitted on the earliest part and kept for the later ones, so no
 * trial has seen what it is compared with. Candidates whose forecasts are not finite, or run away, are left out.
 */
export function tryCandidates(
  values: Float64Array,
  periods: readonly number[],
  candidates: readonly Candidate[],
  { lengths, steps }: Origins,
  horizon: number,
): Trial[] {
  const views = new ViewCache(values, periods);
  const bounds = believable(values);
  const earliest = lengths.at(-1) ?? values.length;
  const trials: Trial[] = [];
  for (const { name, view, fit, forecast } of candidates) {
    const fitted = fit(views.at(earliest, view));
    const earlier = lengths.map((length) => forecast(views.at(length, view), fitted, steps));
    const whole = views.at(values.length, view);
    const final = forecast(whole, fit(whole, fitted), horizon);
    if (![final, ...earlier].every((path) => path.every(bounds))) continue;
    trials.push({ name, forecast: final, earlier, error: errorOf(values, lengths, earlier) });
  }
  return trials;
}

function errorOf(values: Float64Array, lengths: readonly number[], earlier: readonly Float64Array[]): number {
  let [sum, count] = [0, 0];
  for (let origin = 0; origin < lengths.length; origin += 1) {
    const [length, path] = [lengths[origin] ?? 0, earlier[origin] ?? values];
    for (let step = 0; step < path.length; step += 1) {
      sum += Math.abs((path[step] ?? 0) - (values[length + step] ?? 0));
      count += 1;
    }
  }
  return sum / count;
}

/** Within a hundred times the range that was seen. */
function believable(values: Float64Array): (value: number) => boolean {
  const [low, high] = rangeOf(values);
  const margin = 100 * (high - low);
  return (value) => value >= low - margin && value <= high + margin;
}

/** A view of a part of the series is asked for by several candidates. */
class ViewCache {
  private readonly views = new Map<string, SeriesView>();
  private readonly values: Float64Array;
  private readonly periods: readonly number[];

  constructor(values: Float64Array, periods: readonly number[]) {
    this.values = values;
    this.periods = periods;
  }

  at(length: number, kind: ViewKind): SeriesView {
    const flags = [kind.isLogarithmic, kind.isWinsorised, kind.hasEcho, kind.isSeasonal];
    const key = `${length} ${flags.map(Number).join('')}`;
    const known = this.views.get(key);
    if (known !== undefined) return known;
    const view = viewSeries(this.values.subarray(0, length), kind, periodsFor(length, this.periods));
    this.views.set(key, view);
    return view;
  }
}
