import { describe, expect, it } from 'vitest';
import { logRecords } from '../../e2e/platform-data.ts';
import { severityHistogram, timeOf } from './histogram.ts';

const NOW = 1_767_225_600_000;

describe('log histogram', () => {
  it('counts every record it is given once', () => {
    const logs = logRecords(500, NOW);
    const { levels } = severityHistogram(logs, NOW - 900_000, NOW);
    expect(levels.map(({ level }) => level)).toEqual(['debug', 'info', 'warn', 'error']);
    expect(levels.reduce((sum, { count }) => sum + count, 0)).toBe(500);
    for (const { count, points } of levels) {
      expect(points.reduce((sum, { y }) => sum + (y ?? 0), 0)).toBe(count);
      expect(points.length).toBeLessThanOrEqual(91);
    }
  });

  it('takes the observed time where a record has none', () => {
    const [log] = logRecords(1, NOW);
    expect(log && timeOf({ ...log, timeUnixNano: '0' })).toBe(`${NOW}000000`);
  });
});
