import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { InlineRunner, TASKS } from '../../workers/pool/index.ts';
import { spawnArchiveActor } from '../archive/index.ts';
import { compareLogHits, logBatches, MemoryHistory, unboundedRun } from '../fixtures/index.ts';
import type { LogPosition, TelemetryHistory } from '../ports/index.ts';
import { spawnServicesActor, WindowBudget } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnTopologyActor } from '../topology/index.ts';
import { QueryEngine } from './query-engine.ts';

const log = fc.record({
  service: fc.constantFrom('cart', 'pay'),
  instance: fc.constantFrom('a', 'b'),
  timeMs: fc.integer({ min: 1, max: 12 }),
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      logs: fc.array(log, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('seal' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('yield' as const), turns: fc.nat({ max: 6 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('ask' as const),
      which: fc.nat({ max: 10_000 }),
      before: fc.nat({ max: 6 }),
      after: fc.nat({ max: 6 }),
    }),
  },
);

interface Sent extends LogPosition {
  readonly stream: string;
  readonly body: string;
}

/** Where each record will stand: batches of a segment are numbered through in the order they come. */
function sentIn(batches: readonly ServiceBatch[], segment: number, firstOrdinal: number): Sent[] {
  let ordinal = firstOrdinal;
  return batches.flatMap(({ service, batch }) => {
    const { columns } = batch as ServiceBatch<'logs'>['batch'];
    return Array.from({ length: batch.rowCount }, (_, row) => {
      const { offsets, bytes } = columns.body;
      return {
        stream: `${service.name} ${String(columns.resource[row])}`,
        body: Buffer.from(bytes.slice(offsets[row], offsets[row + 1])).toString(),
        timeUnixNano: columns.timeUnixNano[row] ?? 0n,
        segment,
        ordinal: ordinal++,
      };
    });
  });
}

function expected(all: readonly Sent[], at: Sent, before: number, after: number) {
  const stream = all.filter((one) => one.stream === at.stream).sort((a, b) => compareLogHits(b, a));
  const index = stream.indexOf(at);
  return {
    bodies: stream.slice(Math.max(0, index - before), index + after + 1).map(({ body }) => body),
    at: Math.min(before, index),
    moreBefore: index > before,
    moreAfter: stream.length > index + after + 1,
  };
}

describe('the seam between windows and archive', () => {
  it('does not show in what stands around a log record', async () => {
    let compared = 0;
    let serial = 0;
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
          const budget = new WindowBudget({ maxBytes: 1, maxAgeMs: 0, keepsUnarchived: true });
          const services = spawnServicesActor(system, { budget, now: () => 0 });
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
            history: store as unknown as TelemetryHistory,
            threads: new InlineRunner(TASKS),
            self: { namespace: '', name: 'ophion', environment: '' },
          });
          const all: Sent[] = [];
          const checks: Promise<void>[] = [];
          let segment = 1;
          let items = 0;
          for (const current of steps) {
            switch (current.type) {
              case 'append': {
                const batches = logBatches(current.logs.map((sent) => ({ ...sent, body: `${serial++}` })));
                all.push(...sentIn(batches, segment, items));
                items += current.logs.length;
                system.tell(archive, { type: 'collect', segment, batches });
                system.tell(services, { type: 'append', segment, batches });
                break;
              }
              case 'seal':
                system.tell(archive, { type: 'sealed', segment, items });
                segment += 1;
                items = 0;
                break;
              case 'yield':
                await turns(current.turns);
                break;
              case 'ask': {
                const at = all[current.which % Math.max(1, all.length)];
                if (!at) break;
                const { before, after } = current;
                const wanted = expected([...all], at, before, after);
                checks.push(
                  query.logContext(at, { before, after }, unboundedRun()).then(({ logs, ...rest }) => {
                    expect({ bodies: logs.map((hit) => hit.log.body), ...rest }).toEqual({
                      ...wanted,
                      bodies: wanted.bodies.map((stringValue) => ({ stringValue })),
                    });
                  }),
                );
                break;
              }
            }
          }
          await Promise.all(checks);
          compared += checks.length;
          const unknown = { timeUnixNano: 1n, segment: 1, ordinal: 0 };
          expect((await query.logContext(unknown, { before: 1, after: 1 }, unboundedRun())).logs).toEqual([]);
          system.stop();
        },
      ),
      { numRuns: inject('seamStories') },
    );
    // Every story has a few questions or none; about one on average is asked when there is something to ask about.
    expect(compared).toBeGreaterThanOrEqual(Math.floor(inject('seamStories') / 4));
  });
});
