import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
  engine = await startEmbeddedClickHouse({ dataDir: home });
  store = await openClickHouse({ target: engine });
  connection = connect({ client: { ...engine.clientOptions }, database: 'ophion', queryTimeoutMs: 30_000 });
});
afterAll(async () => {
  await connection.close();
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

/** Rows of one segment, each with its buckets in order. */
function rowsOf(table: string, segment: number): Promise<unknown[][]> {
  return connection.rows(
    `SELECT * EXCEPT (buckets, counts), arraySort(arrayZip(buckets, counts)) AS durations
     FROM ${table} WHERE segment = {segment:UInt64} ORDER BY ALL`,
    { segment },
  );
}

/** The rows that ClickHouse itself makes of the segment's spans, each level of its own. */
async function recountedRows(segment: number): Promise<Record<string, unknown[][]>> {
  const [[day] = []] = await connection.rows(
    'SELECT day FROM spans WHERE segment = {segment:UInt64} LIMIT 1',
    {
      segment,
    },
  );
  const rows: Record<string, unknown[][]> = {};
  for (const table of RED_TABLES) {
    await connection.run(`CREATE TABLE recounted AS ${table}`);
    await connection.run(insertOfSpans(table, 'recounted'), { segment, day, ...RED_PARAMETERS });
    rows[table] = await rowsOf('recounted', segment);
    await connection.run('DROP TABLE recounted');
  }
  return rows;
}

async function expectAsRecounted(segment: number, spans: readonly SpanFixture[]): Promise<void> {
  await store.archive.insert({ number: segment, batches: spanBatches(spans) });
  const recounted = await recountedRows(segment);
  for (const table of RED_TABLES) {
    const rows = await rowsOf(table, segment);
    expect(rows.length).toBeGreaterThan(0);
    expect({ table, rows }).toEqual({ table, rows: recounted[table] });
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
