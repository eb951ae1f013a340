import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { insertSegment, type TelemetryHistory } from '../ports/index.ts';
import { EVERYTHING } from '../../proto/query/index.ts';
import { InlineRunner, TASKS } from '../../workers/pool/index.ts';
import { logBatches, MemoryHistory, spanBatches, unboundedRun } from '../fixtures/index.ts';
import { spawnServicesActor, WindowBudget } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnTopologyActor } from '../topology/index.ts';
import { freezeTiers } from './frozen-tiers.ts';
import { QueryEngine } from './query-engine.ts';
import { ShadowCheck, type ShadowDivergence } from './shadow-check.ts';

const EVER = { fromUnixNano: 0n, toUnixNano: 2n ** 62n };
const { limits } = unboundedRun();
const TRACE = 'ab'.repeat(16);

/** Three segments in the windows, of which the archive has two. */
async function tiers({ share = 1, lose = 0, random = (): number => 0 } = {}) {
  const store = new MemoryHistory();
  const system = startActorSystem(({ error }) => {
    throw error;
  });
  const budget = new WindowBudget({ maxBytes: 2 ** 24, maxAgeMs: 60_000 });
  const services = spawnServicesActor(system, { budget, now: () => 0 });
  for (let segment = 1; segment <= 3; segment += 1) {
    const logs = Array.from({ length: 5 }, (_, i) => ({ timeMs: i, body: `${segment} ${i}` }));
    const spans = [{ traceId: TRACE, spanId: `0${segment}`.repeat(8), startMs: segment }];
    const batches = [...logBatches(logs), ...spanBatches(spans)];
    system.tell(services, { type: 'append', segment, batches });
    const kept = lose === segment ? [...logBatches(logs.slice(1)), ...spanBatches([])] : batches;
    if (segment < 3) await insertSegment(store, { number: segment, batches: kept });
  }
  const engine = {
    system,
    services,
    topology: spawnTopologyActor(system),
    progress: { through: 2, failures: 0, waitingSegments: 0, rereadSegments: 0 },
    history: store as unknown as TelemetryHistory,
    threads: new InlineRunner(TASKS),
    self: { namespace: '', name: 'ophion', environment: '' },
  };
  const divergences: ShadowDivergence[] = [];
  const failures: unknown[] = [];
  const check = new ShadowCheck({
    engine,
    share,
    random,
    limits,
    onDivergence: (divergence) => divergences.push(divergence),
    onFailure: (error) => failures.push(error),
  });
  const query = check.watchQueries(new QueryEngine(engine));
  return { store, system, check, query, divergences, failures };
}

it('asks again what was asked, and finds both tiers to agree', async () => {
  const { check, query, divergences, failures, system } = await tiers();
  const { logs } = await query.findLogs(EVERYTHING, EVER, { limit: 100 }, unboundedRun());
  expect(logs).toHaveLength(15);
  await check.idle();
  await query.findTraces(EVERYTHING, EVER, { limit: 10 }, unboundedRun());
  await check.idle();
  expect((await query.trace(TRACE, unboundedRun())).spans).toHaveLength(3);
  await check.idle();
  const place = { timeUnixNano: 2_000_000n, segment: 1, ordinal: 2 };
  expect((await query.logContext(place, { before: 3, after: 3 }, unboundedRun())).logs).toHaveLength(7);
  await check.idle();
  expect([...check.checks]).toEqual([
    ['findLogs', 1],
    ['findTraces', 1],
    ['trace', 1],
    ['logContext', 1],
  ]);
  expect(divergences).toEqual([]);
  expect(failures).toEqual([]);
  system.stop();
});

it('counts and names a question that the archive answers with less', async () => {
  const { check, query, divergences, system } = await tiers({ lose: 2 });
  await query.findLogs(EVERYTHING, EVER, { limit: 100 }, unboundedRun());
  await check.idle();
  expect([...check.divergences]).toEqual([['findLogs', 1]]);
  expect(divergences).toMatchObject([{ kind: 'findLogs' }]);
  expect(divergences[0]?.question).toContain('everything');
  expect(divergences[0]?.archive).not.toBe(divergences[0]?.windows);
  await query.trace(TRACE, unboundedRun());
  await check.idle();
  expect(check.divergences.get('trace')).toBe(1);
  system.stop();
});

it('asks the share it is told to, one question at a time, and never in front of the answer', async () => {
  const dice = [0.05, 0.2];
  const { check, query, store, system } = await tiers({ share: 0.1, random: () => dice.shift() ?? 1 });
  const asked = { count: 0 };
  let open = (): void => undefined;
  const answered = await query.findLogs(EVERYTHING, EVER, { limit: 1 }, unboundedRun());
  expect(answered.logs).toHaveLength(1);
  store.pause = () => {
    asked.count += 1;
    return new Promise((resolve) => {
      open = resolve;
    });
  };
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(asked.count).toBe(1);
  store.pause = () => Promise.resolve();
  // The one before is still being asked again: this one is not, whatever the dice say.
  await query.findLogs(EVERYTHING, EVER, { limit: 1 }, unboundedRun());
  expect(dice).toHaveLength(1);
  open();
  await check.idle();
  expect([...check.checks]).toEqual([['findLogs', 1]]);
  await query.findLogs(EVERYTHING, EVER, { limit: 1 }, unboundedRun());
  await check.idle();
  expect([...check.checks]).toEqual([['findLogs', 1]]);
  system.stop();
});

it('a question that cannot be asked again fails nobody', async () => {
  const { check, query, store, failures, divergences, system } = await tiers();
  const { logs } = await query.findLogs(EVERYTHING, EVER, { limit: 100 }, unboundedRun());
  store.pause = () => Promise.reject(new Error('the archive is down'));
  await check.idle();
  expect(logs).toHaveLength(15);
  expect(failures).toEqual([new Error('the archive is down')]);
  expect(divergences).toEqual([]);
  system.stop();
});

it('compares no segment whose batches were joined: their items have no numbers any more', async () => {
  const system = startActorSystem(({ error }) => {
    throw error;
  });
  const budget = new WindowBudget({ maxBytes: 2 ** 24, maxAgeMs: 60_000 });
  let joined = 0;
  const services = spawnServicesActor(system, {
    budget,
    onJoined: ({ size }) => (joined += size),
    now: () => 0,
  });
  for (let segment = 1; segment <= 4; segment += 1) {
    for (let request = 0; request < 2; request += 1) {
      system.tell(services, { type: 'append', segment, batches: spanBatches([{ startMs: segment }]) });
    }
  }
  const progress = { through: 4, failures: 0, waitingSegments: 0, rereadSegments: 0 };
  expect((await freezeTiers({ system, services, progress }))?.seam).toBe(0);
  system.tell(services, { type: 'archived', through: 4 });
  await vi.waitFor(() => {
    expect(joined).toBe(2);
  });
  expect((await freezeTiers({ system, services, progress }))?.seam).toBe(2);
  system.stop();
});
