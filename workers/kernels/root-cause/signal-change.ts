import type { SignalKind, SignalSeries, Stretch } from './evidence-input.ts';
import { robustLevel } from './robust-level.ts';

/** How a series stands around the symptom against its own past. */
export interface SignalChange {
  readonly series: SignalSeries;
  /** In standard deviations, how far it moved in its harmful direction; 0 if it did not. At most `MOST_DEVIATIONS`. */
  readonly deviations: number;
  /** The same in the unit of the series. */
  readonly excess: number;
  readonly before: number;
  readonly during: number;
  /** Seconds of the first point that is far off; NaN without one. */
  readonly onset: number;
}

/** How much each moment of the abnormal stretch belongs to the symptom. */
export interface SymptomCourse {
  readonly times: Float64Array;
  readonly weights: Float64Array;
}

/** Less normal points say nothing of how a series usually is. */
export const FEWEST_NORMAL_POINTS = 5;
const MOST_DEVIATIONS = 1_000;
const FAR_OFF = 3;
const LEAST_SYMPTOM = 0.5;
const CERTAINLY_FAR_OFF = 6;
const MOST_BY_CHANCE = 0.2;

/**
 * Mean deviation over the moments of the symptom. Where the abnormal stretch has calm moments too, what already held in them is
 * taken off: a level that shifted earlier is not of this symptom (a covariance with the symptom's course, as in the ranked
 * correlation of Hardt et al. 2024, but in units that can be compared along edges). O(n log n).
 */
export function changeOf(series: SignalSeries, course?: SymptomCourse): SignalChange {
  const { normal, abnormal } = series;
  const level = robustLevel(normal.values);
  const sign = series.kind === 'availability' ? -1 : 1;
  const unknown = { series, deviations: 0, excess: 0, before: level.center, during: NaN, onset: NaN };
  if (level.count < FEWEST_NORMAL_POINTS) return unknown;
  const deviations = abnormal.values.map(
    (value) => sign * (value / level.scale - level.center / level.scale),
  );
  const { during, calm } = contrast(abnormal, deviations, isTwoSided(series.kind), course);
  if (Number.isNaN(during)) return unknown;
  const moved = Math.min(MOST_DEVIATIONS, Math.max(0, during - Math.max(0, calm)));
  const onsetIndex = deviations.findIndex((value) => value > FAR_OFF);
  return {
    series,
    deviations: moved,
    excess: moved * level.scale,
    before: level.center,
    during: level.center + sign * during * level.scale,
    onset: abnormal.times[onsetIndex] ?? NaN,
  };
}

/**
 * When the symptom is: its deviations as weights of its moments; undefined where it is as ever. It must last two points (one, if there is
 * but one), and be either far off or rarer in the normal stretch than the length of the abnormal one would let happen by chance:
 * expected count = points · (normal pairs as bad + 1) / (normal pairs + 1).
 */
export function courseOf(series: SignalSeries): SymptomCourse | undefined {
  const level = robustLevel(series.normal.values);
  if (level.count < FEWEST_NORMAL_POINTS) return undefined;
  const sign = series.kind === 'availability' ? -1 : 1;
  const deviationsOf = ({ values }: Stretch): Float64Array =>
    values
      .filter((value) => !Number.isNaN(value))
      .map((value) => sign * (value / level.scale - level.center / level.scale));
  const abnormal = lastingOf(deviationsOf(series.abnormal));
  const worst = abnormal.reduce((most, value) => Math.max(most, value), 0);
  const normal = lastingOf(deviationsOf(series.normal));
  const asBad = normal.reduce((count, value) => count + (value >= worst ? 1 : 0), 0);
  const expected = (abnormal.length * (asBad + 1)) / (normal.length + 1);
  const isAbnormal = worst >= CERTAINLY_FAR_OFF || (worst >= LEAST_SYMPTOM && expected <= MOST_BY_CHANCE);
  if (!isAbnormal) return undefined;
  const weights = series.abnormal.values.map((value) => {
    const deviation = sign * (value / level.scale - level.center / level.scale);
    return deviation > LEAST_SYMPTOM ? Math.min(MOST_DEVIATIONS, deviation) : 0;
  });
  return { times: series.abnormal.times, weights };
}

/** The lesser of each two neighbours. */
function lastingOf(values: Float64Array): Float64Array {
  if (values.length < 2) return values;
  return values.subarray(1).map((value, index) => Math.min(value, values[index] ?? NaN));
}

/** More and fewer requests can both be a fault; other kinds hurt in one direction. */
function isTwoSided(kind: SignalKind): boolean {
  return kind === 'requests';
}

function contrast(
  { times }: Stretch,
  deviations: Float64Array,
  twoSided: boolean,
  course: SymptomCourse | undefined,
): { during: number; calm: number } {
  let weightSum = 0;
  let during = 0;
  let calmCount = 0;
  let calm = 0;
  for (let index = 0; index < deviations.length; index += 1) {
    const deviation = deviations[index] ?? NaN;
    if (Number.isNaN(deviation)) continue;
    const bounded = Math.max(
      -MOST_DEVIATIONS,
      Math.min(MOST_DEVIATIONS, twoSided ? Math.abs(deviation) : deviation),
    );
    const weight = course === undefined ? 1 : weightAt(course, times[index] ?? NaN);
    weightSum += weight;
    during += weight * bounded;
    if (weight === 0) {
      calmCount += 1;
      calm += bounded;
    }
  }
  return { during: weightSum === 0 ? NaN : during / weightSum, calm: calmCount === 0 ? 0 : calm / calmCount };
}

/** Of the latest point of the symptom at or before `time`; of its first before that. */
function weightAt({ times, weights }: SymptomCourse, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? NaN) <= time) low = middle + 1;
    else high = middle;
  }
  return weights[Math.max(0, low - 1)] ?? 0;
}
