import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch, ServiceBatch } from '../../../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal } from '../../../../proto/query/index.ts';
import { logJson, spanJson } from '../../../../workers/json/index.ts';
import {
  isSpan,
  naiveMatches,
  searchLines,
  smallWorld,
  type SearchItem,
} from '../../../../workers/reference/index.ts';
import { parseSearch, RowSelection } from '../../../../workers/search/index.ts';
import { connect, type Connection } from '../connection.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';
import { SEARCH_SETTINGS, SearchSql } from './search-sql.ts';

const WORLDS = 60;
const LINES = 400;

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
let connection: Connection;
const worlds: Record<SearchSignal, readonly ServiceBatch[]> = { traces: [], logs: [] };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-search-'));
  engine = await startEmbeddedClickHouse({ dataDir: home });
  store = await openClickHouse({ target: engine, database: 'searched' });
  connection = connect({ client: { ...engine.clientOptions }, database: 'searched', queryTimeoutMs: 30_000 });
  worlds.traces = fc.sample(smallWorld('traces'), WORLDS).flat();
  worlds.logs = fc.sample(smallWorld('logs'), WORLDS).flat();
  await store.archive.insert({ number: 1, batches: [...worlds.traces, ...worlds.logs] });
});
afterAll(async () => {
  await connection.close();
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

function itemOf({ service, batch }: ServiceBatch, row: number): SearchItem {
  return batch.signal === 'traces'
    ? spanJson(service, batch as Batch<'traces'>, row)
    : logJson(service, batch as Batch<'logs'>, row);
}

/** Enough of an item to tell it from those that a search tells apart. */
function nameOf(item: SearchItem): string {
  const { traceId, spanId, service } = item;
  const own = isSpan(item)
    ? [item.name, item.startTimeUnixNano, item.status.message]
    : [item.eventName, item.observedTimeUnixNano, item.severityText];
  return JSON.stringify([service.name, traceId, spanId, ...own]);
}

const COLUMNS: Readonly<Record<SearchSignal, string>> = {
  traces: 'name, startTimeUnixNano, statusMessage FROM spans',
  logs: 'eventName, observedTimeUnixNano, severityText FROM logs',
};

async function found(expression: SearchExpression, signal: SearchSignal): Promise<string[]> {
  const { sql, parameters } = new SearchSql(expression, signal);
  const rows = await connection.rows(
    `SELECT serviceName, lower(hex(traceId)), lower(hex(spanId)), ${COLUMNS[signal]}
     WHERE ${sql} ${SEARCH_SETTINGS}`,
    parameters,
  );
  return rows
    .map((row) => JSON.stringify(row.map((value) => (/^0{16,}$/.test(String(value)) ? '' : value))))
    .sort();
}

describe('SearchSql', () => {
  it.each(['traces', 'logs'] as const)(
    'finds the %s that the windows and the plain way find',
    async (signal) => {
      const items = worlds[signal].flatMap((part) =>
        Array.from({ length: part.batch.rowCount }, (_, row) => itemOf(part, row)),
      );
      let matches = 0;
      await fc.assert(
        fc.asyncProperty(searchLines(signal), async (line) => {
          const parsed = parseSearch(line, signal);
          if ('error' in parsed) throw new Error(parsed.error.expected);
          const { expression } = parsed;
          const expected = items.filter((item) => naiveMatches(expression, item)).map(nameOf);
          matches += expected.length;
          const selection = new RowSelection(expression, signal);
          const hot = worlds[signal].flatMap((part) =>
            selection.select(part) === 0
              ? []
              : Array.from(selection.mask.subarray(0, part.batch.rowCount)).flatMap((bit, row) =>
                  bit === 1 ? [nameOf(itemOf(part, row))] : [],
                ),
          );
          expect(hot.sort()).toEqual(expected.sort());
          expect(await found(expression, signal)).toEqual(expected);
        }),
        { numRuns: LINES },
      );
      expect(matches).toBeGreaterThan(LINES);
    },
    120_000,
  );

  it('binds whatever a line says', async () => {
    const hostile = "'); DROP TABLE spans; --";
    const parsed = parseSearch(`"${hostile}" OR @"${hostile}":"${hostile}" OR name:"${hostile}"`, 'traces');
    if ('error' in parsed) throw new Error(parsed.error.expected);
    const { sql, parameters } = new SearchSql(parsed.expression, 'traces');
    expect(sql).not.toContain('DROP');
    expect(Object.values(parameters)).toContain(hostile);
    expect(await found(parsed.expression, 'traces')).toEqual([]);
  });
});
