import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertSegment } from '../../../actors/ports/index.ts';
import { spanBatches, type SpanFixture } from '../../../actors/fixtures/index.ts';
import { connect, type Connection } from './connection.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from './index.ts';
import { insertOfSpans, RED_PARAMETERS, RED_TABLES } from './rollups.ts';

const START_MS = 1_790_000_000_000;
/** One operation more than the archive counts by itself. */
const TOO_MANY = 32_769;

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
let connection: Connection;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-rollups-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  connection = connect({ client: { ...engine.clientOptions }, database: 'ophion', queryTimeoutMs: 30_000 });
});
afterAll(async () => {
  await connection.close();
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

/** Every column of a level's rows, buckets in order. */
const ROW = 'tuple(* EXCEPT (buckets, counts), arraySort(arrayZip(buckets, counts))) AS row';

/** Rows that are in one of the tables and not as often in the other. ClickHouse compares: there are too many to bring here. */
function differences(table: string, other: string, segment: number): Promise<unknown[][]> {
  return connection.rows(
    `SELECT row, sum(side)
     FROM (
       SELECT ${ROW}, 1 AS side FROM ${table} WHERE segment = {segment:UInt64}
       UNION ALL SELECT ${ROW}, -1 AS side FROM ${other} WHERE segment = {segment:UInt64}
     )
     GROUP BY row HAVING sum(side) != 0 LIMIT 5`,
    { segment },
  );
}

/** All levels are what ClickHouse itself makes of the segment's spans, each level of its own. */
async function expectAsRecounted(segment: number, spans: readonly SpanFixture[]): Promise<void> {
  await insertSegment(store.archive, { number: segment, batches: spanBatches(spans) });
  const [[day] = []] = await connection.rows(
    'SELECT day FROM spans WHERE segment = {segment:UInt64} LIMIT 1',
    { segment },
  );
  for (const table of RED_TABLES) {
    await connection.run(`CREATE TABLE recounted AS ${table}`);
    await connection.run(insertOfSpans(table, 'recounted'), { segment, day, ...RED_PARAMETERS });
    const [[rows] = []] = await connection.rows(
      `SELECT count() FROM ${table} WHERE segment = {segment:UInt64}`,
      { segment },
    );
    expect(Number(rows)).toBeGreaterThan(0);
    expect({ table, differences: await differences(table, 'recounted', segment) }).toEqual({
      table,
      differences: [],
    });
    await connection.run('DROP TABLE recounted');
  }
}

describe('requests, errors and durations in the archive', () => {
  it('are counted as ClickHouse would count the spans', async () => {
    await expectAsRecounted(
      1,
      Array.from({ length: 3_000 }, (_, i) => ({
        service: `service ${i % 3}`,
        name: `operation ${i % 7}`,
        kind: i % 6,
        startMs: START_MS + i * 97,
        durationMs: (i * 7_919) % 5_000,
        isError: i % 11 === 0,
        ...(i % 2 === 0 ? { parentSpanId: 'ab'.repeat(8) } : {}),
      })),
    );
  });

  it('are counted by ClickHouse where there are too many operations', async () => {
    await expectAsRecounted(
      2,
      Array.from({ length: TOO_MANY }, (_, i) => ({
        service: 'crawler',
        name: `GET /pages/${i}`,
        kind: 2,
        startMs: START_MS,
        durationMs: i % 50,
      })),
    );
  });
});
