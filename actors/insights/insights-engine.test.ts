import { describe, expect, it, vi } from 'vitest';
import { insight as insightSchema, type InsightJson } from '../../proto/api/index.ts';
import { ThreadPool, type Tasks } from '../../workers/pool/index.ts';
import type { InsightsMessage, PatternList } from './index.ts';
import { TASKS as HUNG_TASKS, TASKS_URL as HUNG_TASKS_URL } from './fixtures/hung-tasks.ts';
import {
  MemoryInsightStore,
  MemoryTemplateStore,
  WatchedStory,
  type Moment,
} from './fixtures/watched-story.ts';

/** Ten minutes in which nothing happens. */
const LEARNING_TICKS = 300;
const FAILING: Moment = { failing: 4 };
const SLOW: Moment = { storeMs: 900 };

async function learned(story = new WatchedStory()): Promise<WatchedStory> {
  await story.run(LEARNING_TICKS);
  expect(story.shown).toEqual([]);
  return story;
}

describe('the engine', () => {
  it('reports one insight of failures, names their service, and ends it when they end', async () => {
    const story = await learned();
    await story.run(10, FAILING);
    expect(story.latest).toHaveLength(1);
    const [open] = story.latest;
    expect(story.shown.map(({ detectedUnixMs }) => detectedUnixMs)[0]).toBeLessThanOrEqual(
      story.nowMs - 10_000,
    );
    expect(open).toMatchObject({
      state: 'open',
      severity: 'critical',
      kind: 'anomaly',
      service: { name: 'store' },
    });
    expect(open?.rootCauses[0]?.service.name).toBe('store');
    expect(open?.services.map(({ name }) => name).sort()).toEqual(['store', 'web']);
    expect(open?.title).toMatch(/^store: .*GET \/goods fail/);
    await story.run(60);
    expect(story.latest).toHaveLength(1);
    expect(story.latest).toMatchObject([{ state: 'over', title: open?.title }]);
    const spans = story.latest.map(({ startedUnixMs, endedUnixMs }) => (endedUnixMs ?? 0) - startedUnixMs);
    expect(spans[0]).toBeGreaterThan(0);
    expect([...story.store.saved.values()].map(({ state }) => state)).toEqual(['over']);
    story.stop();
  });

  it('names a database that answers slowly, which sends nothing itself', async () => {
    const story = await learned();
    await story.run(12, SLOW);
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]?.rootCauses[0]?.service.id).toBe('database:postgresql goods');
    expect(story.latest[0]?.title).toMatch(/^store: calls to postgresql goods are .* times slower/);
    story.stop();
  });

  it('reports memory that grows, by the metric alone', async () => {
    const story = await learned();
    for (let step = 1; step <= 10; step += 1) await story.run(1, { memoryBytes: 1e8 + step * 4e6 });
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]).toMatchObject({ severity: 'warning', service: { name: 'store' } });
    expect(story.latest[0]?.evidence[0]).toMatchObject({ type: 'signal', signal: 'memory', expected: 1e8 });
    story.stop();
  });

  it('reports requests that stop coming', async () => {
    const story = await learned();
    await story.run(15, { requests: 0 });
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]?.title).toMatch(/requests fell to|no requests any more/);
    story.stop();
  });

  it('says nothing of what it has only begun to learn', async () => {
    const story = new WatchedStory();
    await story.run(5);
    await story.run(5, { failing: 1, storeMs: 200, requests: 2 });
    expect(story.shown).toEqual([]);
    story.stop();
  });

  it('shows what its contract says', async () => {
    const story = await learned();
    await story.run(10, FAILING);
    for (const shown of story.shown) expect(insightSchema.parse(shown)).toEqual(shown);
    story.stop();
  });

  it('asks more of series that people found of no use', async () => {
    const story = await learned();
    await story.run(4, FAILING);
    const keys = story.shown.flatMap(({ evidence }) =>
      evidence.flatMap((each) => (each.type === 'signal' ? [each.seriesKey] : [])),
    );
    expect(keys.length).toBeGreaterThan(0);
    const deaf = await learned(new WatchedStory({ store: storeWith(keys) }));
    await deaf.run(4, FAILING);
    expect(deaf.shown).toEqual([]);
    story.stop();
    deaf.stop();
  });
});

function storeWith(keys: readonly string[]): MemoryInsightStore {
  const store = new MemoryInsightStore();
  store.feedback = [...new Set(keys)].map((seriesKey) => ({ seriesKey, useful: 0, notUseful: 10 }));
  return store;
}

