import { describe, expect, it } from 'vitest';
import { logRecords } from '../../e2e/platform-data.ts';
import { bucketMsOf, severityHistogram, timeOf } from './histogram.ts';

const NOW = 1_767_225_600_000;

const group = (value: string | null, counts: Readonly<Record<number, number>>) => ({
  key: [{ field: 'level', value }],
  count: Object.values(counts).reduce((sum, one) => sum + one, 0),
  buckets: Object.entries(counts).map(([ms, count]) => ({
    timeUnixNano: `${ms}000000`,
    count,
    ratePerSecond: 0,
    numbers: [],
    distincts: [],
  })),
});

describe('the histogram of log records', () => {
  it('has the levels that occur, in order, and zeros between their bars', () => {
    const groups = [
      group('error', { [NOW + 20_000]: 2 }),
      group('info', { [NOW]: 5, [NOW + 30_000]: 7 }),
      group(null, { [NOW + 10_000]: 1 }),
    ];
    const levels = severityHistogram({ groups }, 10_000);
    expect(levels.map(({ level, count }) => [level, count])).toEqual([
      ['unset', 1],
      ['info', 12],
      ['error', 2],
    ]);
    expect(levels.map(({ points }) => points.map(({ y }) => y))).toEqual([
      [0, 1, 0, 0],
      [5, 0, 0, 7],
      [0, 0, 2, 0],
    ]);
    expect(levels[0]?.points[0]?.x).toBe(NOW + 5_000);
  });

  it('is empty where nothing was counted', () => {
    expect(severityHistogram({ groups: [] }, 1_000)).toEqual([]);
  });

  it('has at most ninety bars, however long the range', () => {
    for (const rangeMs of [1, 900, 900_000, 86_400_000, 30 * 86_400_000, 3_650 * 86_400_000]) {
      expect(rangeMs / bucketMsOf(rangeMs)).toBeLessThanOrEqual(90);
    }
    expect(bucketMsOf(900_000)).toBe(10_000);
  });

  it('takes the observed time where a record has none', () => {
    const [log] = logRecords(1, NOW);
    expect(log && timeOf({ ...log, timeUnixNano: '0' })).toBe(`${NOW}000000`);
  });
});
