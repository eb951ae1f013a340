import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertSegment } from '../../../../actors/ports/index.ts';
import type { ServiceBatch } from '../../../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal } from '../../../../proto/query/index.ts';
import {
  aggregateQueries,
  comparable,
  isSpan,
  itemsOf,
  naiveAggregate,
  naiveValueCounts,
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
import { unboundedRun } from '../../../../actors/fixtures/index.ts';
import { AggregateState } from '../../../../workers/aggregate/index.ts';
import { SEARCH_SETTINGS, SearchSql } from './search-sql.ts';

const WORLDS = 60;
const LINES = 120;

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
let connection: Connection;
const worlds: Record<SearchSignal, readonly ServiceBatch[]> = { traces: [], logs: [] };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-search-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  connection = connect({ client: { ...engine.clientOptions }, database: 'ophion', queryTimeoutMs: 30_000 });
  worlds.traces = fc.sample(smallWorld('traces'), WORLDS).flat();
  worlds.logs = fc.sample(smallWorld('logs'), WORLDS).flat();
  await insertSegment(store.archive, { number: 1, batches: [...worlds.traces, ...worlds.logs] });
});
afterAll(async () => {
  await connection.close();
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

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
      const items = worlds[signal].flatMap(itemsOf);
      let matches = 0;
      await fc.assert(
        fc.asyncProperty(searchLines(signal), async (line) => {
          const parsed = parseSearch(line, signal);
          if ('error' in parsed) throw new Error(parsed.error.expected);
          const { expression } = parsed;
          const expected = items.filter((item) => naiveMatches(expression, item)).map(nameOf);
          matches += expected.length;
          const selection = new RowSelection(expression, signal);
          const hot = worlds[signal].flatMap((part) => {
            if (selection.select(part) === 0) return [];
            return itemsOf(part).flatMap((item, row) => (selection.mask[row] === 1 ? [nameOf(item)] : []));
          });
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

describe('aggregates of the archive', () => {
  it.each(['traces', 'logs'] as const)(
    'of %s are what the plain way finds',
    async (signal) => {
      const items = worlds[signal].flatMap(itemsOf);
      let cells = 0;
      await fc.assert(
        fc.asyncProperty(aggregateQueries(signal), async (query) => {
          const state = new AggregateState(query);
          state.merge(await store.history.aggregate(query, 1, unboundedRun()));
          const { found, expected } = comparable(state, naiveAggregate(query, items));
          cells += expected.length;
          expect(found).toEqual(expected);
          const only = state.cells.slice(0, 3).map(({ key }) => key);
          const some = new AggregateState(query);
          some.merge(await store.history.aggregate({ ...query, only }, 1, unboundedRun()));
          const names = new Set(only.map((key) => JSON.stringify(key)));
          const wanted = naiveAggregate(query, items).filter(({ key }) => names.has(JSON.stringify(key)));
          const restricted = comparable(some, wanted);
          expect(restricted.found).toEqual(restricted.expected);
        }),
        { numRuns: 40 },
      );
      expect(cells).toBeGreaterThan(500);
    },
    120_000,
  );

  it.each(['traces', 'logs'] as const)(
    'count the values of %s as the plain way does',
    async (signal) => {
      const items = worlds[signal].flatMap(itemsOf);
      const range = { fromUnixNano: 0n, toUnixNano: 2n ** 62n };
      await fc.assert(
        fc.asyncProperty(searchLines(signal), searchLines(signal), async (...lines) => {
          const selections = lines.map((line) => {
            const parsed = parseSearch(line, signal);
            if ('error' in parsed) throw new Error(parsed.error.expected);
            return { search: parsed.expression, range };
          });
          const selected = selections.map(({ search }) => items.filter((item) => naiveMatches(search, item)));
          const counted = await store.history.countValues(
            { signal, selections, mostValues: 1_000 },
            1,
            unboundedRun(),
          );
          expect(counted.totals).toEqual(selected.map(({ length }) => length));
          const found = counted.fields.flatMap(({ field, values }) =>
            values.map(({ value, counts }) => JSON.stringify([field, value, counts])),
          );
          const expected = naiveValueCounts(selected).map((each) => JSON.stringify(each));
          expect(found.sort()).toEqual(expected.sort());
        }),
        { numRuns: 25 },
      );
      expect(items.length).toBeGreaterThan(100);
    },
    120_000,
  );
});
