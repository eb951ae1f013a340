import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { QueryLimitError } from '../../../actors/ports/index.ts';
import { startQueryRun, type StartedRun } from '../../../actors/query/index.ts';
import { connect, type Connection } from './connection.ts';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from './index.ts';

let home: string;
let engine: EmbeddedClickHouse;
let connection: Connection;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-run-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  connection = connect({ client: { ...engine.clientOptions }, database: 'default', queryTimeoutMs: 30_000 });
  await connection.run('CREATE TABLE numbered (n UInt64) ENGINE = MergeTree ORDER BY n');
  await connection.run('INSERT INTO numbered SELECT number FROM numbers(100000)');
});
afterAll(async () => {
  await connection.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

const LIMITS = { deadlineMs: 30_000, maxRowsRead: 1_000_000_000_000, maxBytesRead: 1_000_000_000_000_000 };
const HEAVY = 'SELECT sum(sipHash64(number)) AS s FROM numbers(100000000000)';

async function within<T>(run: StartedRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    run.end();
  }
}

const heavyQueries = async (): Promise<number> =>
  (
    await connection.rows(
      "SELECT query FROM system.processes WHERE query LIKE '%100000000000%' AND query NOT LIKE '%processes%'",
    )
  ).length;

describe('a read for one question', () => {
  it('gives rows, and counts what it read', async () => {
    const run = startQueryRun({ visible: 'all', limits: LIMITS });
    const rows = await within(run, () =>
      connection.reader(run).records<{ n: string }>('SELECT n FROM numbered WHERE n < {most:UInt64}', {
        most: 70_000,
      }),
    );
    expect(rows).toHaveLength(70_000);
    expect(rows[0]).toEqual({ n: '0' });
    const { rows: rowsRead, bytes } = run.stats().tiers.cold;
    expect(rowsRead).toBeGreaterThanOrEqual(70_000);
    expect(bytes).toBeGreaterThanOrEqual(70_000 * 8);
  });

  it('ends at its deadline, in the engine as well', async () => {
    const run = startQueryRun({ visible: 'all', limits: { ...LIMITS, deadlineMs: 400 } });
    const begin = performance.now();
    const refusal = await within(run, () =>
      connection
        .reader(run)
        .records(HEAVY)
        .catch((error: unknown) => error),
    );
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(refusal).toBeInstanceOf(QueryLimitError);
    expect(refusal).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect((refusal as Error).message).toContain('0.4 s');
    await expect.poll(heavyQueries, { timeout: 5_000 }).toBe(0);
  });

  it('ends when the asker goes away, in the engine as well', async () => {
    const asker = new AbortController();
    const run = startQueryRun({ visible: 'all', limits: LIMITS, signal: asker.signal });
    const reading = within(run, () => connection.reader(run).records(HEAVY));
    const ended = reading.catch((error: unknown) => error);
    await expect.poll(heavyQueries, { timeout: 5_000 }).toBe(1);
    asker.abort(new Error('gone'));
    expect(await ended).toEqual(new Error('gone'));
    await expect.poll(heavyQueries, { timeout: 5_000 }).toBe(0);
  });

  it('refuses to read more rows or bytes than it may, and names the limit', async () => {
    for (const [limits, named] of [
      [{ ...LIMITS, maxRowsRead: 50_000 }, /more than 50000 rows \(OPHION_QUERY_MAX_ROWS\)/],
      [{ ...LIMITS, maxBytesRead: 50_000 }, /more than 50000 bytes \(OPHION_QUERY_MAX_BYTES\)/],
    ] as const) {
      const run = startQueryRun({ visible: 'all', limits });
      const reading = within(run, () => connection.reader(run).records('SELECT sum(n) AS s FROM numbered'));
      await expect(reading).rejects.toThrow(named);
      await expect(reading).rejects.toMatchObject({ code: 'QUERY_TOO_LARGE' });
    }
  });

  it('counts all its queries together', async () => {
    const run = startQueryRun({ visible: 'all', limits: { ...LIMITS, maxRowsRead: 150_000 } });
    const sum = (): Promise<unknown> => connection.reader(run).records('SELECT sum(n) AS s FROM numbered');
    await sum();
    await expect(sum()).rejects.toMatchObject({ code: 'QUERY_TOO_LARGE' });
    expect(run.signal.aborted).toBe(true);
    run.end();
  });

  it('asks nothing once it is over', async () => {
    const asker = new AbortController();
    asker.abort(new Error('gone'));
    const run = startQueryRun({ visible: 'all', limits: LIMITS, signal: asker.signal });
    await expect(connection.reader(run).records('SELECT 1')).rejects.toThrow('gone');
    run.end();
  });
});
