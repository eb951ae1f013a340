import { describe, expect, it } from 'vitest';
import { tickLabel, timeTicks } from './time-axis.ts';

const NOW = 1_767_225_600_000;

describe('time axis', () => {
  it('has few, round ticks', () => {
    const ticks = timeTicks(NOW - 900_000, NOW, 8, 'utc');
    expect(ticks.map((tick) => tickLabel(tick, 900_000, 'utc'))).toEqual([
      '23:46',
      '23:48',
      '23:50',
      '23:52',
      '23:54',
      '23:56',
      '23:58',
      '00:00',
    ]);
    expect(timeTicks(NOW - 30 * 86_400_000, NOW, 8, 'utc').length).toBeLessThanOrEqual(8);
  });
});
