import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { tableFromIPC } from '@uwdata/flechette';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertSegment } from '../../../../actors/ports/index.ts';
import { logBatches, spanBatches, unboundedRun } from '../../../../actors/fixtures/index.ts';
import { startQueryRun } from '../../../../actors/query/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';
import { rangeOfMs } from '../../../../workers/hours/index.ts';
import { SqlRefusedError, type SqlFormat } from './read-only-sql.ts';

const RUN = unboundedRun();
let home: string;
let engine: EmbeddedClickHouse;
let listener: Server;
let isCalled = false;
const stores: ClickHouseStore[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-sql-'));
  engine = await startEmbeddedClickHouse({
    dataDir: join(home, 'data'),
    tcp: { port: 0, username: 'default', password: '' },
  });
  await writeFile(join(home, 'secret.csv'), 'secret\n');
  listener = createServer((_request, response) => {
    isCalled = true;
    response.end('1\n');
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await engine.stop();
  listener.close();
  await rm(home, { recursive: true, force: true });
});

async function opened(target: string): Promise<ClickHouseStore> {
  const store = await openClickHouse({
    target:
      target === 'the embedded engine'
        ? engine
        : { url: `http://127.0.0.1:${engine.tcpPort ?? 0}`, username: 'default', password: '' },
    database: target === 'a server' ? 'served' : 'embedded',
  });
  stores.push(store);
  await insertSegment(store.archive, {
    number: 1,
    batches: [
      ...spanBatches([
        { name: 'GET /', service: 'cart', durationMs: 5, attributes: { 'http.route': '/' } },
        { name: 'POST /', service: 'cart', durationMs: 7, isError: true },
        { name: 'pay', service: 'pay', kind: 3 },
      ]),
      ...logBatches([{ body: 'it; failed -- really' }]),
    ],
  });
  return store;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe.each(['the embedded engine', 'a server'])('SQL on %s', (target) => {
  let store: ClickHouseStore;
  const read = async (sql: string, format: SqlFormat = 'JSONEachRow'): Promise<Buffer> =>
    bytesOf(await store.sql.select(sql, format, RUN));
  const rows = async (sql: string): Promise<unknown[]> =>
    (await read(sql))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  const refusal = async (sql: string): Promise<string> => {
    const error: unknown = await read(sql).then(
      (result) => new Error(`it ran: ${result.toString()}`),
      (reason: unknown) => reason,
    );
    expect([sql, error]).toEqual([sql, expect.any(SqlRefusedError)]);
    return (error as Error).message;
  };

  beforeAll(async () => {
    store = await opened(target);
  });

  it('selects from the views, attributes included', async () => {
    expect(
      await rows(`
        -- by service
        WITH slow AS (SELECT * FROM otel_traces WHERE Duration >= 1), 2 AS two
        SELECT ServiceName, count() AS n, countIf(StatusCode = 'Error') AS errors, max(Duration) * two AS twice
        FROM slow GROUP BY ServiceName ORDER BY ServiceName; /* done; */`),
    ).toEqual([
      { ServiceName: 'cart', n: '2', errors: '1', twice: '14000000' },
      { ServiceName: 'pay', n: '1', errors: '0', twice: expect.any(String) as string },
    ]);
    expect(
      await rows(`SELECT SpanAttributes['http.route'] AS r FROM otel_traces WHERE SpanName = 'GET /'`),
    ).toEqual([{ r: '/' }]);
    expect(
      await rows(`SELECT Body FROM otel_logs WHERE Body LIKE '%; failed --%' AND ServiceName IN ('cart')`),
    ).toEqual([{ Body: 'it; failed -- really' }]);
    expect(
      await rows(
        `SELECT SpanName FROM otel_traces WHERE TraceId IN (SELECT TraceId FROM otel_traces WHERE Duration = 7000000)`,
      ),
    ).toEqual([{ SpanName: 'POST /' }]);
    expect(
      await rows('SELECT quantilesIf(0.5, 0.9)(Duration, 1) AS q, uniq(TraceId) AS u FROM otel_traces'),
    ).toHaveLength(1);
    expect(
      await rows(
        'SELECT count() AS n FROM otel_metrics_sum UNION ALL SELECT count() FROM otel_metrics_gauge',
      ),
    ).toHaveLength(2);
    expect(
      await rows('SELECT SpanName, row_number() OVER (ORDER BY Duration) AS n FROM otel_traces AS t LIMIT 1'),
    ).toHaveLength(1);
  });

  it('gives every format', async () => {
    const sql = 'SELECT SpanName, Duration FROM otel_traces ORDER BY SpanName LIMIT 2';
    expect(JSON.parse((await read(sql, 'JSON')).toString())).toMatchObject({
      rows: 2,
      meta: [
        { name: 'SpanName', type: 'LowCardinality(String)' },
        { name: 'Duration', type: 'UInt64' },
      ],
      data: [
        { SpanName: 'GET /', Duration: '5000000' },
        { SpanName: 'POST /', Duration: '7000000' },
      ],
    });
    expect((await read(sql, 'CSVWithNames')).toString()).toBe(
      '"SpanName","Duration"\n"GET /",5000000\n"POST /",7000000\n',
    );
    expect((await read(sql, 'Parquet')).subarray(0, 4).toString()).toBe('PAR1');
    expect(tableFromIPC(await read(sql, 'ArrowStream')).numRows).toBe(2);
  });

  it('says where a query is wrong', async () => {
    expect(await refusal('SELECT x FROM otel_traces WHER y')).toMatch(/Syntax error.*failed at position \d+/);
    expect(await refusal('SELECT nothing FROM otel_traces')).toContain('nothing');
    expect(await refusal('SELECT plus(1) FROM otel_traces')).toContain('plus');
  });

  it.each([
    "toDate('x')",
    "toIPv4('x')",
    "toUUID('x')",
    "toFixedString('abc', 1)",
    'toDecimal64(1e30, 2)',
    "CAST('a' AS Enum8('b' = 1))",
    "base64Decode('*')",
    "match(SpanName, '(')",
    "multiMatchAny(SpanName, ['((a{0,1000}){0,1000}){0,100}b'])",
    'arrayMap((x, y) -> x, [1], [1, 2])',
    'quantile(2)(Duration)',
    '(SELECT SpanName FROM otel_traces)',
    "repeat('x', 100000000)",
    'length(arrayWithConstant(1500000000, 1))',
    // More than a gigabyte, which the engine would make before any limit of a query counts.
    'length(range(500000000))',
  ])('says what is wrong with %s: it is not the archive', async (expression) => {
    expect(await refusal(`SELECT ${expression} FROM otel_traces`)).not.toBe('');
  });

  const HOSTILE = (): readonly string[] => [
    // Other places to read from.
    `SELECT * FROM url('http://127.0.0.1:${(listener.address() as AddressInfo).port}/', 'CSV', 'a String')`,
    `SELECT * FROM file('${join(home, 'secret.csv')}', 'LineAsString')`,
    `SELECT file('${join(home, 'secret.csv')}')`,
    "SELECT * FROM s3('http://127.0.0.1/x', 'CSV', 'a String')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM executable('id', 'CSV', 'a String')",
    "SELECT * FROM postgresql('127.0.0.1:5432', 'd', 't', 'u', 'p')",
    'SELECT * FROM numbers(10)',
    "SELECT * FROM merge(currentDatabase(), '.*')",
    "SELECT * FROM dictionary('attribute_entries')",
    'SELECT * FROM view(SELECT * FROM system.users)',
    'SELECT * FROM loop(otel_traces)',
    "SELECT * FROM viewIfPermitted(SELECT 1 ELSE null('x String'))",
    'SELECT * FROM system.dictionaries',
    'SELECT * FROM `system`.`dictionaries`',
    'SELECT create_table_query FROM system.tables',
    'SELECT * FROM information_schema.tables',
    'SELECT * FROM spans',
    'SELECT * FROM attribute_entries',
    'SELECT * FROM otel_traces, spans',
    'SELECT * FROM otel_traces JOIN system.one ON 1',
    'SELECT (SELECT count() FROM spans)',
    'SELECT 1 WHERE 1 IN (SELECT segment FROM spans)',
    'SELECT 1 IN spans',
    'SELECT 1 WHERE 1 GLOBAL NOT IN system.one',
    'SELECT in(1, system.one)',
    'SELECT nullIn(1, spans)',
    'WITH spans AS (SELECT 1 AS segment) SELECT * FROM spans',
    'SELECT * FROM (WITH logs AS (SELECT 1) SELECT * FROM logs), logs',
    'WITH otel_traces AS (SELECT * FROM system.dictionaries) SELECT * FROM otel_traces',
    "WITH 'x AS (SELECT' AS y SELECT * FROM x",
    'SELECT * FROM otel_traces UNION ALL SELECT * FROM spans',
    'SELECT 1 EXCEPT SELECT segment FROM segments',
    // Functions that tell, wait, or look things up.
    "SELECT dictGet('attribute_entries', 'value', toUInt64(1))",
    "SELECT dictGetString('system.x', 'value', 1)",
    "SELECT joinGet('t', 'v', 1)",
    "SELECT hasColumnInTable('127.0.0.1:9000', 'u', 'p', 'd', 't', 'c')",
    'SELECT hostName()',
    "SELECT getSetting('max_memory_usage')",
    "SELECT getServerSetting('x')",
    "SELECT getMacro('x')",
    'SELECT currentUser()',
    'SELECT sleep(3)',
    "SELECT throwIf(1, 'x')",
    "SELECT catboostEvaluate('/x', 1)",
    'SELECT filesystemAvailable()',
    'SELECT showCertificate()',
    'SELECT version()',
    // What no limit holds: as much memory as a text says, and the square of what two arrays have.
    "SELECT printf('%20d', 1)",
    'SELECT arrayLevenshteinDistance([1], [2])',
    'SELECT arraySimilarity([1], [2], [1], [1])',
    'SELECT * APPLY(hostName) FROM otel_traces',
    'SELECT * REPLACE(hostName() AS SpanName) FROM otel_traces',
    'SELECT arrayMap(x -> sleep(1), [1])',
    'SELECT * FROM otel_traces ORDER BY sleep(1)',
    'SELECT sum(1) OVER (PARTITION BY hostName()) FROM otel_traces',
    'SELECT sum(1) OVER (ORDER BY (SELECT count() FROM spans)) FROM otel_traces',
    'SELECT sum(1) OVER w FROM otel_traces WINDOW w AS (ORDER BY sleep(1))',
    'SELECT `hostName`()',
    'SELECT hostname ()',
    'SELECT quantile(sleep(1))(Duration) FROM otel_traces',
    'SELECT count() FILTER (WHERE sleep(1)) FROM otel_traces',
    'SELECT 1 FROM otel_traces LIMIT 1 BY hostName()',
    'SELECT 1 FROM otel_traces GROUP BY GROUPING SETS ((hostName()), (SpanName))',
    'SELECT 1 ORDER BY 1 WITH FILL STEP sleep(1)',
    'SELECT 1 FROM otel_traces ASOF JOIN otel_logs ON sleep(1) < 1',
    // Writing, and saying how.
    "SELECT 1 INTO OUTFILE '/tmp/ophion-outfile'",
    "SELECT 1 INTO OUTFILE '/tmp/ophion-outfile' FORMAT CSV",
    'SELECT 1 FORMAT CSV',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 0)',
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE spans',
    'SELECT 1 /* ; */ ; /* */ DROP TABLE spans -- x',
    "SELECT '\\'; DROP TABLE spans; --'; DROP TABLE spans",
    'DROP TABLE spans',
    'INSERT INTO spans SELECT 1',
    "INSERT INTO FUNCTION file('/tmp/x') SELECT 1",
    'CREATE TABLE t (a Int8) ENGINE = Memory',
    'CREATE FUNCTION f AS () -> 1',
    'EXPLAIN SELECT 1',
    'SHOW TABLES',
    'DESCRIBE otel_traces',
    'SYSTEM SHUTDOWN',
    'KILL QUERY WHERE 1',
    'SET readonly = 0',
    'USE system',
    'SELECT 1 PARALLEL WITH SELECT 2',
    'SELECT {x:String}',
    'SELECT `a\\nb` FROM otel_traces',
    '',
    ';',
    '--',
  ];

  it('runs nothing but a SELECT over the views', async () => {
    for (const sql of HOSTILE()) expect(await refusal(sql)).not.toBe('');
    expect(isCalled).toBe(false);
    expect(await readdir('/tmp')).not.toContain('ophion-outfile');
    expect(await rows('SELECT count() AS n FROM otel_traces')).toEqual([{ n: '3' }]);
  });

  const CROSSED = 'bcdefghijklmnopqrs'
    .split('')
    .map((name) => `, otel_traces AS ${name}`)
    .join('');
  const heavy = `SELECT sum(cityHash64(a.Duration, s.Duration)) FROM otel_traces AS a${CROSSED}`;

  it('leaves room for other queries', async () => {
    const run = startQueryRun({
      visible: 'all',
      limits: { deadlineMs: 4_000, maxRowsRead: 1e9, maxBytesRead: 1e12 },
    });
    const ended = await Promise.allSettled([
      ...Array.from({ length: 8 }, () => store.sql.select(heavy, 'JSON', run)),
      sleep(1_000).then(() => store.history.metrics(undefined, rangeOfMs(0, 1), 1, RUN)),
    ]);
    run.end();
    const codes = ended.map((one) =>
      one.status === 'rejected' ? (one.reason as { code: string }).code : 'answered',
    );
    expect(codes.at(-1)).toBe('answered');
    expect(codes.filter((code) => code === 'STORAGE_UNAVAILABLE').length).toBeGreaterThanOrEqual(3);
    expect(codes).toContain('DEADLINE_EXCEEDED');
    const isTaken = (): Promise<boolean> =>
      read('SELECT 1').then(
        () => true,
        () => false,
      );
    await expect.poll(isTaken, { timeout: 10_000 }).toBe(true);
  });

  it('ends at the deadline and at the limits', async () => {
    const limits = { deadlineMs: 500, maxRowsRead: 1e9, maxBytesRead: 1e12 };
    const run = startQueryRun({ visible: 'all', limits });
    await expect(store.sql.select(heavy, 'JSON', run)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    run.end();
    const large = startQueryRun({ visible: 'all', limits: { ...limits, deadlineMs: 20_000 } });
    await expect(
      store.sql.select('SELECT arrayJoin(range(2000000)) AS n FROM otel_traces', 'JSON', large),
    ).rejects.toMatchObject({
      code: 'QUERY_TOO_LARGE',
      message: expect.stringContaining('more than 1000000 rows or 256000000 bytes') as string,
    });
    await expect(
      store.sql.select(
        'SELECT length(groupArray((n, m))) AS n FROM (SELECT arrayJoin(range(10000)) AS n) AS a CROSS JOIN (SELECT arrayJoin(range(100000)) AS m) AS b',
        'JSON',
        large,
      ),
    ).rejects.toMatchObject({
      code: 'QUERY_TOO_LARGE',
      message: expect.stringContaining('1000000000 bytes') as string,
    });
    large.end();
  });
});
