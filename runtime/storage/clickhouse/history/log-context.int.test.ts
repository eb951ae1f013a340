import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  compareLogHits,
  logBatches,
  MemoryHistory,
  unboundedRun,
} from '../../../../actors/fixtures/index.ts';
import { insertSegment } from '../../../../actors/ports/index.ts';
import { EVERYTHING } from '../../../../proto/query/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';

const SEGMENTS = 5;
const RUN = unboundedRun();
const EVER = { fromUnixNano: 0n, toUnixNano: 2n ** 63n };

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
const memory = new MemoryHistory();

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-log-context-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  const log = fc.record({
    service: fc.constantFrom('cart', 'pay'),
    instance: fc.constantFrom('a', 'b'),
    timeMs: fc.integer({ min: 1, max: 40 }),
    body: fc.string(),
  });
  for (let number = 1; number <= SEGMENTS; number += 1) {
    const [logs = []] = fc.sample(fc.array(log, { minLength: 40, maxLength: 80 }), 1);
    const batches = [...logBatches(logs.slice(0, 20)), ...logBatches(logs.slice(20))];
    await insertSegment(memory, { number, batches });
    await insertSegment(store.archive, { number, batches });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

it('the archive has a record at its place, and beside it what its resource sent, the nearest first', async () => {
  const places = await memory.findLogs(EVERYTHING, EVER, { limit: 10_000 }, SEGMENTS);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.constantFrom('older' as const, 'newer' as const),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: SEGMENTS }),
      async (place, side, limit, through) => {
        const expected = await memory.logAt(place, through);
        const found = await store.history.logAt(place, through, RUN);
        expect(found?.hit).toEqual(expected?.hit);
        if (!expected || !found) return;
        expect(Buffer.from(found.stream.resource)).toEqual(Buffer.from(expected.stream.resource));
        expect(found.stream.service).toEqual(expected.stream.service);
        const page = { limit, asOf: { segment: through, ordinal: 30 } };
        const beside = await store.history.logsBeside(found.stream, place, side, page, through, RUN);
        expect(beside).toEqual(await memory.logsBeside(expected.stream, place, side, page, through));
        const direction = side === 'older' ? 1 : -1;
        for (const hit of beside) expect(direction * compareLogHits(hit, place)).toBeGreaterThan(0);
      },
    ),
    { numRuns: 80 },
  );
});

it('a record that is not there has no place', async () => {
  const nowhere = { timeUnixNano: 1n, segment: 1, ordinal: 4_294_967_295 };
  expect(await store.history.logAt(nowhere, SEGMENTS, RUN)).toBeUndefined();
});
