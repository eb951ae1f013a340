import { expect, it } from 'vitest';
import { barsPath } from './count-bars.tsx';

it('bars are as tall as their share of the tallest, and what is little is seen', () => {
  expect(barsPath([10, 0, 5, 0.01], 20)).toBe('M0.1 20V0.0h0.8V20zM2.1 20V10.0h0.8V20zM3.1 20V19.0h0.8V20z');
  expect(barsPath([], 20)).toBe('');
  expect(barsPath([0, 0], 20)).toBe('');
});
