import { describe, expect, it, vi } from 'vitest';
import { insightEvidence, type RootCausesJson } from '../../proto/api/index.ts';
import { InlineRunner, PoolError, TASKS, type TaskRunner, type Tasks } from '../../workers/pool/index.ts';
import type { CausesAnswer, CausesQuery, InsightsMessage } from './index.ts';
import { WatchedStory, type Moment, type StoryOptions } from './fixtures/watched-story.ts';

/** Ten minutes in which nothing happens. */
const LEARNING_TICKS = 300;
const FAILING: Moment = { failing: 4 };
const SLOW: Moment = { storeMs: 900 };

async function learned(options: StoryOptions = {}): Promise<WatchedStory> {
  const story = new WatchedStory(options);
  await story.run(LEARNING_TICKS);
  return story;
}

/** Of what a service did in the last minutes, by whoever may see all; `query` says otherwise. */
function ask(story: WatchedStory, name: string, query: Partial<CausesQuery> = {}): Promise<CausesAnswer> {
  const asked: CausesQuery = {
    ...{ visible: 'all', service: { namespace: '', name, environment: '' } },
    ...{ sinceMs: story.nowMs - 300_000, untilMs: story.nowMs },
    ...query,
  };
  return story.system.ask<InsightsMessage, CausesAnswer>(story.ref, (reply) => ({
    ...{ type: 'find-causes', query: asked, reply },
  }));
}

function foundIn(answer: CausesAnswer): RootCausesJson {
  return answer.type === 'found' ? answer.found : expect.unreachable(answer.type);
}

async function found(
  story: WatchedStory,
  name: string,
  query: Partial<CausesQuery> = {},
): Promise<RootCausesJson> {
  return foundIn(await ask(story, name, query));
}

const firstOf = ({ rootCauses }: RootCausesJson) => rootCauses[0]?.service.name;
const wayOf = ({ rootCauses }: RootCausesJson) => rootCauses[0]?.path?.map(({ name }) => name);
const signalsOf = ({ changed }: RootCausesJson) => [...new Set(changed.map(({ signal }) => signal))];

/** Until what can go on has gone on. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

/** Tasks that wait, or fail, when they are told to. */
class HeldThreads implements TaskRunner<Tasks> {
  isHolding = false;
  failure: Error | undefined;
  /** Calls of the task that looks for causes. */
  analyses = 0;
  private readonly runner = new InlineRunner(TASKS);
  private held: (() => void)[] = [];

