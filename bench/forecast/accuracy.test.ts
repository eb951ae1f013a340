import { expect, it } from 'vitest';
import { countInside, mase, msis, seasonalScale, smape } from './accuracy.ts';
import { fillWithPhaseMedian } from './read-series.ts';
import { hasSeason, naive2, seasonalNaive, simpleSmoothing, theta } from './reference-methods.ts';
import { checkScorer } from './scorer-check.ts';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

it('sMAPE: mean of 200·|y − f| / (|y| + |f|), and 0 of two zeros', () => {
  // 200·1/3, 200·0/8, 0/0.
  expect(smape(of(1, 4, 0), of(2, 4, 0))).toBeCloseTo(200 / 9, 12);
});

it('scale and MASE: mean absolute seasonal difference of the training part', () => {
  const training = of(1, 5, 2, 7, 4, 6);
  // |2−1| |7−5| |4−2| |6−7|
  expect(seasonalScale(training, 2)).toBe(1.5);
  expect(mase(of(10, 20), of(13, 20), 1.5)).toBe(1);
});

it('MSIS: width, and 40 times what lies outside a 95 % interval', () => {
  const scores = { scale: 2, coverage: 0.95 };
  // Width 2 each; the first lies 1 below, the last 3 above.
  expect(msis(of(0, 2, 6), of(1, 1, 1), of(3, 3, 3), scores)).toBeCloseTo((6 + 40 * (1 + 3)) / 3 / 2, 9);
});

it('borders are inside', () => {
  expect(countInside(of(1, 2, 3, 3.1), of(1, 1, 1, 1), of(3, 3, 3, 3))).toBe(3);
});

it('sNaive repeats the last cycle', () => {
  expect([...seasonalNaive(of(9, 1, 2, 3), 3, 5)]).toEqual([1, 2, 3, 1, 2]);
});

it('Naive2 finds multiplicative indices and a flat level', () => {
  const indices = [0.5, 1, 1.5, 1];
  const series = Float64Array.from({ length: 40 }, (_, row) => 8 * (indices[row % 4] ?? 1));
  expect(hasSeason(series, 4)).toBe(true);
  expect([...naive2(series, 4, 6)].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([
    4, 8, 12, 8, 4, 8,
  ]);
});

it('SES stands at a constant; theta goes half the slope of a line', () => {
  for (const value of simpleSmoothing(new Float64Array(20).fill(7), 1, 2)) expect(value).toBeCloseTo(7, 9);
  const line = Float64Array.from({ length: 50 }, (_, row) => 3 + 2 * row);
  const [first = 0, second = 0] = theta(line, 1, 2);
  expect(second - first).toBeCloseTo(1, 9);
});

it('fills a blank with the median of its phase', () => {
  expect([...fillWithPhaseMedian(of(1, 10, Number.NaN, 20, 5, 30), 2)]).toEqual([1, 10, 3, 20, 5, 30]);
});

it('the scorer agrees when every figure does', () => {
  const ours = { Theta: { smape: 10.0004, mase: 2, owa: 0.9 } };
  expect(checkScorer(ours, { Theta: { smape: 10, mase: 2.001 } })['agrees']).toBe(true);
  expect(checkScorer(ours, { Theta: { owa: 0.91 } })['agrees']).toBe(false);
  expect(checkScorer(ours, { Naive: { owa: 1 } })['agrees']).toBe(false);
});
