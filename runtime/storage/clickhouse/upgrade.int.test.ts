import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { insertSegment } from '../../../actors/ports/index.ts';
import { spanBatches, unboundedRun } from '../../../actors/fixtures/index.ts';
import { EVERYTHING } from '../../../proto/query/index.ts';
import { connect } from './connection.ts';
import { openClickHouse, startEmbeddedClickHouse, type EmbeddedClickHouse } from './index.ts';
import { RED_TABLES } from './rollups.ts';
import { readSqlFiles } from './sql-files.ts';

const RUN = unboundedRun();
let home: string;
let engine: EmbeddedClickHouse;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-upgrade-'));
  engine = await startEmbeddedClickHouse({ dataDir: home });
});
afterAll(async () => {
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

it('a database of the first version keeps its rows, gets rollups of them, and doubles none that come again', async () => {
  const connection = connect({
    client: { ...engine.clientOptions },
    database: 'ophion',
    queryTimeoutMs: 30_000,
  });
  const outside = connect({
    client: { ...engine.clientOptions },
    database: 'default',
    queryTimeoutMs: 30_000,
  });
  await outside.run('CREATE DATABASE ophion');
  const [first] = await readSqlFiles('migrations');
  for (const statement of first?.statements ?? []) await connection.run(statement);
  await connection.run(
    'CREATE TABLE schema_versions (version UInt32, name String, appliedAt DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY version',
  );
  await connection.run("INSERT INTO schema_versions (version, name) SELECT 1, '0001-telemetry.sql'");
  const insert = (segment: number, count: number): Promise<void> =>
    connection.run(`
      INSERT INTO spans (segment, day, serviceName, traceId, spanId, startTimeUnixNano, durationNano, name, kind, statusCode)
      SELECT ${segment}, today(), 'cart', toFixedString(toString(number + 1), 16), toFixedString('s', 8),
        number * 1000000000, 5000000, 'GET /', 2, if(number = 0, 2, 0)
      FROM numbers(${count})`);
  await insert(1, 4_000);
  await connection.run('INSERT INTO segments (number) SELECT 1');
  // Its process was killed before the mark.
  await insert(2, 2);

  const store = await openClickHouse({ target: engine });
  const range = { fromUnixNano: 0n, toUnixNano: 7_200_000_000_000n };
  const cart = { namespace: '', name: 'cart', environment: '' };
  const counts = async (through: number): Promise<unknown[]> =>
    (await store.history.services(range, through, RUN)).map(({ requests, errors, spans }) => [
      requests,
      errors,
      spans,
    ]);
  expect(await counts(1)).toEqual([[4_000, 1, 4_000]]);
  expect(await store.history.operations(cart, range, 1, RUN)).toMatchObject([
    { name: 'GET /', kind: 2, requests: 4_000, errors: 1 },
  ]);
  expect(await store.history.findTraces({ search: EVERYTHING }, range, { limit: 5 }, 1, RUN)).toHaveLength(5);

  const batches = spanBatches([{ service: 'cart' }, { service: 'cart' }]);
  await insertSegment(store.archive, { number: 2, batches });
  await insertSegment(store.archive, { number: 2, batches });
  expect(
    await connection.rows('SELECT segment, count() FROM spans GROUP BY segment ORDER BY segment'),
  ).toEqual([
    ['1', '4000'],
    ['2', '2'],
  ]);
  expect(await connection.rows('SELECT sum(spans) FROM red_1h WHERE segment = 2')).toEqual([['2']]);
  await Promise.all([store.close(), connection.close(), outside.close()]);
});

it('a segment that was killed before views kept the rollups is in each of them once', async () => {
  const database = 'killed';
  const connection = connect({ client: { ...engine.clientOptions }, database, queryTimeoutMs: 30_000 });
  const outside = connect({
    client: { ...engine.clientOptions },
    database: 'default',
    queryTimeoutMs: 30_000,
  });
  await outside.run(`CREATE DATABASE ${database}`);
  const withoutViews = (await readSqlFiles('migrations')).filter(({ name }) => name < '0009');
  await connection.run(
    'CREATE TABLE schema_versions (version UInt32, name String, appliedAt DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY version',
  );
  for (const [index, { name, statements }] of withoutViews.entries()) {
    for (const statement of statements) await connection.run(statement);
    await connection.run(
      'INSERT INTO schema_versions (version, name) SELECT {version:UInt32}, {name:String}',
      {
        version: index + 1,
        name,
      },
    );
  }
  // As that version wrote them, each with a token of its own; killed before the last two.
  for (const table of ['service_red_1s', 'red_1m', 'red_1h']) {
    await connection.run(
      `INSERT INTO ${table} (segment, day, serviceName, second, spans, requests, errors, buckets, counts)
       SELECT 1, today(), 'cart', 7200, 2, 2, 0, [780], [2]`,
      {},
      { insert_deduplicate: 1, insert_deduplication_token: `ophion:1:${table}` },
    );
  }
  const store = await openClickHouse({ target: engine, database });
  const batches = spanBatches([{ service: 'cart' }, { service: 'cart' }]);
  for (let times = 0; times < 2; times += 1) await insertSegment(store.archive, { number: 1, batches });
  for (const table of RED_TABLES) {
    expect([table, await connection.rows(`SELECT sum(spans) FROM ${table}`)]).toEqual([table, [['2']]]);
  }
  await Promise.all([store.close(), connection.close(), outside.close()]);
});