  readonly run: TaskRunner<Tasks>['run'] = async (name, ...asked) => {
    if (name === 'find-root-causes') {
      this.analyses += 1;
      if (this.failure) throw this.failure;
      if (this.isHolding) await new Promise<void>((resolve) => this.held.push(resolve));
    }
    return this.runner.run(name, ...asked);
  };
  readonly scan: TaskRunner<Tasks>['scan'] = (...asked) => this.runner.scan(...asked);
  evict(): void {
    // Nothing is kept.
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  release(): void {
    this.isHolding = false;
    for (const resolve of this.held) resolve();
    this.held = [];
  }
}

describe('causes that are asked for', () => {
  it.each([
    ['failures', FAILING, 'store', ['web', 'store'], ['store']],
    [
      'slowness',
      SLOW,
      'postgresql goods',
      ['web', 'store', 'postgresql goods'],
      ['store', 'postgresql goods'],
    ],
  ])(
    'of %s: the first is that of the insight, from where one asks',
    async (_what, moment, cause, ofWeb, ofStore) => {
      const story = await learned();
      await story.run(12, moment);
      const [insight] = story.latest;
      const [web, store] = [await found(story, 'web'), await found(story, 'store')];
      expect([insight?.rootCauses[0]?.service.name, firstOf(web), firstOf(store)]).toEqual([
        cause,
        cause,
        cause,
      ]);
      expect([wayOf(web), wayOf(store)]).toEqual([ofWeb, ofStore]);
      for (const { reason, startedUnixMs, untilUnixMs, explanation } of [web, store]) {
        expect(reason).toBeNull();
        // Five minutes were asked about, in the last half of which it began.
        expect(Math.abs((startedUnixMs ?? 0) - (insight?.startedUnixMs ?? 0))).toBeLessThanOrEqual(10_000);
        expect(untilUnixMs).toBe(story.nowMs);
        expect(explanation).toContain(`${cause} is the likeliest cause`);
      }
      for (const evidence of [...store.changed, ...store.inCommon]) insightEvidence.parse(evidence);
      expect(store.changed.every(({ service }) => service.name === 'store')).toBe(true);
      story.stop();
    },
  );

  it('say what failing requests have in common', async () => {
    const story = await learned();
    await story.run(12, { failingZone: 'b' });
    const { inCommon, explanation } = await found(story, 'store');
    expect(inCommon.map(({ field, value }) => `${field}=${value}`)).toContain(
      'resource.cloud.availability_zone=b',
    );
    expect(explanation).toContain('have in common');
    story.stop();
  });

  it('go up to who sends load', async () => {
    const story = await learned();
    await story.run(15, { requests: 60 });
    const answer = await found(story, 'store');
    expect([firstOf(answer), wayOf(answer)]).toEqual(['web', ['store', 'web']]);
    expect(signalsOf(answer)).toContain('requests');
    story.stop();
  });

  it('are told of what is over and has no open insight any more', async () => {
    const story = await learned();
    await story.run(15, FAILING);
    await story.run(60);
    expect(story.latest).toMatchObject([{ state: 'over' }]);
    const answer = await found(story, 'store');
    expect([answer.reason, firstOf(answer), signalsOf(answer)]).toEqual([null, 'store', ['errors']]);
    const until = story.nowMs - 100_000;
    expect(firstOf(await found(story, 'web', { untilMs: until }))).toBe('store');
    story.stop();
  });

  it('are told of requests that fell for a while as fewer, not as more', async () => {
    const story = await learned();
    await story.run(20, { requests: 1 });
    await story.run(60);
    const { changed } = await found(story, 'store', { signal: 'requests' });
    const [fewer] = changed;
    expect(fewer?.signal).toBe('requests');
    expect(fewer?.observed).toBeLessThan((fewer?.expected ?? 0) / 2);
    story.stop();
  });

  it('are of one signal where it is named: a kind, or a metric', async () => {
    const story = await learned();
    await story.run(10, { ...FAILING, memoryBytes: 2e8 });
    expect(signalsOf(await found(story, 'store', { signal: 'errors' }))).toEqual(['errors']);
    expect(signalsOf(await found(story, 'store', { signal: 'memory' }))).toEqual(['memory']);
    const byName = await found(story, 'store', { signal: 'process.memory.usage' });
    expect(byName.changed.map(({ name }) => name)).toEqual(['process.memory.usage']);
    expect(await found(story, 'store', { signal: 'latency' })).toMatchObject({
      ...{ reason: 'nothing-changed', startedUnixMs: null, changed: [], rootCauses: [] },
      explanation: 'store does what it did before: nothing stands out.',
    });
    story.stop();
  });

  it('are none, and that is said, where nothing changed, or nothing is known', async () => {
    const story = await learned();
    expect(await found(story, 'store')).toMatchObject({ reason: 'nothing-changed', rootCauses: [] });
    expect(await found(story, 'store', { signal: 'queue.depth' })).toMatchObject({
      ...{ reason: 'unknown-signal', explanation: 'Of store nothing is watched that is called queue.depth.' },
    });
    const unknown = await found(story, 'nobody');
    expect(unknown).toMatchObject({ reason: 'unknown-service', rootCauses: [], changed: [] });
    // What may not be seen is as what is not there.
    expect(await found(story, 'store', { visible: [{ name: 'web' }] })).toEqual(unknown);
    expect(await found(story, 'store', { visible: [] })).toEqual(unknown);
    expect(await found(story, 'store', { sinceMs: story.nowMs - 590_000 })).toMatchObject({
      reason: 'too-new',
    });
    story.stop();
  });

  it('say nothing of services that whoever asks may not see', async () => {
    const story = await learned();
    await story.run(12, FAILING);
    const [all, some] = [
      await found(story, 'web'),
      await found(story, 'web', { visible: [{ name: 'web' }] }),
    ];
    expect(JSON.stringify(all)).toContain('store');
    expect(JSON.stringify(some)).not.toContain('store');
    expect(some.changed.length).toBeGreaterThan(0);
    story.stop();
  });
});

describe('many who ask', () => {
  it('share an answer to the same, wait for others, and are told when to come again', async () => {
    const threads = new HeldThreads();
    const story = await learned({ threads });
    await story.run(12, FAILING);
    threads.analyses = 0;
    threads.isHolding = true;
    const shared = Array.from({ length: 20 }, () => ask(story, 'store'));
    const others = Array.from({ length: 7 }, (_, minutes) =>
      ask(story, 'web', { sinceMs: story.nowMs - (minutes + 1) * 60_000 }),
    );
    await pause();
    expect(await ask(story, 'web', { signal: 'errors' })).toEqual({ type: 'busy', retryAfterMs: 2_000 });
    // One at a time.
    expect(threads.analyses).toBe(1);
    threads.release();
    const answers = await Promise.all(shared);
    expect(new Set(answers.map((answer) => firstOf(foundIn(answer))))).toEqual(new Set(['store']));
    expect(new Set(answers.map(foundIn)).size).toBe(1);
    for (const answer of await Promise.all(others)) expect(foundIn(answer).reason).toBeNull();
    expect(foundIn(await ask(story, 'web', { signal: 'errors' })).reason).toBeNull();
    story.stop();
  });

  it('who waited too long is not answered any more', async () => {
    const threads = new HeldThreads();
    const story = await learned({ threads });
    await story.run(12, FAILING);
    threads.isHolding = true;
    const [first, second] = [ask(story, 'store'), ask(story, 'web')];
    await pause();
    story.nowMs += 10_001;
    threads.release();
    expect((await first).type).toBe('found');
    expect(await second).toEqual({ type: 'busy', retryAfterMs: 2_000 });
    story.stop();
  });

  it('wait until nothing is under way for insights, and do not keep these from theirs when they miss', async () => {
    const threads = new HeldThreads();
    const missed: string[] = [];
    const story = await learned({ threads, onMiss: (part, reason) => missed.push(`${part} ${reason}`) });
    threads.isHolding = true;
    const ticking = story.run(12, FAILING);
    await vi.waitFor(() => {
      expect([story.latest.length, threads.analyses]).toEqual([1, 1]);
    });
    const asked = ask(story, 'store');
    await pause();
    expect(threads.analyses).toBe(1);
    threads.release();
    expect((await asked).type).toBe('found');
    await ticking;

    threads.failure = new PoolError('DEADLINE_EXCEEDED', 'the test took it');
    expect(await ask(story, 'web')).toEqual({ type: 'failed', error: threads.failure });
    threads.failure = undefined;
    expect(missed).toEqual(['root causes that were asked for deadline']);
    expect(await ask(story, 'web')).toEqual({ type: 'busy', retryAfterMs: 10_000 });
    const before = threads.analyses;
    await story.run(40, FAILING);
    expect(threads.analyses).toBeGreaterThan(before);
    expect((await ask(story, 'web')).type).toBe('found');
    story.stop();
  });

  it('are told to come again while insights have no answers in time', async () => {
    const threads = new HeldThreads();
    const story = await learned({ threads, onMiss: () => undefined });
    threads.failure = new PoolError('DEADLINE_EXCEEDED', 'the test took it');
    await story.run(10, FAILING);
    const before = threads.analyses;
    expect(before).toBeGreaterThan(0);
    const answer = await ask(story, 'store');
    expect(answer).toEqual({ type: 'busy', retryAfterMs: expect.any(Number) as number });
    expect(threads.analyses).toBe(before);
    story.stop();
  });

  it('a question that breaks the answer is told so, and breaks nothing else', async () => {
    const story = await learned();
    const visible = null as unknown as CausesQuery['visible'];
    expect(await ask(story, 'store', { visible })).toEqual({
      ...{ type: 'failed', error: expect.any(TypeError) as TypeError },
    });
    expect((await ask(story, 'store')).type).toBe('found');
    story.stop();
  });
});
