import { describe, expect, it } from 'vitest';
import { shareBelow } from './share-below.ts';

const BINS = [
  { from: 0, to: 10, count: 2 },
  { from: 10, to: 20, count: 6 },
  { from: 30, to: 40, count: 2 },
];

describe('the share of a histogram below a number', () => {
  it.each([
    [0, 0],
    [5, 0.1],
    [10, 0.2],
    [15, 0.5],
    [25, 0.8],
    [41, 1],
  ])('%d: %d', (value, share) => {
    expect(shareBelow(BINS, value)).toBeCloseTo(share, 12);
  });

  it('is 0 where nothing was counted', () => {
    expect(shareBelow([], 5)).toBe(0);
  });
});
