import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import type { LogJson } from '../../proto/api/index.ts';
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import { EVERYTHING, type SearchExpression, type TimeRange } from '../../proto/query/index.ts';
import { logJson } from '../../workers/json/index.ts';
import { InlineRunner, TASKS } from '../../workers/pool/index.ts';
import { naiveMatches } from '../../workers/reference/index.ts';
import { isWithin, logTime } from '../../workers/scan/index.ts';
import { logSearch } from '../../workers/search/index.ts';
import { spawnArchiveActor } from '../archive/index.ts';
import { logBatches, MemoryHistory, unboundedRun } from '../fixtures/index.ts';
import type { LogHit, TelemetryHistory } from '../ports/index.ts';
import { spawnServicesActor, WindowBudget } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnTopologyActor } from '../topology/index.ts';
import { QueryEngine } from './query-engine.ts';

function logsOf(batches: readonly ServiceBatch[], search: SearchExpression, range: TimeRange): LogJson[] {
  const found: { time: bigint; log: LogJson }[] = [];
  for (const { service, batch } of batches) {
    const logs = batch as Batch<'logs'>;
    for (let row = 0; row < logs.rowCount; row += 1) {
      const time = logTime(logs, row);
      const item = logJson(service, logs, row);
      if (isWithin(time, range) && naiveMatches(search, item)) found.push({ time, log: item });
    }
  }
  return found.sort((a, b) => Number(b.time > a.time) - Number(b.time < a.time)).map(({ log }) => log);
}

const log = fc.record({
  service: fc.constantFrom('cart', 'pay'),
  timeMs: fc.integer({ min: 0, max: 100 }),
  body: fc.constantFrom('ok', 'failed', 'slow'),
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('append' as const), logs: fc.array(log, { maxLength: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('seal' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('yield' as const), turns: fc.nat({ max: 6 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('query' as const),
      from: fc.integer({ min: 0, max: 60 }),
      width: fc.integer({ min: 1, max: 100 }),
      text: fc.option(fc.constantFrom('FAIL', 'o'), { nil: undefined }),
    }),
  },
);

describe('the seam between windows and archive', () => {
  it.each([true, false])(
    'shows no row twice and, when windows keep what is not archived (%s), loses none',
    async (keepsUnarchived) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 30 }),
          fc.infiniteStream(fc.nat({ max: 3 })),
          async (steps, delays) => {
            const store = new MemoryHistory();
            const turns = async (count: number): Promise<void> => {
              for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
            };
            store.pause = () => turns(Number(delays.next().value));
            const system = startActorSystem(({ error }) => {
              throw error;
            });
            // Whatever is archived leaves the windows at once, or whatever is more than two batches.
            const budget = new WindowBudget({
              maxBytes: keepsUnarchived ? 1 : 12_000,
              maxAgeMs: 0,
              keepsUnarchived,
            });
            const services = spawnServicesActor(system, {
              budget,
              onEvicted: (segments) => system.tell(archive, { type: 'evicted', segments }),
              now: () => 0,
            });
            const journal = new Map<number, (readonly ServiceBatch[])[]>();
            const countOf = (segment: number): number =>
              (journal.get(segment) ?? []).flat().reduce((sum, { batch }) => sum + batch.rowCount, 0);
            const { ref: archive, progress } = spawnArchiveActor(system, {
              archive: store,
              source: {
                async *read(number) {
                  for (const batches of journal.get(number) ?? []) {
                    await store.pause();
                    yield batches;
                  }
                },
                has: () => !keepsUnarchived,
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
              history: store as unknown as TelemetryHistory,
              threads: new InlineRunner(TASKS),
              self: { namespace: '', name: 'ophion', environment: '' },
            });
            const all: ServiceBatch[] = [];
            const checks: Promise<void>[] = [];
            let segment = 1;
            // No two rows are the same: one shown twice is seen.
            let serial = 0;
            for (const current of steps) {
              switch (current.type) {
                case 'append': {
                  const batches = logBatches(
                    current.logs.map((sent) => ({ ...sent, body: `${sent.body} ${serial++}` })),
                  );
                  all.push(...batches);
                  journal.set(segment, [...(journal.get(segment) ?? []), batches]);
                  system.tell(archive, { type: 'collect', segment, batches });
                  system.tell(services, { type: 'append', segment, batches });
                  break;
                }
                case 'seal':
                  system.tell(archive, { type: 'sealed', segment, items: countOf(segment) });
                  segment += 1;
                  break;
                case 'yield':
                  await turns(current.turns);
                  break;
                case 'query': {
                  const range = {
                    fromUnixNano: BigInt(current.from) * 1_000_000n,
                    toUnixNano: BigInt(current.from + current.width) * 1_000_000n,
                  };
                  const search = logSearch(current.text === undefined ? {} : { text: current.text });
                  const expected = logsOf([...all], search, range);
                  checks.push(
                    query.findLogs(search, range, { limit: 1_000 }, unboundedRun()).then(({ logs }) => {
                      if (keepsUnarchived) expect(sorted(itemsOf(logs))).toEqual(sorted(expected));
                      // A question that is asked again, because rows moved, may see what has come meanwhile.
                      else expectPartOf(sorted(itemsOf(logs)), sorted(logsOf([...all], search, range)));
                    }),
                  );
                  break;
                }
              }
            }
            await Promise.all(checks);
            system.tell(archive, { type: 'sealed', segment, items: countOf(segment) });
            while (progress.through < segment) await turns(1);
            // What waited is there in the end.
            const { logs } = await query.findLogs(EVERYTHING, EVER, { limit: 1_000 }, unboundedRun());
            expect(sorted(itemsOf(logs))).toEqual(sorted(logsOf(all, EVERYTHING, EVER)));
            await system.idle();
            expect(budget.waitingItems).toBe(0);
            system.stop();
          },
        ),
        { numRuns: inject('seamStories') },
      );
    },
  );
});

const EVER = { fromUnixNano: 0n, toUnixNano: 1_000_000_000n };

/** Every row at most as often as it was sent; both sorted. */
function expectPartOf(found: readonly string[], sent: readonly string[]): void {
  let at = 0;
  for (const row of found) {
    while (at < sent.length && (sent[at] ?? '') < row) at += 1;
    expect(sent[at]).toBe(row);
    at += 1;
  }
}

function itemsOf(hits: readonly LogHit[]): LogJson[] {
  return hits.map(({ log: item }) => item);
}

function sorted(logs: readonly LogJson[]): string[] {
  return logs.map((entry) => JSON.stringify(entry)).sort();
}
