import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import type { AggregateQuery, Arrival, SearchSignal } from '../../proto/query/index.ts';
import { aggregateRows, type AggregateState, countValues } from '../../workers/aggregate/index.ts';
import { InlineRunner, TASKS } from '../../workers/pool/index.ts';
import {
  aggregateQueries,
  comparable,
  isSpan,
  itemsOf,
  naiveAggregate,
  naiveMatches,
  naiveTime,
  naiveValueCounts,
  searchLines,
  smallWorld,
  WORLD_MS,
  type SearchItem,
} from '../../workers/reference/index.ts';
import { parseSearch } from '../../workers/search/index.ts';
import { spawnArchiveActor } from '../archive/index.ts';
import { EMPTY_HISTORY, insertedInto, unboundedRun } from '../fixtures/index.ts';
import type { ArchiveSegment, PreparedSegment, TelemetryArchive, TelemetryHistory } from '../ports/index.ts';
import { spawnServicesActor, WindowBudget } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnTopologyActor } from '../topology/index.ts';
import { QueryEngine } from './query-engine.ts';

const RANGE = { fromUnixNano: 0n, toUnixNano: BigInt(WORLD_MS + 1) * 1_000_000n };

/** The contract of both ports, kept in memory. */
class MemoryStore implements TelemetryArchive {
  readonly history: TelemetryHistory = {
    ...EMPTY_HISTORY,
    aggregate: async (query, through) =>
      aggregateRows(query, { batches: await this.upTo(query.signal, through, query.asOf) }),
    countValues: async (query, through) =>
      countValues(query, { batches: await this.upTo(query.signal, through, query.asOf) }),
    findTraces: async ({ search, among }, range, { limit, asOf }, through) => {
      const items = (await this.upTo('traces', through, asOf)).flatMap(itemsOf);
      return newestTraces(
        items.filter((item) => isFound(item, search, range) && among?.includes(item.traceId) !== false),
        limit,
      ).map((item) => ({
        traceId: item.traceId,
        startTimeUnixNano: naiveTime(item),
      }));
    },
    spansOf: async (traceIds, _limit, through) => {
      const items = (await this.upTo('traces', through)).flatMap(itemsOf);
      return items.filter(isSpan).filter(({ traceId }) => traceIds.includes(traceId));
    },
  };
  pause: () => Promise<void> = () => Promise.resolve();
  private readonly segments: ArchiveSegment[] = [];

  archivedThrough(): Promise<number> {
    return Promise.resolve(0);
  }

  prepare(segment: ArchiveSegment): Promise<PreparedSegment> {
    return Promise.resolve(insertedInto(this.segments, segment, () => this.pause()));
  }

  /** A batch arrives as a whole. */
  private async upTo(
    signal: SearchSignal,
    through: number,
    asOf?: Arrival,
  ): Promise<readonly ServiceBatch[]> {
    await this.pause();
    return this.segments
      .filter(({ number }) => number <= Math.min(through, asOf?.segment ?? through))
      .flatMap(({ number, batches }) => {
        let ordinal = 0;
        return batches
          .filter(({ batch }) => batch.signal === signal)
          .filter(({ batch }) => {
            const first = ordinal;
            ordinal += batch.rowCount;
            return asOf === undefined || number < asOf.segment || first <= asOf.ordinal;
          });
      });
  }
}

type Search = AggregateQuery['search'];

function isFound(item: SearchItem, search: Search, range: AggregateQuery['range']): boolean {
  const time = naiveTime(item);
  return time >= range.fromUnixNano && time < range.toUnixNano && naiveMatches(search, item);
}

/** The newest item of each trace, newest first, then by id. */
function newestTraces(items: readonly SearchItem[], limit: number): SearchItem[] {
  const sorted = items.toSorted(
    (a, b) =>
      Number(naiveTime(b) - naiveTime(a)) || (a.traceId < b.traceId ? -1 : Number(a.traceId > b.traceId)),
  );
  const seen = new Set<string>();
  return sorted.filter(({ traceId }) => !seen.has(traceId) && seen.add(traceId)).slice(0, limit);
}

function searchOf(line: string, signal: SearchSignal): Search {
  const parsed = parseSearch(line, signal);
  if ('error' in parsed) throw new Error(parsed.error.expected);
  return parsed.expression;
}

const stepOf = (signal: SearchSignal) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('append' as const), batches: smallWorld(signal, 3) }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('seal' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('yield' as const), turns: fc.nat({ max: 6 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('aggregate' as const), query: aggregateQueries(signal) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('count' as const, 'find' as const),
        lines: fc.array(searchLines(signal), { minLength: 1, maxLength: 2 }),
      }),
    },
  );

