import type { Origins, Trial } from './rolling-origin.ts';

export interface ModelWeight {
  readonly name: string;
  /** Sum over the models: 1. */
  readonly weight: number;
  /** Mean absolute error at the earlier origins, in the unit of the series. */
  readonly error: number;
}

export interface Combination {
  readonly forecast: Float64Array;
  /** By origin: what came less what the combination said. */
  readonly residuals: readonly Float64Array[];
  readonly models: readonly ModelWeight[];
}

const MOST_MODELS = 8;
/** Halving the error counts 64 times. */
const STEEPNESS = 6;

/**
 * Mean of the best models by recent error, weighted by its inverse (Bates & Granger 1969; Stock & Watson 2004 for the power).
 *
 * @returns undefined of no trials
 */
export function combine(
  trials: readonly Trial[],
  values: Float64Array,
  { lengths, steps }: Origins,
): Combination | undefined {
  const best = [...trials].sort((left, right) => left.error - right.error).slice(0, MOST_MODELS);
  const least = best[0]?.error;
  if (least === undefined) return undefined;
  const shares = best.map(({ error }) => (error > 0 ? ((least + 1e-12) / (error + 1e-12)) ** STEEPNESS : 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const weights = shares.map((share) => share / total);
  const horizon = best[0]?.forecast.length ?? 0;
  return {
    forecast: weightedSum(
      best.map(({ forecast }) => forecast),
      weights,
      horizon,
    ),
    residuals: lengths.map((length, origin) => {
      const said = weightedSum(
        best.map(({ earlier }) => earlier[origin] ?? new Float64Array(steps)),
        weights,
        steps,
      );
      return said.map((value, step) => (values[length + step] ?? 0) - value);
    }),
    models: best.map(({ name, error }, index) => ({ name, weight: weights[index] ?? 0, error })),
  };
}

function weightedSum(
  paths: readonly Float64Array[],
  weights: readonly number[],
  length: number,
): Float64Array {
  const sum = new Float64Array(length);
  for (let index = 0; index < paths.length; index += 1) {
    const [path, weight] = [paths[index] ?? sum, weights[index] ?? 0];
    for (let step = 0; step < length; step += 1) sum[step] = (sum[step] ?? 0) + weight * (path[step] ?? 0);
  }
  return sum;
}
