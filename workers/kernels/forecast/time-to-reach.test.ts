import { expect, it } from 'vitest';
import { type Forecast, timeToReach } from './index.ts';

const DAY = 86_400;

function straight(lastValue: number, median: number, lower: number, upper: number): Forecast {
  const path = (slope: number): Float64Array =>
    Float64Array.from({ length: 20 }, (_, step) => lastValue + slope * (step + 1));
  return {
    kind: 'forecast',
    median: path(median),
    lower: path(lower),
    upper: path(upper),
    coverage: 0.8,
    intervalSeconds: DAY,
    lastValue,
    models: [],
    periods: [],
  };
}

it('full in 6.5 days (80 %: 5.2–10.8)', () => {
  const { median, earliest, latest, coverage } = timeToReach(straight(35, 10, 6, 12.5), 100);
  expect([median, earliest, latest].map((seconds) => (seconds ?? 0) / DAY)).toEqual([
    6.5,
    5.2,
    expect.closeTo(65 / 6, 9),
  ]);
  expect(coverage).toBe(0.8);
});

it('empty from above: the lower side comes first', () => {
  const { median, earliest, latest } = timeToReach(straight(50, -5, -10, -4), 0);
  expect([median, earliest, latest].map((seconds) => (seconds ?? 0) / DAY)).toEqual([10, 5, 12.5]);
});

it('a side that stays away within the horizon has no time', () => {
  expect(timeToReach(straight(0, 1, -1, 100), 50)).toEqual({
    median: undefined,
    earliest: DAY / 2,
    latest: undefined,
    coverage: 0.8,
  });
});

it('is there already', () => {
  expect(timeToReach(straight(7, 1, -1, 2), 7)).toMatchObject({ median: 0, earliest: 0, latest: 0 });
});
