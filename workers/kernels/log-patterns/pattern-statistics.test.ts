import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PatternStatistics } from './index.ts';

const BUCKET = 10_000;

function steady(statistics: PatternStatistics, id: string, from: number, to: number, count: number): void {
  for (let bucket = from; bucket < to; bucket += 1) statistics.observe(id, bucket * BUCKET + 1, count);
}

it('new: first seen after the others had been watched for a while', () => {
  const statistics = new PatternStatistics();
  steady(statistics, 'old', 0, 100, 3);
  steady(statistics, 'fresh', 95, 100, 3);
  const now = 100 * BUCKET;
  expect(statistics.activity('old', now)?.trend).toBe('steady');
  expect(statistics.activity('fresh', now)?.trend).toBe('new');
});

it('gone, and not yet', () => {
  const statistics = new PatternStatistics();
  steady(statistics, 'a', 0, 100, 3);
  expect(statistics.activity('a', 150 * BUCKET)?.trend).toBe('steady');
  expect(statistics.activity('a', 170 * BUCKET)?.trend).toBe('gone');
});

it('gone is neither what comes seldom, nor what came for a moment', () => {
  const statistics = new PatternStatistics();
  const [hour, minute] = [360, 6];
  for (const [at, bucket] of [0, 50, 130, 190, 290].entries()) {
    statistics.observe('seldom', bucket * minute * BUCKET, at + 1);
  }
  steady(statistics, 'start', 0, 3, 5);
  const last = 290 * minute;
  expect(statistics.activity('seldom', (last + 2 * hour) * BUCKET)?.trend).toBe('steady');
  expect(statistics.activity('seldom', (last + 9 * hour) * BUCKET)?.trend).toBe('gone');
  expect(statistics.activity('start', (last + 9 * hour) * BUCKET)?.trend).toBe('steady');
});

it('rising: clearly above its usual rate', () => {
  const statistics = new PatternStatistics();
  steady(statistics, 'a', 0, 200, 5);
  expect(statistics.activity('a', 200 * BUCKET)).toMatchObject({ trend: 'steady' });
  expect(statistics.activity('a', 200 * BUCKET)?.usualRate).toBeCloseTo(5, 6);
  steady(statistics, 'a', 200, 210, 50);
  expect(statistics.activity('a', 210 * BUCKET)?.trend).toBe('rising');
});

it('periodic: bursts at even distances', () => {
  const statistics = new PatternStatistics();
  for (let hour = 0; hour < 8; hour += 1) {
    statistics.observe('nightly', hour * 3_600_000, 20);
    statistics.observe('nightly', hour * 3_600_000 + 500, 20);
  }
  expect(statistics.activity('nightly', 7.5 * 3_600_000)).toMatchObject({
    trend: 'periodic',
    periodMs: 3_600_000,
  });
  expect(statistics.activity('nightly', 12 * 3_600_000)?.trend).toBe('gone');
});

it('merged patterns count together', () => {
  const statistics = new PatternStatistics();
  steady(statistics, 'a', 0, 50, 2);
  steady(statistics, 'b', 0, 50, 3);
  statistics.merge('b', 'a');
  expect(statistics.activity('b', 50 * BUCKET)).toBeUndefined();
  expect(statistics.activity('a', 50 * BUCKET)?.count).toBe(250);
  expect(statistics.activity('a', 50 * BUCKET)?.usualRate).toBeCloseTo(5, 6);
});

it('stays bounded and finite whatever comes', () => {
  const time = fc.oneof(fc.double(), fc.integer({ min: 0, max: 1e7 }));
  const event = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), time, fc.double());
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const statistics = new PatternStatistics({ mostPatterns: 3 });
      for (const [id, timeMs, count] of events) statistics.observe(id, timeMs, count);
      expect(statistics.size).toBeLessThanOrEqual(3);
      for (const { recentRate, usualRate } of statistics.activities(1e7)) {
        expect(Number.isNaN(recentRate) || Number.isNaN(usualRate)).toBe(false);
      }
    }),
  );
});
