import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeGrowth, type SeriesHour } from './index.ts';

const hours = (count: number, seriesAt: (hour: number) => number): SeriesHour[] =>
  Array.from({ length: count }, (_, hour) => [500_000 + hour, Math.round(seriesAt(hour))] as const);

describe('growth of series', () => {
  it('without end is seen, whether it began now or days ago', () => {
    expect(judgeGrowth(hours(7, (hour) => 200 + hour * 300))).toEqual({ added: 1_800, perDay: 7_200 });
    expect(judgeGrowth(hours(30, (hour) => 200 + hour * 300))).toMatchObject({ added: 1_800 });
  });

  it.each([
    ['too short a time', hours(6, (hour) => hour * 300)],
    ['a start that levels off', hours(12, (hour) => 5_000 * (1 - Math.exp(-hour / 2)))],
    ['a deploy', hours(12, (hour) => (hour < 9 ? 2_000 : 4_000))],
    ['little', hours(12, (hour) => 100 + hour * 20)],
    ['what may be error of an estimate', hours(12, (hour) => 100_000 + hour * 1_000)],
    ['nothing', []],
    ['a gap', hours(12, (hour) => hour * 300).filter((_, at) => at !== 9)],
  ])('is not %s', (_name, seen) => {
    expect(judgeGrowth(seen)).toBeUndefined();
  });

  it('stands anything', () => {
    const hour = fc.tuple(fc.oneof(fc.integer(), fc.constant(Number.NaN)), fc.double());
    fc.assert(
      fc.property(fc.array(hour, { maxLength: 10 }), (seen) => {
        const growth = judgeGrowth(seen);
        expect((growth?.added ?? 500) >= 500).toBe(true);
      }),
    );
  });
});
