import type { Forecast } from './forecast.ts';

/** Seconds after the last point of the series; undefined = not within the horizon. */
export interface TimeToReach {
  readonly median: number | undefined;
  /** By the side of the interval that comes first. */
  readonly earliest: number | undefined;
  /** By the side that comes last. */
  readonly latest: number | undefined;
  /** Of the interval between earliest and latest, step by step. */
  readonly coverage: number;
}

/**
 * When a forecast first reaches a limit, from whichever side it is on now: "full in 6.5 days (80 %: 5.1–9.0)". Between two steps the
 * time is on the line between their values. At the limit already: 0. Own method: the first passage of each path, interpolated.
 * O(horizon).
 *
 * @param limit in the unit of the series; one that is not finite is never reached
 */
export function timeToReach(forecast: Forecast, limit: number): TimeToReach {
  const { median, lower, upper, lastValue, intervalSeconds, coverage } = forecast;
  const isRising = lastValue <= limit;
  const crossing = (path: Float64Array): number | undefined => {
    const steps = firstCrossing(path, lastValue, limit, isRising ? 1 : -1);
    return steps === undefined ? undefined : steps * intervalSeconds;
  };
  const [early, late] = isRising ? [upper, lower] : [lower, upper];
  return { median: crossing(median), earliest: crossing(early), latest: crossing(late), coverage };
}

/** In steps, fractions included. */
function firstCrossing(path: Float64Array, from: number, limit: number, sign: number): number | undefined {
  if (from === limit) return 0;
  let before = from;
  for (let step = 0; step < path.length; step += 1) {
    const value = path[step] ?? before;
    if (sign * (value - limit) >= 0) {
      // A difference of the largest doubles is infinite, that of their halves is not.
      const unit = Number.isFinite(value - before) ? 1 : 0.5;
      return step + (unit * limit - unit * before) / (unit * value - unit * before);
    }
    before = value;
  }
  return undefined;
}
