import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { spawnArchiveActor } from '../archive/index.ts';
import { logBatches, MemoryHistory, spanBatches, unboundedRun } from '../fixtures/index.ts';
import { EVERYTHING } from '../../proto/query/index.ts';
import { InlineRunner, TASKS } from '../../workers/pool/index.ts';
import type { TelemetryHistory, TimeRange } from '../ports/index.ts';
import { spawnServicesActor, WindowBudget } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnTopologyActor } from '../topology/index.ts';
import { QueryEngine } from './query-engine.ts';

const EVER: TimeRange = { fromUnixNano: 0n, toUnixNano: 2n ** 63n };

/** Windows and archive that are filled, sealed and read by hand. */
class Tiers {
  readonly store = new MemoryHistory();
  readonly system = startActorSystem(({ error }) => {
    throw error;
  });
  private readonly budget = new WindowBudget({ maxBytes: 1, maxAgeMs: 0, keepsUnarchived: true });
  private readonly services = spawnServicesActor(this.system, { budget: this.budget, now: () => 0 });
  private readonly archive = spawnArchiveActor(this.system, {
    archive: this.store,
    source: { read: () => nothing(), has: () => false },
    memory: this.budget,
    archivedThrough: 0,
    onArchived: (through) => this.system.tell(this.services, { type: 'archived', through }),
    onFailure: ({ error }) => {
      throw error;
    },
    onIncomplete: () => undefined,
  });
  readonly query = new QueryEngine({
    system: this.system,
    services: this.services,
    topology: spawnTopologyActor(this.system),
    progress: this.archive.progress,
    history: this.store as unknown as TelemetryHistory,
    threads: new InlineRunner(TASKS),
    self: { namespace: '', name: 'ophion', environment: '' },
  });
  private segment = 1;
  private items = 0;

  append(batches: ReturnType<typeof logBatches>): void {
    const { segment } = this;
    for (const { batch } of batches) this.items += batch.rowCount;
    this.system.tell(this.archive.ref, { type: 'collect', segment, batches });
    this.system.tell(this.services, { type: 'append', segment, batches });
  }

  async seal(): Promise<void> {
    const { segment, items } = this;
    this.system.tell(this.archive.ref, { type: 'sealed', segment, items });
    this.segment += 1;
    this.items = 0;
    while (this.archive.progress.through < segment) await nextTurn();
  }
}

// oxlint-disable-next-line typescript/require-await -- an empty source
async function* nothing(): AsyncGenerator<never> {
  yield* [];
}

const trace = fc.record({
  traceId: fc.integer({ min: 1, max: 12 }).map((n) => n.toString(16).padStart(32, '0')),
  service: fc.constantFrom('cart', 'pay'),
  startMs: fc.nat({ max: 30 }),
});
const log = fc.record({ service: fc.constantFrom('cart', 'pay'), timeMs: fc.nat({ max: 10 }) });
/** What happens between two pages. */
const happening = <Item>(item: fc.Arbitrary<Item>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(item, { minLength: 1, maxLength: 6 }) },
    { weight: 2, arbitrary: fc.constant('seal' as const) },
  );
const story = <Item>(item: fc.Arbitrary<Item>) =>
  fc.record({
    before: fc.array(happening(item), { minLength: 1, maxLength: 8 }),
    between: fc.array(fc.array(happening(item), { maxLength: 3 }), { minLength: 1, maxLength: 12 }),
    limits: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
  });

describe('turning pages while data comes, late and in disorder, and moves to the archive', () => {
  it('shows every log record that was there at the first page once, in order, and nothing else', async () => {
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(story(log), async ({ before, between, limits }) => {
        const tiers = new Tiers();
        const live = async (happened: readonly (typeof before)[number][]): Promise<void> => {
          for (const each of happened) {
            if (each === 'seal') await tiers.seal();
            else tiers.append(logBatches(each.map((one) => ({ ...one, body: `${serial++}` }))));
          }
        };
        await live(before);
        const expected = (await tiers.query.findLogs(EVERYTHING, EVER, { limit: 10_000 }, unboundedRun()))
          .logs;
        const shown = [];
        let page: Parameters<typeof tiers.query.findLogs>[2] = { limit: limits[0] ?? 1 };
        for (let turn = 0; ; turn += 1) {
          const { logs, last, asOf, more } = await tiers.query.findLogs(
            EVERYTHING,
            EVER,
            page,
            unboundedRun(),
          );
          shown.push(...logs);
          expect(logs.length).toBeLessThanOrEqual(page.limit);
          if (!last) break;
          expect(more).toBe(true);
          page = { limit: limits[turn % limits.length] ?? 1, after: last, asOf };
          await live(between[turn % between.length] ?? []);
        }
        expect(shown).toEqual(expected);
        tiers.system.stop();
      }),
      { numRuns: inject('seamStories') },
    );
  });

  it('shows every trace that was there at the first page once, in order, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(story(trace), async ({ before, between, limits }) => {
        const tiers = new Tiers();
        const live = async (happened: readonly (typeof before)[number][]): Promise<void> => {
          for (const each of happened) {
            if (each === 'seal') await tiers.seal();
            else tiers.append(spanBatches(each));
          }
        };
        const idsOf = (traces: readonly { readonly traceId: string }[]) =>
          traces.map(({ traceId }) => traceId);
        await live(before);
        const all = await tiers.query.findTraces(EVERYTHING, EVER, { limit: 10_000 }, unboundedRun());
        const shown: string[] = [];
        let page: Parameters<typeof tiers.query.findTraces>[2] = { limit: limits[0] ?? 1 };
        for (let turn = 0; ; turn += 1) {
          const { traces, last, asOf } = await tiers.query.findTraces(EVERYTHING, EVER, page, unboundedRun());
          shown.push(...idsOf(traces));
          if (!last) break;
          page = { limit: limits[turn % limits.length] ?? 1, after: last, asOf };
          await live(between[turn % between.length] ?? []);
        }
        expect(shown).toEqual(idsOf(all.traces));
        tiers.system.stop();
      }),
      { numRuns: inject('seamStories') },
    );
  });
});
