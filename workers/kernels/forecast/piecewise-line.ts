import { solveRidge } from './solve-ridge.ts';
import { meanOf } from './statistics.ts';

const BUCKETS = 96;
const KNOT_PLACES = 12;
const MOST_KNOTS = 3;

/** The line at each point of the series, and how much it rises from the last point to the next. */
export interface BentLine {
  readonly fitted: Float64Array;
  readonly slope: number;
}

/**
 * A line with change points: hinges max(0, t − knot) are added one by one where they take most of the squared error, as long as the Bayesian
 * information criterion falls (forward selection as in Friedman's MARS 1991; the trend of Prophet, Taylor & Letham 2018). It is
 * fitted to the means of at most 96 stretches: bends are slow.
 *
 * @param values seasonally adjusted series of n points
 * @returns cost O(n + knots · places · 96)
 */
export function piecewiseLine(values: Float64Array): BentLine {
  const width = Math.max(1, Math.ceil(values.length / BUCKETS));
  const means = stretchMeans(values, width);
  const places = Array.from({ length: KNOT_PLACES }, (_, index) =>
    Math.round(((index + 1) * means.length) / (KNOT_PLACES + 1)),
  );
  let knots: readonly number[] = [];
  let best = fitKnots(means, knots);
  for (let count = 0; count < MOST_KNOTS; count += 1) {
    const next = bestAddition(means, knots, places);
    if (next.criterion >= best.criterion) break;
    [best, knots] = [next, next.knots];
  }
  // Time of a stretch is that of its middle; the oldest rows, too few for one, are before time 0.
  const offset = values.length % width;
  const timeOf = (row: number): number => (row - offset + 0.5) / width - 0.5;
  const fitted = values.map((_, row) => lineAt(best.weights, knots, timeOf(row), means.length));
  return { fitted, slope: (fitted.at(-1) ?? 0) - (fitted.at(-2) ?? 0) };
}

interface KnotFit {
  readonly knots: readonly number[];
  readonly weights: Float64Array;
  readonly criterion: number;
}

function stretchMeans(values: Float64Array, width: number): Float64Array {
  const offset = values.length % width;
  return Float64Array.from({ length: Math.floor(values.length / width) }, (_, index) =>
    meanOf(values.subarray(offset + index * width, offset + (index + 1) * width)),
  );
}

function bestAddition(means: Float64Array, knots: readonly number[], places: readonly number[]): KnotFit {
  let best: KnotFit = { knots, weights: new Float64Array(0), criterion: Infinity };
  for (const place of places) {
    if (knots.includes(place)) continue;
    const trial = fitKnots(means, [...knots, place]);
    if (trial.criterion < best.criterion) best = trial;
  }
  return best;
}

function fitKnots(values: Float64Array, knots: readonly number[]): KnotFit {
  const points = values.length;
  const size = 2 + knots.length;
  const matrix = new Float64Array(size * size);
  const target = new Float64Array(size);
  const row = new Float64Array(size);
  for (let time = 0; time < points; time += 1) {
    fillRow(row, knots, time, points);
    for (let left = 0; left < size; left += 1) {
      target[left] = (target[left] ?? 0) + (row[left] ?? 0) * (values[time] ?? 0);
      for (let right = 0; right < size; right += 1) {
        const place = left * size + right;
        matrix[place] = (matrix[place] ?? 0) + (row[left] ?? 0) * (row[right] ?? 0);
      }
    }
  }
  const weights = solveRidge(matrix, target, 1e-9);
  let squares = 0;
  for (let time = 0; time < points; time += 1) {
    squares += ((values[time] ?? 0) - lineAt(weights, knots, time, points)) ** 2;
  }
  // Neighbouring stretches are alike: one in three counts as one of its own.
  const independent = points / 3;
  const criterion =
    independent * Math.log(squares / points + Number.MIN_VALUE) + 2 * size * Math.log(independent);
  return { knots, weights, criterion };
}

function fillRow(row: Float64Array, knots: readonly number[], time: number, points: number): void {
  row[0] = 1;
  row[1] = time / points;
  for (let index = 0; index < knots.length; index += 1) {
    row[2 + index] = Math.max(0, time - (knots[index] ?? 0)) / points;
  }
}

function lineAt(weights: Float64Array, knots: readonly number[], time: number, points: number): number {
  let sum = (weights[0] ?? 0) + ((weights[1] ?? 0) * time) / points;
  for (let index = 0; index < knots.length; index += 1) {
    sum += ((weights[2 + index] ?? 0) * Math.max(0, time - (knots[index] ?? 0))) / points;
  }
  return sum;
}
