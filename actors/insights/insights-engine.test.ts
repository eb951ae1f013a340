import { describe, expect, it, vi } from 'vitest';
import { insight as insightSchema, type InsightJson } from '../../proto/api/index.ts';
import {
  InlineRunner,
  PoolError,
  TASKS,
  ThreadPool,
  type TaskRunner,
  type Tasks,
} from '../../workers/pool/index.ts';
import type { InsightsMessage, PatternList } from './index.ts';
import { TASKS as HUNG_TASKS, THREAD_URL as HUNG_THREAD_URL } from './fixtures/hung-tasks.ts';
import { MemoryInsightStore, MemoryTemplateStore, MemoryWatchState } from './fixtures/memory-stores.ts';
import { WatchedStory, type Moment } from './fixtures/watched-story.ts';

/** Ten minutes in which nothing happens. */
const LEARNING_TICKS = 300;
/** A quarter of an hour, and some seconds. */
const LONG_TICKS = 460;
const FAILING: Moment = { failing: 4 };
const SLOW: Moment = { storeMs: 900 };

const wayToCause = (insight: InsightJson | undefined) =>
  insight?.rootCauses[0]?.path?.map(({ name }) => name);

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
    expect(wayToCause(open)).toEqual(['web', 'store']);
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
    expect(wayToCause(story.latest[0])).toEqual(['web', 'store', 'postgresql goods']);
    expect(story.latest[0]?.title).toMatch(/^store: calls to postgresql goods are .* times slower/);
    story.stop();
  });

  it('is called by what users suffer from, though something else is the cause', async () => {
    const story = await learned();
    await story.run(8, { storeMs: 60 });
    expect(story.latest[0]?.title).toMatch(/^store: calls to postgresql goods are .* times slower/);
    await story.run(8, { storeMs: 60, failing: 4 });
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]).toMatchObject({
      severity: 'critical',
      title: expect.stringMatching(/^(web|store): .* fail \(usually 0 %\)$/) as string,
    });
    story.stop();
  });

  it.each([
    ['ophion.insights.analyses', 0],
    ['ophion.journal.appended', 1],
  ])('watches the platform, but not its own work: %s', async (name, told) => {
    const story = new WatchedStory();
    let total = 0;
    const run = async (ticks: number, more: number): Promise<void> => {
      for (let tick = 0; tick < ticks; tick += 1) {
        total += more;
        await story.run(1, { platform: { name, total } });
      }
    };
    await run(LEARNING_TICKS, 2);
    await run(30, 60);
    expect(story.latest.map(({ service }) => service.name)).toEqual(told === 0 ? [] : ['ophion']);
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

  it('takes load from who suffers it up to who sends it', async () => {
    const story = await learned();
    await story.run(15, { requests: 60 });
    expect(story.latest[0]?.rootCauses[0]).toMatchObject({ service: { name: 'web' }, signal: 'requests' });
    expect(wayToCause(story.latest[0])).toEqual(['store', 'web']);
    story.stop();
  });

  it('reports requests of one operation that stop coming, and a wave of them, as something to know', async () => {
    const story = new WatchedStory();
    await story.run(LEARNING_TICKS, { stock: 8 });
    await story.run(15);
    expect(story.latest).toMatchObject([
      {
        severity: 'info',
        title: expect.stringMatching(
          /^store: (no requests of GET \/stock any more|requests of GET \/stock fell)/,
        ) as string,
        services: [{ name: 'store' }],
      },
    ]);
    story.stop();
    const wave = new WatchedStory();
    await wave.run(LEARNING_TICKS, { stock: 2, requests: 40 });
    await wave.run(15, { stock: 14, requests: 40 });
    expect(wave.latest).toHaveLength(1);
    expect(wave.latest[0]?.title).toMatch(/^store: .* times as many requests of GET \/stock/);
    wave.stop();
  });

  it('reports calls to a cache that stop, or become many, although requests come as ever, as something to know', async () => {
    const story = new WatchedStory();
    // What was called for less than a quarter of an hour may go as it came.
    await story.run(LONG_TICKS, { lookups: 20 });
    expect(story.latest).toEqual([]);
    await story.run(15);
    expect(story.latest).toMatchObject([
      {
        severity: 'info',
        title: expect.stringMatching(/^store: (no calls to redis any more|calls to redis fell)/) as string,
        services: [{ name: 'store' }],
        rootCauses: [],
      },
    ]);
    story.stop();
    const wave = new WatchedStory();
    await wave.run(LEARNING_TICKS, { lookups: 8 });
    await wave.run(15, { lookups: 80 });
    expect(wave.latest).toHaveLength(1);
    expect(wave.latest[0]?.title).toMatch(/^store: \d\S* times as many calls to redis/);
    expect(wave.latest[0]?.severity).toBe('info');
    wave.stop();
  });

  it('says nothing of hosts that are called for minutes, come and go', async () => {
    const story = new WatchedStory();
    for (const host of ['10.0.0.7', '10.0.0.9']) await story.run(210, { lookups: 20, host });
    await story.run(30);
    expect(story.shown).toEqual([]);
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

describe('what abnormal requests have in common', () => {
  const toldBy = (story: WatchedStory): readonly [string, string, string][] =>
    (story.latest[0]?.evidence ?? [])
      .flatMap((each) =>
        each.type === 'attribute'
          ? [
              [
                each.field,
                each.value,
                `${each.compared.what} ${each.count}/${each.compared.abnormal}`,
              ] as const,
            ]
          : [],
      )
      .map(([field, value, what]) => [field, value, what]);

  it('is told where only a part of a service fails', async () => {
    const story = await learned();
    await story.run(10, { failingZone: 'b', versions: { a: '2.3.0', b: '2.3.1' } });
    const told = toldBy(story);
    expect(told.map(([field, value]) => [field, value])).toEqual([
      ['resource.cloud.availability_zone', 'b'],
      ['resource.service.version', '2.3.1'],
    ]);
    expect(story.latest[0]?.explanation).toContain(
      'What failing requests of store have in common: cloud.availability_zone is b in all (in 0 % of the others); service.version is 2.3.1 in all',
    );
    const [evidence] = story.latest[0]?.evidence.filter(({ type }) => type === 'attribute') ?? [];
    expect(evidence).toMatchObject({
      service: { name: 'store' },
      shareOfAbnormal: 1,
      shareOfNormal: 0,
      compared: {
        what: 'failing',
        selection:
          'service:"store" -namespace:* -environment:* (kind:server OR kind:consumer OR -parent:*) name:"GET /goods" status:error',
      },
    });
    story.stop();
  });

  it('is not made up where failures are spread evenly', async () => {
    const story = await learned();
    await story.run(10, FAILING);
    expect(story.latest[0]?.state).toBe('open');
    expect(toldBy(story)).toEqual([]);
    expect(story.latest[0]?.explanation).not.toContain('in common');
    story.stop();
  });

  it('is told by those before, where all fail since', async () => {
    const story = await learned();
    await story.run(10, { failing: 8, versions: { a: '2.4.0', b: '2.4.0' } });
    expect(toldBy(story).map(([field, value]) => [field, value])).toEqual([
      ['resource.service.version', '2.4.0'],
    ]);
    const [evidence] = story.latest[0]?.evidence.filter(({ type }) => type === 'attribute') ?? [];
    expect(evidence?.type === 'attribute' && evidence.compared).toMatchObject({
      fromUnixMs: story.latest[0]?.startedUnixMs,
      baselineFromUnixMs: (story.latest[0]?.startedUnixMs ?? 0) - 300_000,
    });
    story.stop();
  });

  it('is told of slow calls to what sends nothing itself', async () => {
    const story = await learned();
    await story.run(12, { slowZone: { zone: 'b', ms: 900 } });
    expect(story.latest[0]?.rootCauses[0]?.service.id).toBe('database:postgresql goods');
    expect(toldBy(story).map(([field, value, what]) => [field, value, what.split(' ')[0]])).toEqual([
      ['resource.cloud.availability_zone', 'b', 'slow'],
    ]);
    expect(story.latest[0]?.explanation).toContain('What slow calls of store have in common');
    story.stop();
  });
});

describe('trouble that begins while an insight is open', () => {
  it('is of it where its cause explains it, is listed, and has causes looked for again', async () => {
    const story = await learned();
    await story.run(45, FAILING);
    const before = story.status.counters.analyses;
    const [first] = story.latest;
    // Of the same service: its database is slow, too.
    await story.run(15, { ...FAILING, storeMs: 900 });
    expect(story.latest).toHaveLength(1);
    const [joined] = story.latest;
    expect(joined?.course?.map(({ what }) => what).join('; ')).toMatch(/also: .* times slower/);
    expect(joined?.course?.[0]?.atUnixMs).toBeGreaterThan((first?.detectedUnixMs ?? 0) + 60_000);
    expect(story.status.counters.analyses).toBeGreaterThan(before + 1);
    for (const shown of story.shown) expect(insightSchema.parse(shown)).toEqual(shown);
    story.stop();
  });

  it('is looked at again after five minutes and after fifteen', async () => {
    const story = await learned();
    await story.run(35, FAILING);
    const early = story.status.counters.analyses;
    await story.run(120, FAILING);
    expect(story.status.counters.analyses).toBe(early + 1);
    await story.run(310, FAILING);
    expect(story.status.counters.analyses).toBe(early + 2);
    expect(story.latest).toHaveLength(1);
    story.stop();
  });
});

describe('a change of a service', () => {
  const DEPLOYED = { versions: { a: '2.4.0', b: '2.4.0' } } as const;
  const changesOf = (story: WatchedStory): readonly string[] =>
    (story.latest[0]?.rootCauses ?? []).flatMap(({ evidence }) =>
      evidence.flatMap((each) => (each.type === 'change' ? [each.what] : [])),
    );

  it('is evidence of what began with it', async () => {
    const story = await learned();
    await story.run(40, { ...FAILING, ...DEPLOYED });
    expect(changesOf(story)).toContain('deploy of version 2.4.0');
    expect(story.latest[0]?.rootCauses[0]?.explanation).toContain('It was changed: deploy of version 2.4.0.');
    story.stop();
  });

  it('is not what caused something that began long before it', async () => {
    const story = await learned();
    await story.run(50, FAILING);
    // Such as a deploy that is to mend it: it is there when causes are looked for once more.
    await story.run(120, { ...FAILING, ...DEPLOYED });
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]?.rootCauses[0]?.service.name).toBe('store');
    expect(changesOf(story)).toEqual([]);
    story.stop();
  });
});

describe('what stops coming', () => {
  async function rhythmic(moment: Moment = {}): Promise<WatchedStory> {
    const story = new WatchedStory();
    await story.run(500, moment);
    expect(story.shown).toEqual([]);
    return story;
  }

  it('is told of a metric that came regularly, and over when it comes again', async () => {
    const story = await rhythmic();
    await story.run(20, { silent: 'memory' });
    expect(story.latest).toHaveLength(1);
    expect(story.latest[0]?.title).toMatch(
      /^store: process\.memory\.usage stopped reporting \d+ s ago, came every 5 s before$/,
    );
    expect((story.latest[0]?.detectedUnixMs ?? 0) - (story.latest[0]?.startedUnixMs ?? 0)).toBeLessThan(
      30_000,
    );
    for (const shown of story.shown) expect(insightSchema.parse(shown)).toEqual(shown);
    await story.run(30);
    expect(story.latest).toMatchObject([{ state: 'over', severity: 'info' }]);
    story.stop();
  });

  it('is told of a service, beside what that does to others', async () => {
    const story = await rhythmic();
    await story.run(30, { silent: 'store' });
    expect(story.latest).toHaveLength(1);
    const said = story.latest[0]?.evidence.find(
      (each) => each.type === 'signal' && each.detector === 'silence',
    );
    expect(said).toMatchObject({ signal: 'availability', service: { name: 'store' } });
    story.stop();
  });

  it('is told once, of the platform, when nothing comes at all', async () => {
    const story = await rhythmic();
    await story.run(60, { silent: 'all' });
    expect(story.latest.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^ophion: nothing is received any more for \d+ s, of any service/),
    ]);
    await story.run(60);
    expect(story.latest).toMatchObject([{ state: 'over', service: { name: 'ophion' } }]);
    story.stop();
  });

  it('is not told of a process of several', async () => {
    const story = await rhythmic({ processes: ['store-1', 'store-2', 'store-3'] });
    await story.run(60, { processes: ['store-1'] });
    expect(story.shown).toEqual([]);
    story.stop();
  });

  it('is not told of what comes and goes', async () => {
    const story = new WatchedStory();
    for (let round = 0; round < 4; round += 1) {
      await story.run(150);
      await story.run(60, { silent: 'memory' });
    }
    expect(story.shown).toEqual([]);
    story.stop();
  });
});

