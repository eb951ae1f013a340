import { describe, expect, it } from 'vitest';
import { stepGridOf, stepsOf } from './step-grid.ts';

const NOW_MS = 1_700_000_000_000;
const NOW = BigInt(NOW_MS) * 1_000_000n;

describe('the times of a range', () => {
  it.each([
    ['now-15m', 10_000],
    ['now-6h', 60_000],
    ['now-7d', 1_800_000],
    ['now-90d', 21_600_000],
    ['0001-01-01T00:00:00Z', 40 * 86_400_000],
  ])('from %s are some five hundred at most', (from, stepMs) => {
    const grid = stepGridOf({ from, to: 'now' }, NOW, 2_000);
    expect(grid.stepMs).toBe(stepMs);
    expect(grid.count).toBeLessThanOrEqual(501);
    expect(grid.count).toBeGreaterThan(80);
    expect(grid.startUnixMs % stepMs).toBe(0);
    const endMs = grid.startUnixMs + (grid.count - 1) * stepMs;
    // None is of what is yet to come, and the newest step is there.
    expect(endMs).toBeLessThanOrEqual(NOW_MS);
    expect(endMs).toBeGreaterThan(NOW_MS - stepMs);
  });

  it('are as far apart as is asked for, and not too many', () => {
    expect(stepGridOf({ from: 'now-1h', to: 'now', step: '5m' }, NOW, 2_000)).toMatchObject({
      stepMs: 300_000,
    });
    expect(() => stepGridOf({ from: 'now-7d', to: 'now', step: '1s' }, NOW, 2_000)).toThrow('more than 2000');
    expect(() => stepGridOf({ from: 'now-1m', to: 'now', step: '1d' }, NOW, 2_000)).toThrow(
      'shorter than a step',
    );
    expect(() => stepGridOf({ from: '1700000100', to: '1700000200' }, NOW, 2_000)).toThrow('has not begun');
  });

  it('ahead are whole steps', () => {
    expect(stepsOf('horizon', '1d', 3_600_000)).toBe(24);
    expect(() => stepsOf('horizon', '1m', 3_600_000)).toThrow('horizon is 1m');
  });
});
