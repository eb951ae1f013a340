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

it('rates are the weighted means of the buckets since the first, one by one', () => {
  const event = fc.tuple(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 1, max: 50 }));
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), fc.nat(40), (events, wait) => {
      const statistics = new PatternStatistics();
      const counts = new Map<number, number>();
      const from = events[0]?.[0] ?? 0;
      let bucket = from;
      for (const [at, [gap, count]] of events.entries()) {
        bucket += at === 0 ? 0 : gap;
        statistics.observe('a', bucket * BUCKET + 5, count);
        counts.set(bucket, (counts.get(bucket) ?? 0) + count);
      }
      const now = bucket + 1 + wait;
      const naive = (weight: number): number => {
        let [sum, weights] = [0, 0];
        for (let each = from; each < now; each += 1) {
          const ofBucket = weight * (1 - weight) ** (now - 1 - each);
          sum += ofBucket * (counts.get(each) ?? 0);
          weights += ofBucket;
        }
        return sum / weights;
      };
      const activity = statistics.activity('a', now * BUCKET);
      expect(activity?.count).toBe(events.reduce((sum, [, count]) => sum + count, 0));
      expect(activity?.recentRate).toBeCloseTo(naive(0.2), 9);
      expect(activity?.usualRate).toBeCloseTo(naive(0.0115), 9);
    }),
  );
});

it('stays bounded and finite whatever comes', () => {
  const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -1, 1e300, -1e300, Number.MAX_VALUE);
  const time = fc.oneof(fc.double(), odd, fc.integer({ min: 0, max: 1e7 }));
  const event = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), time, fc.oneof(fc.double(), odd));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), time, (events, nowMs) => {
      const statistics = new PatternStatistics({ mostPatterns: 3 });
      for (const [id, timeMs, count] of events) statistics.observe(id, timeMs, count);
      expect(statistics.size).toBeLessThanOrEqual(3);
      for (const { id, trend, ...figures } of statistics.activities(nowMs)) {
        expect([id, trend, Object.values(figures).every(Number.isFinite)]).toEqual([id, trend, true]);
        // It is kept as JSON, which has no infinities.
        expect(Object.values(statistics.stateOf(id) ?? {}).every(Number.isFinite)).toBe(true);
      }
    }),
    {
      examples: [
        [[...[-1, 1, -1, 1].map((sign) => ['a', sign * Number.MAX_VALUE, 1] as [string, number, number])], 0],
        [[['a', 0, 1]], Number.NaN],
        [[0, 1].map(() => ['a', 0, Number.MAX_VALUE] as [string, number, number]), 0],
      ],
    },
  );
});
