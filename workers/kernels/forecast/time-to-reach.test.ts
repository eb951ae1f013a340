import fc from 'fast-check';
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

it('is the first moment of a walk along the path in small steps', () => {
  const value = fc.integer({ min: -20, max: 20 });
  const parts = 32;
  fc.assert(
    fc.property(value, fc.array(value, { minLength: 1, maxLength: 8 }), value, (lastValue, path, limit) => {
      const points = [lastValue, ...path];
      const at = (part: number): number => {
        const [from = 0, to = from] = points.slice(Math.floor(part / parts));
        return from + ((to - from) * (part % parts)) / parts;
      };
      let naive: number | undefined;
      for (let part = 0; part <= path.length * parts && naive === undefined; part += 1) {
        if (lastValue <= limit ? at(part) >= limit : at(part) <= limit) naive = part / parts;
      }
      const paths = { median: Float64Array.from(path), lower: Float64Array.from(path) };
      const found = timeToReach({ ...straight(lastValue, 0, 0, 0), ...paths, upper: paths.lower }, limit);
      expect(found.earliest).toBe(found.median);
      expect(found.latest).toBe(found.median);
      if (naive === undefined) expect(found.median).toBeUndefined();
      else {
        expect((found.median ?? NaN) / DAY).toBeLessThanOrEqual(naive + 1e-9);
        expect((found.median ?? NaN) / DAY).toBeGreaterThan(naive - 1 / parts);
      }
    }),
  );
});

it('is within the horizon or never, whatever the values and the limit', () => {
  const value = fc.oneof(
    fc.constantFrom(0, 5e-324, 1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const limit = fc.oneof(value, fc.constantFrom(Number.NaN, Infinity, -Infinity));
  fc.assert(
    fc.property(value, fc.array(value, { maxLength: 6 }), limit, (lastValue, path, reached) => {
      const values = Float64Array.from(path);
      const forecast = { ...straight(lastValue, 0, 0, 0), median: values, lower: values, upper: values };
      const { median } = timeToReach(forecast, reached);
      if (median === undefined) return;
      expect(median).toBeGreaterThanOrEqual(0);
      expect(median).toBeLessThanOrEqual(path.length * DAY);
    }),
    { examples: [[-Number.MAX_VALUE, [Number.MAX_VALUE], Number.MAX_VALUE]] },
  );
});

it('is there already', () => {
  expect(timeToReach(straight(7, 1, -1, 2), 7)).toMatchObject({ median: 0, earliest: 0, latest: 0 });
});
