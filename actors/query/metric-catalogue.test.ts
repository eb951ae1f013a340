import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attributeUses, metricUses } from '../../workers/catalogue/index.ts';
import {
  EMPTY_HISTORY,
  engineOver,
  pointBatches,
  unboundedRun,
  type PointFixture,
} from '../fixtures/index.ts';

const point = fc.record({
  service: fc.constantFrom('cart', 'pay'),
  instance: fc.constantFrom('a', 'b', 'c'),
  name: fc.constantFrom('Http.requests', 'queue', 'http.size'),
  timeMs: fc.integer({ min: 0, max: 20 }),
  attributes: fc.record({
    user: fc.constantFrom('1', '2', '3', '4', '5'),
    route: fc.constantFrom('/a', '/b'),
  }),
});

interface Expected {
  readonly name: string;
  readonly points: number;
  readonly series: number;
  readonly offenders: readonly { readonly field: string; readonly values: number }[];
}

function expected(points: readonly PointFixture[]): Expected[] {
  const names = [...new Set(points.map(({ name = '' }) => name))];
  return names
    .map((name) => {
      const own = points.filter((each) => each.name === name);
      const count = (text: (each: PointFixture) => unknown): number =>
        new Set(own.map((each) => JSON.stringify(text(each)))).size;
      const offenders = [
        { field: 'resource.service.instance.id', values: count(({ instance }) => instance) },
        { field: 'resource.service.name', values: count(({ service }) => service) },
        { field: 'route', values: count(({ attributes }) => attributes?.['route']) },
        { field: 'user', values: count(({ attributes }) => attributes?.['user']) },
      ];
      return {
        name,
        points: own.length,
        series: count(({ service, instance, attributes }) => [service, instance, attributes]),
        offenders: offenders
          .filter(({ values }) => values > 1)
          .sort((a, b) => b.values - a.values || (a.field < b.field ? -1 : 1)),
      };
    })
    .sort((a, b) => b.series - a.series || (a.name < b.name ? -1 : 1));
}

it('counts points, series and what makes them so many, over windows and archive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(point, { maxLength: 12 }), { maxLength: 6 }),
      fc.nat({ max: 6 }),
      fc.constantFrom(undefined, 'HTTP'),
      async (segments, through, text) => {
        const batches = segments.map((points) => pointBatches(points));
        const archived = batches.slice(0, through).flat();
        const { query: engine, stop } = engineOver(
          {
            ...EMPTY_HISTORY,
            metricUses: (query) => Promise.resolve(metricUses(query, { batches: archived })),
            attributeUses: (query) => Promise.resolve(attributeUses(query, { batches: archived })),
          },
          batches,
          through,
        );
        const range = { fromUnixNano: 2_000_000n, toUnixNano: 15_000_000n };
        const { entries, more } = await engine.metricCatalogue(
          { range, ...(text === undefined ? {} : { text }) },
          { limit: 2, offenders: 10 },
          unboundedRun(),
        );
        const isMeant = ({ timeMs = 0, name = '' }: PointFixture): boolean =>
          timeMs >= 2 && timeMs < 15 && (text === undefined || name.toLowerCase().includes('http'));
        const all = expected(segments.flat().filter(isMeant));
        expect(entries.map(({ metric, ...entry }) => ({ name: metric.name, ...entry }))).toEqual(
          all.slice(0, 2).map((entry) => ({ ...entry, isExact: true })),
        );
        expect(more).toBe(all.length > 2);
        stop();
      },
    ),
  );
});