describe('what may go wrong', () => {
  it('a store that fails is tried again, and has everything in the end', async () => {
    const story = await learned();
    story.store.failures = 3;
    await story.run(6, FAILING);
    expect(story.latest).toHaveLength(1);
    expect(story.store.saved.size).toBe(0);
    expect(story.status.state.waiting).toBe(1);
    await story.run(40, FAILING);
    expect(story.store.saved.get(story.latest[0]?.id ?? '')).toEqual(story.latest[0]);
    expect(story.status.state.waiting).toBe(0);
    story.stop();
  });

  it('a task that hangs is cut off and counted, and what comes in does not wait for it', async () => {
    const threads = new ThreadPool<Tasks>({
      tasks: HUNG_TASKS,
      tasksUrl: HUNG_TASKS_URL,
      threads: 1,
      graceMs: 50,
    });
    const missed: string[] = [];
    const story = new WatchedStory({
      threads,
      little: 0,
      deadlineMs: 1_000,
      onMiss: (part, reason) => {
        missed.push(`${part} ${reason}`);
      },
    });
    story.happen({});
    story.nowMs += 2_000;
    const ticking = story.tick();
    story.happen({});
    await story.system.idle();
    // The mailbox has been emptied while the judge still hangs.
    expect(missed).toEqual([]);
    await story.tick();
    await ticking;
    expect(missed).toEqual(['judge deadline']);
    expect(story.status.counters).toMatchObject({ ticks: 1, skippedTicks: 1, missed: { deadline: 1 } });
    await vi.waitFor(() => {
      expect(threads.counters.threadsLost).toBe(1);
    }, 5_000);
    story.stop();
    await threads.close();
  });

  it('names of any kind and length neither break it nor make it long', async () => {
    const web = '\u0000\n<script>{{__proto__}}%s ' + '😈'.repeat(3_000);
    const story = new WatchedStory();
    const hostile = { web, operation: `__proto__\n${'a'.repeat(20_000)}` };
    await story.run(LEARNING_TICKS, hostile);
    await story.run(10, { ...hostile, failing: 8 });
    expect(story.latest).toHaveLength(1);
    const [insight] = story.latest;
    expect(insight?.title.length).toBeLessThan(500);
    expect(insight?.title).not.toContain('\n');
    expect(insight?.explanation.length).toBeLessThanOrEqual(4_000);
    story.stop();
  });

  it('more series than are watched are left out and counted', async () => {
    const story = new WatchedStory({ mostSeries: 4 });
    await story.run(3);
    expect(story.status.state.series).toBe(4);
    story.stop();
  });
});

describe('log patterns', () => {
  /** Three quarters of an hour. */
  const WATCHED_TICKS = 1_350;
  const USUAL: Moment = {
    requests: 1,
    logs: [
      { body: 'goods 17 were looked up', count: 4 },
      { body: 'no goods of that name: 12', severityNumber: 17, count: 8 },
    ],
  };
  const NEW = { body: 'replica 3 does not answer', severityNumber: 17 };
  const WITH_NEW: Moment = { ...USUAL, logs: [...(USUAL.logs ?? []), NEW] };

  it('that are new among other errors are insights of their own, kept, and not new after a restart', async () => {
    const templates = new MemoryTemplateStore();
    const story = new WatchedStory({ templates });
    await story.run(WATCHED_TICKS, USUAL);
    expect(story.shown).toEqual([]);
    await story.run(50, WITH_NEW);
    expect(story.latest).toMatchObject([
      { kind: 'pattern', state: 'open', severity: 'warning', service: { name: 'store' } },
    ]);
    expect(story.latest[0]?.title).toMatch(/^store: “replica <\*> does not answer” is a new error pattern/);
    expect(story.status.counters.opened).toBe(1);
    await story.end();
    const { nowMs, latest } = story;
    expect([...story.store.saved.values()]).toEqual(latest);
    const store = new MemoryInsightStore();
    store.open = latest;
    const after = new WatchedStory({ templates, store, nowMs });
    await after.run(60, WITH_NEW);
    // It is shown as it was, and not found anew.
    expect(after.latest.map(({ id, state }) => [id, state])).toEqual([[latest[0]?.id, 'open']]);
    after.stop();
  });

  it('that come with failing requests are evidence of these', async () => {
    const story = new WatchedStory();
    await story.run(WATCHED_TICKS, USUAL);
    await story.run(60, { ...WITH_NEW, requests: 8, failing: 4 });
    expect(story.latest.map(({ kind }) => kind)).toEqual(['anomaly']);
    const [anomaly] = story.latest;
    const all = [
      ...(anomaly?.evidence ?? []),
      ...(anomaly?.rootCauses.flatMap(({ evidence }) => evidence) ?? []),
    ];
    const patterns = all.flatMap((each) => (each.type === 'log-pattern' ? [each.template] : []));
    expect(patterns.filter((template) => template.startsWith('replica'))).toHaveLength(1);
    story.stop();
  });

  it('are listed by the actor at once, also while a tick is at work', async () => {
    const story = new WatchedStory();
    await story.run(5, WITH_NEW);
    story.happen(WITH_NEW);
    const ticking = story.tick();
    const list = await story.system.ask<InsightsMessage, PatternList>(story.ref, (reply) => ({
      ...{ type: 'list-patterns', query: { visible: 'all', limit: 10, text: 'REPLICA' }, reply },
    }));
    expect(list).toMatchObject({ count: 1, patterns: [{ template: 'replica <*> does not answer' }] });
    await ticking;
    story.stop();
  });
});

describe('after a restart', () => {
  async function openInsight(): Promise<InsightJson> {
    const story = await learned();
    await story.run(10, FAILING);
    story.stop();
    const [insight] = story.latest;
    if (insight === undefined) throw new Error('there is no insight to go on with');
    return insight;
  }

  it('insights that were open are shown again, and are over when all stays well', async () => {
    const store = new MemoryInsightStore();
    const insight = await openInsight();
    store.open = [insight];
    const story = new WatchedStory({ store });
    await story.run(1);
    expect(story.shown).toEqual([insight]);
    await story.run(310);
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]).toMatchObject({ id: insight.id, state: 'over', title: insight.title });
    story.stop();
  });

  it('trouble of the same services is of the insight that was open', async () => {
    const store = new MemoryInsightStore();
    const insight = await openInsight();
    store.open = [insight];
    const story = new WatchedStory({ store });
    await story.run(150);
    await story.run(10, FAILING);
    expect(story.latest.map(({ id, state }) => [id, state])).toEqual([[insight.id, 'open']]);
    story.stop();
  });
});
