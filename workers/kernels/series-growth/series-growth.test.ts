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
    [
      'a gap beside an hour that came twice',
      hours(7, (hour) => hour * 300).map(
        ([hour, series], at) => [at === 2 ? hour - 1 : hour, series] as const,
      ),
    ],
    ['hours that are turned', hours(12, (hour) => hour * 300).reverse()],
    ['one hour', hours(1, () => 1e300)],
    ['a constant', hours(12, () => 1e300)],
    ['what is endless already', hours(12, (hour) => (hour > 8 ? Infinity : 0))],
  ])('is not %s', (_name, seen) => {
    expect(judgeGrowth(seen)).toBeUndefined();
  });

  it('is what naive code has, hour by hour', () => {
    const step = fc.constantFrom(0, 0, 90, 100, 120, 400);
    let seen = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 6, maxLength: 12 }), fc.nat(8_000), (steps, before) => {
        let series = before;
        const list = [before, ...steps.map((added) => (series += added))];
        const last = steps.slice(-6);
        const added = last.reduce<number>((sum, each) => sum + each, 0);
        const later = last.slice(3).reduce<number>((sum, each) => sum + each, 0);
        const isGrowth =
          added >= 500 &&
          added >= 0.15 * (list.at(-7) ?? 0) &&
          last.filter((each) => each > 0).length >= 5 &&
          later >= 0.5 * (added - later);
        const growth = judgeGrowth(hours(list.length, (hour) => list[hour] ?? 0));
        expect(growth).toEqual(isGrowth ? { added, perDay: added * 4 } : undefined);
        seen += Number(isGrowth);
      }),
      { numRuns: 500 },
    );
    expect(seen).toBeGreaterThan(10);
  });

  it('stands anything', () => {
    const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e300, -1e300, 0);
    const hour = fc.tuple(fc.oneof(fc.integer(), odd), fc.oneof(fc.double(), odd));
    const inOrder = fc
      .array(fc.oneof(fc.double(), odd), { maxLength: 10 })
      .map((list) => hours(list.length, (at) => list[at] ?? 0));
    fc.assert(
      fc.property(fc.oneof(fc.array(hour, { maxLength: 10 }), inOrder), (seen) => {
        const growth = judgeGrowth(seen);
        expect(growth?.added ?? 500).toBeGreaterThanOrEqual(500);
        expect(growth?.added ?? 500).toBeLessThan(Infinity);
      }),
    );
  });
});
