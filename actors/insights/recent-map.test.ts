import { describe, expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

const HOUR_MS = 3_600_000;

describe('a bounded number of things', () => {
  it('are not put out by what comes later while they are there', () => {
    const map = new RecentMap<string, number>(2);
    expect(map.see('a', () => 1, 0)).toBe(1);
    expect(map.see('b', () => 2, 10)).toBe(2);
    expect(map.see('c', () => 3, 20)).toBeUndefined();
    expect(map.see('a', () => 4, 20)).toBe(1);
    expect([...map.entries()]).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
  });

  it('make room for others when they were idle for an hour, and are forgotten after a day', () => {
    const map = new RecentMap<string, number>(2);
    map.see('a', () => 1, 0);
    map.see('b', () => 2, HOUR_MS);
    expect(map.see('c', () => 3, HOUR_MS)).toBe(3);
    expect([...map.values()]).toEqual([2, 3]);
    map.see('c', () => 4, 2 * HOUR_MS);
    map.sweep(24 * HOUR_MS);
    expect([...map.values()]).toEqual([2, 3]);
    map.sweep(25 * HOUR_MS);
    expect([...map.values()]).toEqual([3]);
  });
});