/** The same document, whose version is another and whose checksum is right. */
function withVersion(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  const text = new TextDecoder('latin1').decode(changed.subarray(0, 40));
  changed[text.indexOf('"version":') + '"version":'.length] = '9'.charCodeAt(0);
  const words = new Uint32Array(changed.buffer);
  let hash = 0x811c9dc5;
  for (const [index, word] of words.entries()) {
    if (index !== 1) hash = Math.imul(hash ^ word, 0x01000193);
  }
  words[1] = hash >>> 0;
  return changed;
}

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
      threadUrl: HUNG_THREAD_URL,
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

  it('what a thread loses of what came is not taken for silence, nor for requests that did not come', async () => {
    const missed: string[] = [];
    const runner = new InlineRunner(TASKS);
    let isLosing = false;
    const threads: TaskRunner<Tasks> = {
      run: (...asked) => runner.run(...asked),
      scan: (name, ...asked) =>
        isLosing && (name.startsWith('tally') || name === 'count-logs')
          ? Promise.reject(new PoolError('DEADLINE_EXCEEDED', 'the test took it'))
          : runner.scan(name, ...asked),
      evict: () => undefined,
      close: () => Promise.resolve(),
    };
    const story = new WatchedStory({ threads, onMiss: (part) => missed.push(part) });
    const moment = { logs: [{ body: 'order was taken', count: 20 }] };
    await story.run(LEARNING_TICKS + 400, moment);
    isLosing = true;
    await story.run(60, moment);
    isLosing = false;
    await story.run(60, moment);
    expect(new Set(missed)).toEqual(new Set(['spans', 'points', 'logs']));
    expect(story.latest).toEqual([]);
    story.stop();
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
    expect(story.status.counters.crowdedOut).toMatchObject({ services: 0, insights: 0 });
    expect(story.status.counters.crowdedOut.series).toBeGreaterThan(0);
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
    const after = new WatchedStory({ templates, store, startMs: nowMs });
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

  describe.each([
    ['a moment', 10_000],
    ['an hour', 3_600_000],
  ])('that took %s', (_name, gapMs) => {
    it('nothing is learned anew, and the gap itself is no news', async () => {
      const watchState = new MemoryWatchState();
      const before = await learned(new WatchedStory({ watchState }));
      expect(watchState.writes).toBeGreaterThanOrEqual(1);
      await before.end();
      const startMs = before.nowMs + gapMs;
      const calm = new WatchedStory({ watchState, startMs });
      await calm.run(150);
      expect(calm.shown).toEqual([]);
      calm.stop();
      const story = new WatchedStory({ watchState, startMs });
      await story.run(4);
      expect(story.shown).toEqual([]);
      await story.run(5, FAILING);
      expect(story.latest).toHaveLength(1);
      expect(story.latest[0]).toMatchObject({ state: 'open', severity: 'critical' });
      expect(story.latest[0]?.services.map(({ name }) => name)).toContain('store');
      story.stop();
      const fresh = new WatchedStory({ startMs });
      await fresh.run(4);
      await fresh.run(5, { ...FAILING, requests: 8 });
      expect(fresh.shown).toEqual([]);
      fresh.stop();
    });
  });

  it('what was in doubt is not, and comes to be again while the trouble lasts', async () => {
    const watchState = new MemoryWatchState();
    const before = await learned(new WatchedStory({ watchState }));
    await before.run(20, FAILING);
    const [insight] = before.latest;
    await before.end();
    const store = new MemoryInsightStore();
    store.open = insight ? [insight] : [];
    const story = new WatchedStory({ watchState, store, startMs: before.nowMs + 30_000 });
    await story.run(10, FAILING);
    expect(story.latest.map(({ id, state }) => [id, state])).toEqual([[insight?.id, 'open']]);
    await story.run(40);
    expect(story.latest).toMatchObject([{ state: 'over' }]);
    story.stop();
  });

  it.each([
    [
      'damaged',
      (bytes: Uint8Array) => bytes.with(bytes.length - 100, (bytes.at(-100) ?? 0) ^ 1),
      'it is damaged',
    ],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 3), 'it is cut off'],
    ['cut off at a double', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 8), 'it is damaged'],
    ['empty', () => new Uint8Array(0), 'it is cut off'],
    ['of another version', withVersion, 'it is of another version'],
  ])('what is kept of series is not used when it is %s', async (_name, broken, reason) => {
    const watchState = new MemoryWatchState();
    const before = await learned(new WatchedStory({ watchState }));
    await before.end();
    watchState.document = broken(watchState.document ?? new Uint8Array(0));
    const missed: string[] = [];
    const story = new WatchedStory({
      watchState,
      startMs: before.nowMs,
      onMiss: (part, why, error) => {
        missed.push(`${part} ${why}: ${error instanceof Error ? error.message : ''}`);
      },
    });
    await story.run(10, FAILING);
    expect(missed).toEqual([expect.stringMatching(new RegExp(`^learned levels failed: .*${reason}`))]);
    expect(story.shown).toEqual([]);
    story.stop();
  });

  it('what was usual more than a day ago is learned anew', async () => {
    const watchState = new MemoryWatchState();
    const before = await learned(new WatchedStory({ watchState }));
    await before.end();
    const missed: string[] = [];
    const startMs = before.nowMs + 86_400_001;
    const story = new WatchedStory({ watchState, startMs, onMiss: (part) => missed.push(part) });
    await story.run(10, FAILING);
    expect([missed, story.shown]).toEqual([['learned levels'], []]);
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
