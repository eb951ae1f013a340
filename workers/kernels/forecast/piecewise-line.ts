import { solveRidge } from './solve-ridge.ts';

const KNOT_PLACES = 12;
const MOST_KNOTS = 3;

/**
 * A line with bends: hinges max(0, t − knot) are added one by one where they take most of the squared error, as long as the
 * Bayesian information criterion falls (forward selection as in Friedman's MARS 1991; the trend of Prophet, Taylor & Letham 2018). 
 *
 * @param values seasonally adjusted series of n points
 * @returns the line at each of the n points, and its last slope per point. Cost O(knots · places · n)
 */
export function piecewiseLine(values: Float64Array): { readonly fitted: Float64Array; readonly slope: number } {
  const points = values.length;
  const places = Array.from({ length: KNOT_PLACES }, (_, index) => Math.round(((index + 1) * points) / (KNOT_PLACES + 1)));
  let knots: number[] = [];
  let best = fitKnots(values, knots);
  for (let count = 0; count < MOST_KNOTS; count += 1) {
    let next = best;
    let nextKnots = knots;
    for (const place of places) {
      if (knots.includes(place)) continue;
      const trial = fitKnots(values, [...knots, place]);
      if (trial.criterion < next.criterion) [next, nextKnots] = [trial, [...knots, place]];
    }
    if (next === best) break;
    [best, knots] = [next, nextKnots];
  }
  const fitted = values.map((_, time) => lineAt(best.weights, knots, time, points));
  return { fitted, slope: (fitted.at(-1) ?? 0) - (fitted.at(-2) ?? 0) };
}

interface KnotFit {
  readonly weights: Float64Array;
  readonly criterion: number;
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
      for (let right = 0; right <= left; right += 1) {
        matrix[left * size + right] = (matrix[left * size + right] ?? 0) + (row[left] ?? 0) * (row[right] ?? 0);
      }
    }
  }
  for (let left = 0; left < size; left += 1) {
    for (let right = 0; right < left; right += 1) matrix[right * size + left] = matrix[left * size + right] ?? 0;
  }
  const weights = solveRidge(matrix, target, 1e-9);
  let squares = 0;
  for (let time = 0; time < points; time += 1) squares += ((values[time] ?? 0) - lineAt(weights, knots, time, points)) ** 2;
  // Neighbours are alike: only each tenth point counts as one of its own.
  const independent = points / 10;
  const criterion = independent * Math.log(squares / points + 1e-300) + size * Math.log(independent) * 2;
  return { weights, criterion };
}

function fillRow(row: Float64Array, knots: readonly number[], time: number, points: number): void {
  row[0] = 1;
  row[1] = time / points;
  for (let index = 0; index < knots.length; index += 1) row[2 + index] = Math.max(0, time - (knots[index] ?? 0)) / points;
}

function lineAt(weights: Float64Array, knots: readonly number[], time: number, points: number): number {
  let sum = (weights[0] ?? 0) + ((weights[1] ?? 0) * time) / points;
  for (let index = 0; index < knots.length; index += 1) {
    sum += ((weights[2 + index] ?? 0) * Math.max(0, time - (knots[index] ?? 0))) / points;
  }
  return sum;
}
