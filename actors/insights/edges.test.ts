import { describe, expect, it } from 'vitest';
import type { InsightJson } from '../../proto/api/index.ts';
import { insightView } from '../insight-view/index.ts';
import { WatchedStory, type Moment } from './fixtures/watched-story.ts';

/** `web` and `app` call `store`, and do not say so: only the spans of `store` have theirs for parents. */
const WELL: Moment = { app: {} };

async function learned(ticks = 300): Promise<WatchedStory> {
  const story = new WatchedStory();
  await story.run(ticks, WELL);
  expect(story.shown).toEqual([]);
  return story;
}

const signalsOf = (insight: InsightJson | undefined) =>
  (insight?.evidence ?? []).flatMap((each) => (each.type === 'signal' ? [each] : []));

describe('calls that name nobody, by whom they reach', () => {
  it.each([
    ['fail', { app: { failing: 4 } }, 'errors', /^app: \d+ % of calls to store fail \(usually 0 %\)$/],
    ['are slow', { app: { ms: 400 } }, 'latency', /^app: calls to store are \d+ times slower/],
    ['stop', { app: { calls: 0 } }, 'requests', /^store: requests of GET \/parts fell/],
  ] as const)('are told of where those of one caller %s', async (_, fault, signal, title) => {
    // Whom it has called for a quarter of an hour it is expected to go on calling.
    const story = await learned(signal === 'requests' ? 460 : 300);
    // Those of the other caller do as ever.
    await story.run(15, fault);
    expect(story.latest).toHaveLength(1);
    const [insight] = story.latest;
    const told = signalsOf(insight).filter(({ peer }) => peer !== undefined);
    expect(told).toMatchObject([
      { signal, service: { name: 'app' }, peer: { id: '~~store', name: 'store' } },
    ]);
    expect(told[0]?.name).toBe(`${signal} of calls to store`);
    expect(insight?.title).toMatch(title);
    expect(insight?.services.map(({ name }) => name)).not.toContain('web');
    story.stop();
  });

  it('are told to nobody who may not see whom they reach', async () => {
    const story = await learned();
    await story.run(10, { app: { failing: 4 } });
    const [insight] = story.latest;
    expect(JSON.stringify(insight)).toContain('store');
    const seen = insight && insightView([{ name: 'app' }])(insight);
    expect(seen).toMatchObject({ title: 'anomaly in app', evidence: [], services: [{ name: 'app' }] });
    expect(JSON.stringify(seen)).not.toContain('store');
    story.stop();
  });
});
