import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  engineOver,
  pointBatches,
  unboundedRun,
  type PointFixture,
} from '../../../../actors/fixtures/index.ts';
import { insertSegment } from '../../../../actors/ports/index.ts';
import type { ServiceBatch } from '../../../../proto/columns/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';

const SEGMENTS = 4;

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
const sent: PointFixture[] = [];
const segments: (readonly ServiceBatch[])[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-exemplars-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  const exemplar = fc.record({
    timeMs: fc.integer({ min: 1, max: 50 }),
    value: fc.constantFrom(0.5, 2, 40),
    traceId: fc.constantFrom('ab'.repeat(16), 'cd'.repeat(16)),
    attributes: fc.record({ user: fc.constantFrom('ä', 'b') }),
  });
  const point = fc.record({
    service: fc.constantFrom('cart', 'pay'),
    instance: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('duration', 'size'),
    kind: fc.constantFrom('sum' as const, 'histogram' as const),
    timeMs: fc.integer({ min: 0, max: 50 }),
    attributes: fc.record({ route: fc.constantFrom('/a', '/b') }),
    exemplars: fc.array(exemplar, { maxLength: 3 }),
  });
  for (let number = 1; number <= SEGMENTS; number += 1) {
    const points = fc.sample(point, 150);
    sent.push(...points);
    segments.push(pointBatches(points));
    await insertSegment(store.archive, { number, batches: segments.at(-1) ?? [] });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

type Found = Awaited<ReturnType<ReturnType<typeof engineOver>['query']['exemplars']>>;

const texts = (exemplars: Found['exemplars']): string[] =>
  exemplars
    .map(({ service, attributes, resource, metric, traceId, ...rest }) =>
      JSON.stringify([
        [service.name, resource.attributes[1], metric.kind, attributes],
        [rest.timeUnixNano, rest.value, traceId, rest.filteredAttributes],
      ]),
    )
    .sort();

const text = (key: string, stringValue = ''): object => ({ key, value: { stringValue } });

function expectedTexts(fromMs: number, toMs: number, route: string | undefined): string[] {
  const isMeant = ({ name, timeMs = 0, attributes }: PointFixture): boolean =>
    name === 'duration' &&
    timeMs >= fromMs &&
    timeMs < toMs &&
    (route === undefined || attributes?.['route'] === route);
  const all = sent.filter(isMeant).flatMap(({ service, instance, kind, attributes, exemplars = [] }) =>
    exemplars.map(({ timeMs, value, traceId, attributes: own }) =>
      JSON.stringify([
        [service, text('service.instance.id', instance), kind, [text('route', attributes?.['route'])]],
        [`${timeMs}000000`, { asDouble: value }, traceId, [text('user', own?.['user'])]],
      ]),
    ),
  );
  return [...new Set(all)].sort();
}

it.each(Array.from({ length: SEGMENTS + 1 }, (_, through) => through))(
  'shows every exemplar of a metric once with %i segments archived',
  async (through) => {
    const { query, stop } = engineOver(store.history, segments, through);
    for (const [fromMs, toMs, route] of [
      [0, 51, undefined],
      [10, 31, '/a'],
    ] as const) {
      const range = { fromUnixNano: BigInt(fromMs) * 1_000_000n, toUnixNano: BigInt(toMs) * 1_000_000n };
      const labels = route === undefined ? [] : [{ key: 'route', value: route }];
      const expected = expectedTexts(fromMs, toMs, route);
      const filter = { name: 'duration', labels };
      const all = await query.exemplars(filter, range, 10_000, unboundedRun());
      expect(texts(all.exemplars)).toEqual(expected);
      expect(all.more).toBe(false);
      expect(expected.length).toBeGreaterThan(20);
      const some = await query.exemplars(filter, range, 20, unboundedRun());
      expect(some.more).toBe(true);
      expect(some.exemplars.map(({ timeUnixNano }) => timeUnixNano)).toEqual(
        all.exemplars.slice(0, 20).map(({ timeUnixNano }) => timeUnixNano),
      );
    }
    const unknown = { name: 'unknown', labels: [] };
    const ever = { fromUnixNano: 0n, toUnixNano: 2n ** 62n };
    expect(await query.exemplars(unknown, ever, 5, unboundedRun())).toEqual({ exemplars: [], more: false });
    stop();
  },
);
