import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldCounts, ValueCountsPartial } from '../../proto/query/index.ts';
import { tellingAttributes } from './telling-attributes.ts';

const FAILING = { what: 'failing', of: 'requests' } as const;

/** `values`: how many of 100 abnormal and 400 other spans have each. */
function field(name: string, values: Readonly<Record<string, readonly [number, number]>>): FieldCounts {
  const counted = Object.entries(values).map(([value, counts]) => ({ value, counts }));
  const sum = (at: 0 | 1): number => counted.reduce((all, { counts }) => all + counts[at], 0);
  return { field: name, present: [sum(0), sum(1)], values: counted, isCut: false };
}

const told = (...fields: FieldCounts[]): readonly string[] =>
  tellingAttributes({ totals: [100, 400], fields }, FAILING).map(
    ({ field: name, value }) => `${name}=${value}`,
  );

describe('attributes that tell abnormal spans from others', () => {
  it('are those that most abnormal spans have and few others do, the most telling first', () => {
    expect(
      told(
        field('resource.zone', { a: [8, 200], b: [92, 200] }),
        field('resource.service.version', { '2.3.1': [100, 16], '2.3.0': [0, 384] }),
        field('plan', { free: [55, 210], paid: [45, 190] }),
        field('resource.service.instance.id', { 'c-7': [100, 16], 'c-6': [0, 384] }),
      ),
    ).toEqual(['resource.service.version=2.3.1', 'resource.service.instance.id=c-7', 'resource.zone=b']);
  });

  it.each([
    ['an outcome', field('http.response.status_code', { '500': [100, 0], '200': [0, 400] })],
    ['another outcome', field('payment.result', { declined: [100, 4], ok: [0, 396] })],
    ['an event of failing', field('event.exception.type', { E: [100, 0] })],
    ['what only failing ones have', field('retry', { gaveUp: [100, 0] })],
    ['a duration', field('upstream.duration', { slow: [100, 0], fast: [0, 400] })],
    ['a moment', field('started', { '2026-01-05T12:00:00Z': [100, 0], '2026-01-05T11:00:00Z': [0, 400] })],
    ['another moment', field('resource.boot', { '1767614400123': [100, 0], '1767610800123': [0, 400] })],
    ['the status', field('status', { error: [100, 0], unset: [0, 400] })],
    ['what all have', field('region', { eu: [100, 400] })],
  ])('are not %s', (_name, counted) => {
    expect(told(counted)).toEqual([]);
  });

  it('are not ids, of which each span has its own', () => {
    const ids: Record<string, readonly [number, number]> = {};
    for (let index = 0; index < 500; index += 1) ids[`${index}`] = index < 100 ? [1, 0] : [0, 1];
    expect(told(field('user.id', ids))).toEqual([]);
  });

  it('are not what a handful of spans have by chance', () => {
    const few = { totals: [5, 400], fields: [field('zone', { b: [5, 200], a: [0, 200] })] };
    expect(tellingAttributes(few, FAILING)).toEqual([]);
  });

  it('are hardly ever found where there are none', () => {
    let wrong = 0;
    let trials = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 30, max: 300 }),
        fc.integer({ min: 2, max: 5 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
        (abnormal, normal, kinds, stream) => {
          const next = (): number => stream.next().value as number;
          const fields = Array.from({ length: 12 }, (_, index) => {
            const counts = Array.from({ length: kinds }, () => [0, 0]);
            for (let at = 0; at < abnormal + normal; at += 1) {
              const count = counts[Math.floor(kinds * next() ** 1.5)];
              if (count) count[at < abnormal ? 0 : 1] = (count[at < abnormal ? 0 : 1] ?? 0) + 1;
            }
            const values = counts.map((each, value) => ({ value: `v${value}`, counts: each }));
            return { field: `f${index}`, present: [abnormal, normal], values, isCut: false };
          });
          const partial: ValueCountsPartial = { totals: [abnormal, normal], fields };
          trials += 1;
          if (tellingAttributes(partial, FAILING).length > 0) wrong += 1;
        },
      ),
      { numRuns: 300, seed: 1, endOnFailure: true },
    );
    expect(trials).toBe(300);
    expect(wrong).toBeLessThanOrEqual(2);
  });
});
