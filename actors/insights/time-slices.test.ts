import { expect, it } from 'vitest';
import { slicesOf } from './time-slices.ts';

const every = Array.from({ length: 1_000 }, (_, ms) => ({ ms, item: ms }));

it('takes the end of each part of a time, equally many', () => {
  const slices = { fromMs: 0, toMs: 800, count: 8, most: 80 };
  const taken = slicesOf(every, slices);
  expect(taken).toHaveLength(80);
  expect(taken.slice(0, 10)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  expect(taken.at(-1)).toBe(800);
  expect(slicesOf([...every].reverse(), slices)).toEqual(taken);
});

it('takes all where there are few, and nothing of no time', () => {
  expect(slicesOf(every.slice(0, 5), { fromMs: 0, toMs: 10, count: 8, most: 80 })).toEqual([0, 1, 2, 3, 4]);
  expect(slicesOf(every, { fromMs: 10, toMs: 10, count: 8, most: 80 })).toEqual([]);
});
