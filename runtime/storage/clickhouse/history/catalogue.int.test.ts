import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertSegment } from '../../../../actors/ports/index.ts';
import { pointBatches, unboundedRun } from '../../../../actors/fixtures/index.ts';
import type { ServiceBatch } from '../../../../proto/columns/index.ts';
import type { AttributeUse, MetricUse } from '../../../../proto/query/index.ts';
import { attributeUses, metricUses } from '../../../../workers/catalogue/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';

const RUN = unboundedRun();
const POINTS = 3_000;
const MINUTE_MS = 60_000;

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
const segments: (readonly ServiceBatch[])[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-catalogue-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  const point = fc.record({
    service: fc.constantFrom('cart', 'pay'),
    instance: fc.constantFrom('a', 'b', 'c'),
    name: fc.constantFrom('Http.requests', 'queue', 'http.size'),
    kind: fc.constantFrom('gauge' as const, 'sum' as const, 'histogram' as const),
    timeMs: fc.integer({ min: 0, max: 300 * MINUTE_MS }),
    attributes: fc.record({ user: fc.string({ maxLength: 2 }), route: fc.constantFrom('/ä', '/b') }),
  });
  for (let segment = 0; segment < 3; segment += 1) {
    const points = fc.sample(point, POINTS);
    segments.push(pointBatches(points));
    await insertSegment(store.archive, { number: segment + 1, batches: segments[segment] ?? [] });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

const sorted = (uses: readonly (MetricUse | AttributeUse)[]): string[] =>
  uses
    .map((use) => {
      const hashes = 'series' in use ? use.series : use.values;
      return JSON.stringify({ ...use, series: undefined, values: undefined, hashes: [...hashes] });
    })
    .sort();

it('the archive says of metrics what the windows say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        fromMs: fc.integer({ min: -1, max: 200 * MINUTE_MS }),
        widthMs: fc.integer({ min: 1, max: 300 * MINUTE_MS }),
        through: fc.integer({ min: 1, max: 3 }),
        service: fc.constantFrom(undefined, 'cart', 'none'),
        text: fc.constantFrom(undefined, 'http', 'QUE', '%'),
        names: fc.constantFrom(undefined, ['queue', 'http.size']),
      }),
      async ({ fromMs, widthMs, through, service, text, names }) => {
        const range = {
          fromUnixNano: BigInt(Math.max(0, fromMs)) * 1_000_000n,
          toUnixNano: BigInt(fromMs + widthMs) * 1_000_000n,
        };
        const batches = segments
          .slice(0, through)
          .flat()
          .filter((batch) => service === undefined || batch.service.name === service);
        const query = {
          range,
          ...(service === undefined ? {} : { service: { namespace: '', name: service, environment: '' } }),
          ...(text === undefined ? {} : { text }),
          ...(names === undefined ? {} : { names }),
        };
        const uses = await store.history.metricUses(query, through, RUN);
        expect(sorted(uses)).toEqual(sorted(metricUses(query, { batches })));
        const fields = await store.history.attributeUses(query, through, RUN);
        expect(sorted(fields)).toEqual(sorted(attributeUses(query, { batches })));
      },
    ),
    { numRuns: 40 },
  );
});

it('the archive says what a row of it takes', async () => {
  const bytes = await store.history.bytesPerRow('metrics', RUN);
  expect(bytes).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(1_000);
  expect(await store.history.bytesPerRow('traces', RUN)).toBeUndefined();
});