describe('the seam between windows and archive', () => {
  it.each(['traces', 'logs'] as const)(
    'does not show in aggregates, facets, diffs and searches of %s',
    async (signal) => {
      let compared = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(stepOf(signal), { maxLength: 25 }),
          fc.infiniteStream(fc.nat({ max: 3 })),
          async (steps, delays) => {
            const store = new MemoryStore();
            const turns = async (count: number): Promise<void> => {
              for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
            };
            store.pause = () => turns(Number(delays.next().value));
            const system = startActorSystem(({ error }) => {
              throw error;
            });
            // Whatever is archived leaves the windows at once.
            const budget = new WindowBudget({ maxBytes: 1, maxAgeMs: 0, keepsUnarchived: true });
            const services = spawnServicesActor(system, {
              budget,
              onEvicted: (segments) => system.tell(archive, { type: 'evicted', segments }),
              now: () => 0,
            });
            const { ref: archive, progress } = spawnArchiveActor(system, {
              archive: store,
              source: {
                async *read() {
                  await store.pause();
                  yield [];
                },
                has: () => false,
              },
              memory: budget,
              onIncomplete: ({ segment: number }) => {
                throw new Error(`segment ${number} lacks items`);
              },
              archivedThrough: 0,
              onArchived: (through) => system.tell(services, { type: 'archived', through }),
              onFailure: ({ error }) => {
                throw error;
              },
            });
            const query = new QueryEngine({
              system,
              services,
              topology: spawnTopologyActor(system),
              progress,
              history: store.history,
              threads: new InlineRunner(TASKS),
              self: { namespace: '', name: 'ophion', environment: '' },
            });
            const all: SearchItem[] = [];
            const checks: Promise<void>[] = [];
            let segment = 1;
            let items = 0;
            for (const current of steps) {
              switch (current.type) {
                case 'append':
                  all.push(...current.batches.flatMap(itemsOf));
                  items += current.batches.reduce((sum, { batch }) => sum + batch.rowCount, 0);
                  system.tell(archive, { type: 'collect', segment, batches: current.batches });
                  system.tell(services, { type: 'append', segment, batches: current.batches });
                  break;
                case 'seal':
                  system.tell(archive, { type: 'sealed', segment, items });
                  segment += 1;
                  items = 0;
                  break;
                case 'yield':
                  await turns(current.turns);
                  break;
                case 'aggregate':
                  checks.push(checkAggregate(query, current.query, [...all]));
                  break;
                case 'count':
                  checks.push(checkCounts(query, signal, current.lines, [...all]));
                  break;
                case 'find':
                  if (signal === 'traces') checks.push(checkTraces(query, current.lines[0] ?? '', [...all]));
                  break;
              }
            }
            await Promise.all(checks);
            compared += checks.length;
            system.stop();
          },
        ),
        { numRuns: inject('seamStories') },
      );
      // Every story has a few questions or none; about one on average is asked when there is something to ask about.
      expect(compared).toBeGreaterThanOrEqual(Math.floor(inject('seamStories') / 4));
    },
    inject('seamStories') * 400,
  );
});

async function checkAggregate(
  engine: QueryEngine,
  query: AggregateQuery,
  items: readonly SearchItem[],
): Promise<void> {
  const found = await engine.aggregate(query, 1_000, unboundedRun());
  const naive = naiveAggregate(query, items);
  const state = { cells: found.groups.flatMap(({ cells }) => cells) } as unknown as AggregateState;
  const compared = comparable(state, naive);
  expect(compared.found).toEqual(compared.expected);
  expect(found.count).toBe(naive.reduce((sum, { count }) => sum + count, 0));
}

async function checkCounts(
  engine: QueryEngine,
  signal: SearchSignal,
  lines: readonly string[],
  items: readonly SearchItem[],
): Promise<void> {
  const selections = lines.map((line) => ({ search: searchOf(line, signal), range: RANGE }));
  const selected = selections.map(({ search, range }) =>
    items.filter((item) => isFound(item, search, range)),
  );
  const counted = await engine.countValues({ signal, selections, mostValues: 1_000 }, unboundedRun());
  expect(counted.totals).toEqual(selected.map(({ length }) => length));
  const found = counted.fields.flatMap(({ field, values }) =>
    values.map(({ value, counts }) => JSON.stringify([field, value, counts])),
  );
  const expected = naiveValueCounts(selected).map((each) => JSON.stringify(each));
  expect(found.sort()).toEqual(expected.sort());
}

async function checkTraces(engine: QueryEngine, line: string, items: readonly SearchItem[]): Promise<void> {
  const search = searchOf(line, 'traces');
  const expected = newestTraces(
    items.filter((item) => isFound(item, search, RANGE)),
    3,
  ).map(({ traceId }) => [traceId, items.filter((item) => item.traceId === traceId).length]);
  const { traces } = await engine.findTraces(search, RANGE, { limit: 3 }, unboundedRun());
  expect(traces.map(({ traceId }) => traceId)).toEqual(expected.map(([traceId]) => traceId));
  // Spans are read after, and see what has come meanwhile.
  for (const [index, { spanCount }] of traces.entries()) {
    expect(spanCount).toBeGreaterThanOrEqual(Number(expected[index]?.[1]));
  }
}
