import { describe, expect, it } from 'vitest';
import { MemoryWatchState } from './fixtures/memory-stores.ts';
import { WatchedStory, type Moment } from './fixtures/watched-story.ts';
import type { ExpectedFigures, ExpectedQuery, InsightsMessage } from './index.ts';

const STORE = { namespace: '', name: 'store', environment: '' };
const LEARNING_TICKS = 300;
const TICKS_A_STEP = 5;
const FIGURES = ['requests', 'errors', 'p95Ms'] as const;

function read(story: WatchedStory, query: Partial<ExpectedQuery> = {}): Promise<ExpectedFigures> {
  return story.system.ask<InsightsMessage, ExpectedFigures>(story.ref, (reply) => ({
    ...{ type: 'read-expected', query: { visible: 'all', service: STORE, ...query }, reply },
  }));
}

async function after(ticks: number, moment: Moment = {}): Promise<WatchedStory> {
  const story = new WatchedStory();
  await story.run(ticks, moment);
  return story;
}

function newest({ steps }: ExpectedFigures): ExpectedFigures['steps'][number] {
  return steps.at(-1) ?? expect.unreachable('there are no steps');
}

describe('what is expected of a service', () => {
  it('is not known at first, and said so', async () => {
    const story = await after(10);
    const figures = await read(story);
    expect(figures.learning).toContain('requests');
    expect(figures.steps).toHaveLength(91);
    expect(newest(figures)).toMatchObject({ requests: null });
    story.stop();
  });

  it('is what its requests, failures and durations have been', async () => {
    const story = await after(LEARNING_TICKS);
    const figures = await read(story);
    expect(figures.learning).toEqual([]);
    const { startUnixMs, requests, errors, p95Ms } = newest(figures);
    expect(story.nowMs - startUnixMs).toBeLessThan(figures.stepMs);
    // Eight in two seconds.
    expect(requests?.expected).toBeCloseTo(4, 0);
    expect(requests?.lower).toBeLessThan(4);
    expect(requests?.upper).toBeGreaterThan(4);
    expect(errors).toMatchObject({ expected: 0, lower: 0 });
    expect(errors?.upper).toBeLessThan(4);
    // A database of 16 to 24 ms, and a little beside it.
    expect(p95Ms?.expected).toBeGreaterThan(20);
    expect(p95Ms?.expected).toBeLessThan(40);
    expect(p95Ms?.upper).toBeLessThan(100);
    story.stop();
  });

  it('is of steps that follow each other, and of each what was known when it began', async () => {
    const story = await after(LEARNING_TICKS);
    const before = await read(story);
    await story.run(2 * TICKS_A_STEP);
    const { stepMs, steps } = await read(story);
    steps.slice(1).forEach((step, index) => {
      expect(step.startUnixMs - (steps[index]?.startUnixMs ?? 0)).toBe(stepMs);
    });
    expect(steps.slice(0, -2)).toEqual(before.steps.slice(2));
    expect(steps.filter(({ requests }) => requests === null).length).toBeGreaterThan(20);
    story.stop();
  });

  it('is not what is wrong now', async () => {
    const story = await after(LEARNING_TICKS);
    await story.run(4 * TICKS_A_STEP, { failing: 6, storeMs: 900 });
    const { errors, p95Ms } = newest(await read(story));
    expect(errors?.upper).toBeLessThan(3.2);
    expect(p95Ms?.upper).toBeLessThan(200);
    story.stop();
  });

  it('goes on while there are no requests, of which then nothing is expected', async () => {
    const story = await after(LEARNING_TICKS);
    await story.run(30 * TICKS_A_STEP, { requests: 0 });
    const figures = await read(story);
    expect(newest(figures).requests).not.toBeNull();
    await story.run(60 * TICKS_A_STEP, { requests: 0 });
    expect(newest(await read(story))).toMatchObject({ errors: null, p95Ms: null });
    story.stop();
  });

  it('is known at once after a restart', async () => {
    const watchState = new MemoryWatchState();
    const story = new WatchedStory({ watchState });
    await story.run(LEARNING_TICKS);
    await story.end();
    const next = new WatchedStory({ watchState, startMs: story.nowMs + 20_000 });
    await next.run(2 * TICKS_A_STEP);
    const figures = await read(next);
    expect(figures.learning).toEqual([]);
    for (const figure of FIGURES) expect([figure, newest(figures)[figure]]).not.toEqual([figure, null]);
    next.stop();
  });

  it('is nothing of a service that is not there, or may not be seen', async () => {
    const story = await after(LEARNING_TICKS);
    const nothing = { steps: [], learning: ['requests', 'errors', 'p95'] };
    expect(await read(story, { service: { ...STORE, name: 'nobody' } })).toMatchObject(nothing);
    const visible = [{ name: 'web' }];
    expect(await read(story, { visible })).toMatchObject(nothing);
    expect((await read(story, { visible: [{ name: 'store' }] })).steps).toHaveLength(91);
    story.stop();
  });
});
