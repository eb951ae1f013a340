import { describe, expect, it } from 'vitest';
import { insight as insightSchema, logPattern as patternSchema } from '../../proto/api/index.ts';
import { parseSearch } from '../../workers/search/index.ts';
import type { SeriesFeedback } from '../ports/index.ts';
import { MemoryInsightStore } from './fixtures/memory-stores.ts';
import { minutes, openAnomaly, PatternStory, type Lines } from './fixtures/pattern-story.ts';

const USUAL: readonly Lines[] = [
  { body: 'order 17 accepted', count: 6 },
  { body: 'cart was put away', count: 4 },
  { body: 'cache miss for an item', severityNumber: 5, count: 10 },
];
const FAILED: Lines = { body: 'charge of 12 EUR failed: no route to host', severityNumber: 17 };
const HOUR = minutes(60);

async function watched(forMs = HOUR, lines = USUAL): Promise<PatternStory> {
  const story = new PatternStory();
  await story.run(forMs, lines);
  expect(story.insights).toEqual([]);
  return story;
}

describe('an error pattern', () => {
  it('that never came before is one insight, with what opens its records, and over when it stops', async () => {
    const story = await watched();
    story.changes.add([{ service: CART, version: '1', instance: 'a' }], story.nowMs - HOUR);
    story.changes.add([{ service: CART, version: '2', instance: 'b' }], story.nowMs - minutes(1));
    await story.run(minutes(5), [...USUAL, FAILED]);
    expect(story.insights).toHaveLength(1);
    const [found] = story.insights;
    expect(found).toMatchObject({
      ...{ kind: 'pattern', state: 'open', severity: 'warning', service: { name: 'cart' } },
      title: expect.stringContaining(
        'cart: “charge of <*> EUR failed: no route to host” is a new error pattern',
      ) as string,
    });
    expect(insightSchema.parse(found)).toEqual(found);
    expect(found?.evidence).toMatchObject([
      { type: 'log-pattern', trend: 'new', perMinuteBefore: 0 },
      { type: 'change', what: 'deploy of version 2' },
    ]);
    const [evidence] = found?.evidence ?? [];
    const query = evidence?.type === 'log-pattern' ? (evidence.query ?? '') : '';
    expect(parseSearch(query, 'logs')).toHaveProperty('expression.type', 'body');
    await story.run(minutes(12), USUAL);
    expect(story.insights).toMatchObject([{ state: 'over' }]);
    // It is not new again.
    await story.run(minutes(10), [...USUAL, FAILED]);
    expect(story.insights).toHaveLength(1);
  });

  it('is not new of a service that was not watched for long, or where it has come before', async () => {
    const young = new PatternStory();
    await young.run(minutes(20), USUAL);
    await young.run(minutes(20), [...USUAL, FAILED]);
    expect(young.insights).toEqual([]);
    const seldom = new PatternStory();
    for (let hour = 0; hour < 4; hour += 1) {
      await seldom.run(minutes(29 + 13 * hour), USUAL);
      await seldom.run(minutes(1), [...USUAL, FAILED]);
    }
    expect(seldom.insights).toEqual([]);
  });

  it('that is an old one with another word is none', async () => {
    const of = (name: string): Lines => ({
      body: `no cart of customer ${name} was found`,
      severityNumber: 17,
    });
    const story = await watched(HOUR, [...USUAL, of('ann')]);
    await story.run(minutes(5), [...USUAL, of('bob')]);
    expect(story.insights).toEqual([]);
  });

  it('and others that begin with it are one insight', async () => {
    const story = await watched();
    const others = ['inventory', 'payment', 'email'].map((name, at): Lines => {
      return { body: `${name} is gone${' indeed'.repeat(at)}`, severityNumber: 17 };
    });
    await story.run(minutes(5), [...USUAL, FAILED, ...others]);
    expect(story.insights).toHaveLength(1);
    expect(story.insights[0]?.title).toMatch(/, and 3 others$/);
    expect(story.insights[0]?.evidence).toHaveLength(4);
  });
});

describe('on spans', () => {
  const KEYS = ['http.route', 'user.id'];

  it('a failure of a type that never came before is an insight, with a new error of the log', async () => {
    const story = new PatternStory();
    story.changes.add([{ service: CART, version: '1', instance: 'a' }], story.nowMs);
    await story.spans(HOUR, KEYS, { Timeout: 1 });
    expect(story.insights).toEqual([]);
    story.changes.add([{ service: CART, version: '2', instance: 'b' }], story.nowMs - minutes(1));
    await story.spans(minutes(3), KEYS, { Timeout: 1, OutOfStock: 1 });
    expect(story.insights).toMatchObject([
      {
        ...{ kind: 'pattern', state: 'open', severity: 'warning', service: { name: 'cart' } },
        title: expect.stringMatching(
          /^cart: OutOfStock in POST \/cart is a new error \(\d+ within 1 min\)$/,
        ) as string,
        evidence: [
          { type: 'error', exceptionType: 'OutOfStock', message: 'of the test', isNew: true },
          { type: 'change', what: 'deploy of version 2' },
        ],
      },
    ]);
    expect(insightSchema.parse(story.insights[0])).toEqual(story.insights[0]);
    await story.spans(minutes(12), KEYS, { Timeout: 1 });
    expect(story.insights).toMatchObject([{ state: 'over' }]);
  });

  it('an attribute that they never had is told, and hurts nobody', async () => {
    const story = new PatternStory();
    await story.spans(HOUR, KEYS);
    await story.spans(minutes(3), [...KEYS, 'feature.flag']);
    expect(story.insights).toMatchObject([
      {
        ...{ kind: 'pattern', severity: 'info', title: 'cart: attribute feature.flag is new on its spans' },
        evidence: [
          {
            ...{ type: 'new-attribute', field: 'span.feature.flag' },
            seriesKey: ['~~cart', 'attribute', 'feature.flag'].join('\n'),
          },
        ],
      },
    ]);
    expect(insightSchema.parse(story.insights[0])).toEqual(story.insights[0]);
  });

  it('of a rare failure that people found of no use more is asked', async () => {
    const seriesKey = ['~~cart', 'error', 'OutOfStock'].join('\n');
    const told = async (notUseful: number): Promise<PatternStory> => {
      const story = new PatternStory();
      await story.feedback.refresh(new FeedbackStore([{ seriesKey, useful: 0, notUseful }]), story.nowMs);
      await story.spans(HOUR, KEYS);
      for (let each = 0; each < 5; each += 1) {
        await story.spans(10_000, KEYS, { OutOfStock: 1 });
        await story.spans(120_000, KEYS);
      }
      return story;
    };
    // Three of 2,600 spans, none of 36,000 before: 41 nats. Twelve more are asked, or thirty at most.
    expect((await told(0)).insights).toMatchObject([{ evidence: [{ type: 'error', seriesKey }] }]);
    expect((await told(4)).insights).toMatchObject([{ evidence: [{ type: 'error', seriesKey }] }]);
    expect((await told(100)).insights).toEqual([]);
  });

  it('nothing is new of a service that is new itself, in an anomaly, or for what was there before a restart', async () => {
    const young = new PatternStory();
    await young.spans(minutes(20), KEYS);
    await young.spans(minutes(20), [...KEYS, 'feature.flag'], { OutOfStock: 1 });
    expect(young.insights).toEqual([]);
    const ill = new PatternStory();
    await ill.spans(HOUR, KEYS);
    ill.anomalies = [openAnomaly(ill.nowMs, 'cart')];
    await ill.spans(minutes(3), KEYS, { OutOfStock: 50 });
    expect(ill.insights).toEqual([]);
    const again = new PatternStory();
    await again.spans(HOUR, KEYS, { OutOfStock: 1 });
    again.restart();
    await again.spans(minutes(3), KEYS, { OutOfStock: 1 });
    expect(again.insights).toEqual([]);
    await again.spans(minutes(3), KEYS, { OutOfMemory: 1 });
    expect(again.insights).toHaveLength(1);
  });
});

describe('what is part of an anomaly', () => {
  it('is evidence of that, once, and no insight; nor is what comes on the way back', async () => {
    const story = await watched();
    const anomaly = openAnomaly(story.nowMs, 'cart');
    story.anomalies = [anomaly];
    await story.run(minutes(4), [...USUAL, FAILED]);
    expect(story.insights).toEqual([]);
    expect([...story.explained]).toEqual([anomaly]);
    expect(anomaly.patterns).toMatchObject([{ type: 'log-pattern', trend: 'new' }]);
    story.anomalies = [];
    await story.run(minutes(20), [...USUAL, FAILED, { body: 'connected again', severityNumber: 17 }]);
    expect(story.insights.map(({ title }) => title)).not.toContainEqual(expect.stringContaining('charge'));
  });

  it('is so in services that call each other, and not in others', async () => {
    const story = await watched(HOUR, [...USUAL, ...USUAL.map((line) => ({ ...line, service: 'web' }))]);
    story.callsOf(['web', 'cart']);
    const anomaly = openAnomaly(story.nowMs, 'web');
    story.anomalies = [anomaly];
    await story.run(minutes(4), [...USUAL, FAILED]);
    expect(story.insights).toEqual([]);
    expect(anomaly.patterns).toHaveLength(1);
    const apart = await watched();
    apart.anomalies = [openAnomaly(apart.nowMs, 'web')];
    await apart.run(minutes(4), [...USUAL, FAILED]);
    expect(apart.insights).toHaveLength(1);
  });

  it('becomes so when the anomaly is found later', async () => {
    const story = await watched();
    await story.run(minutes(3), [...USUAL, FAILED]);
    expect(story.insights).toMatchObject([{ state: 'open' }]);
    const anomaly = openAnomaly(story.nowMs, 'cart');
    story.anomalies = [anomaly];
    await story.run(minutes(1), [...USUAL, FAILED]);
    expect(story.insights).toMatchObject([{ state: 'over' }]);
    expect(anomaly.patterns).toHaveLength(1);
  });
});

describe('a pattern that came steadily', () => {
  const [orders = { body: '' }, ...others] = USUAL;

  it('and is gone while its service goes on is told, and over when it comes back', async () => {
    const story = await watched(2 * HOUR);
    await story.run(minutes(20), others);
    expect(story.insights).toMatchObject([
      {
        state: 'open',
        severity: 'info',
        title: 'cart: “order <*> accepted” has stopped (usually 36 a minute)',
      },
    ]);
    expect(story.insights[0]?.evidence).toMatchObject([{ trend: 'gone', perMinuteAfter: 0 }]);
    await story.run(minutes(2), [orders, ...others]);
    expect(story.insights).toMatchObject([{ state: 'over' }]);
  });

  it('is not gone with all of its service, nor over a restart', async () => {
    const story = await watched(2 * HOUR);
    await story.run(minutes(30), []);
    expect(story.insights).toEqual([]);
    story.nowMs += 3 * HOUR;
    story.restart();
    await story.run(minutes(30), USUAL);
    expect(story.insights).toEqual([]);
  });

  it('and rises by itself is told, and not when all of its service does', async () => {
    const story = await watched(2 * HOUR);
    await story.run(minutes(12), [{ body: 'order 17 accepted', count: 60 }, ...others]);
    expect(story.insights).toMatchObject([
      {
        state: 'open',
        title: expect.stringMatching(/“order <\*> accepted” comes 10 times as often/) as string,
      },
    ]);
    const all = await watched(2 * HOUR);
    await all.run(
      minutes(12),
      USUAL.map((line) => ({ ...line, count: 10 * (line.count ?? 1) })),
    );
    expect(all.insights).toEqual([]);
  });

  it('may be said to be of no use, and more is asked of it', async () => {
    const rare: readonly Lines[] = [{ body: 'order 17 accepted' }, ...others];
    const silentUntilTold = async (notUseful: number): Promise<number> => {
      const story = new PatternStory();
      await story.run(2 * HOUR, rare, 30_000);
      const seriesKeys = story.list().patterns.map(({ id }) => ['~~cart', 'pattern', id].join('\n'));
      const feedback = seriesKeys.map((seriesKey) => ({ seriesKey, useful: 0, notUseful }));
      await story.feedback.refresh(new FeedbackStore(feedback), story.nowMs);
      const sinceMs = story.nowMs;
      while (story.insights.length === 0) await story.run(minutes(1), others, 30_000);
      expect(story.insights[0]?.evidence).toMatchObject([{ seriesKey: expect.any(String) as string }]);
      return story.nowMs - sinceMs;
    };
    // Four records a cell of two minutes are missed: 25 nats are there after a quarter of an hour, and 30 more after half an hour.
    const [usual, unloved] = [await silentUntilTold(0), await silentUntilTold(100)];
    expect(usual).toBeLessThan(minutes(20));
    expect(unloved).toBeGreaterThan(minutes(25));
    expect(unloved).toBeLessThan(minutes(40));
  });
});

describe('what recurs', () => {
  const job: Lines = { body: 'vacuum of table goods done', count: 20 };

  it('every 15 minutes is told once, with its times, and not again after a restart', async () => {
    const story = new PatternStory(Date.UTC(2026, 0, 5, 12, 7));
    await story.run(HOUR, USUAL, 60_000);
    for (let round = 0; round < 14; round += 1) {
      await story.run(minutes(15), [...USUAL], 60_000);
      story.log([job]);
      await story.tick();
    }
    expect(story.insights).toMatchObject([
      {
        state: 'open',
        severity: 'info',
        title: 'cart: “vacuum of table goods done” comes every 15 minutes (at :07, :22, :37 and :52)',
      },
    ]);
    expect(insightSchema.parse(story.insights[0])).toEqual(story.insights[0]);
    expect(story.list({ trend: 'periodic' }).patterns).toMatchObject([{ periodMs: minutes(15) }]);
    const [before] = story.insights;
    const { open, over } = story.restart();
    expect([open, over]).toEqual([[before], []]);
    for (let round = 0; round < 4; round += 1) {
      story.log([job]);
      await story.run(minutes(15), USUAL, 60_000);
    }
    expect(story.insights).toHaveLength(1);
    expect(story.insights[0]).toMatchObject({ state: 'open', id: before?.id });
  });

  it('every day at 02:00, and does not come one night', async () => {
    const story = new PatternStory(Date.UTC(2026, 0, 5, 1));
    for (let day = 0; day < 6; day += 1) {
      await story.run(HOUR, USUAL, minutes(10));
      story.log([job]);
      await story.run(23 * HOUR, USUAL, minutes(10));
    }
    expect(story.insights.map(({ title }) => title)).toEqual([
      'cart: “vacuum of table goods done” comes every day at 02:00 UTC',
    ]);
    await story.run(2 * HOUR, USUAL, minutes(10));
    expect(story.insights.map(({ title }) => title)).toContain(
      'cart: “vacuum of table goods done” came every day at 02:00 UTC, and did not come at 02:00 UTC',
    );
    expect(story.insights.at(-1)).toMatchObject({ severity: 'warning', evidence: [{ trend: 'gone' }] });
  });

  it('is not missed where nobody watched at the time', async () => {
    const story = new PatternStory(Date.UTC(2026, 0, 5, 1));
    for (let day = 0; day < 6; day += 1) {
      await story.run(HOUR, USUAL, minutes(10));
      story.log([job]);
      await story.run(22 * HOUR, USUAL, minutes(10));
      if (day < 5) await story.run(HOUR, USUAL, minutes(10));
    }
    story.nowMs += 3 * HOUR;
    story.restart();
    await story.run(2 * HOUR, USUAL, minutes(10));
    expect(story.insights.filter(({ title }) => title.includes('did not come'))).toEqual([]);
  });

  it('of requests and of failures, too', async () => {
    const story = new PatternStory(Date.UTC(2026, 0, 5, 12));
    for (let cell = 0; cell < 6 * 60 * 5; cell += 1) {
      const isBurst = cell % 180 === 120;
      story.request(isBurst ? 400 : 12 + (cell % 7), isBurst ? 50 : 0);
      story.nowMs += 10_000;
      await story.tick();
    }
    expect(story.insights.map(({ title }) => title).sort()).toEqual([
      'cart: a burst of failures comes every 30 minutes (at :20 and :50)',
      'cart: a burst of requests comes every 30 minutes (at :20 and :50)',
    ]);
    for (const each of story.insights) {
      expect(insightSchema.parse(each)).toEqual(each);
      expect(each.evidence).toMatchObject([{ type: 'signal', detector: 'recurrence', operation: '' }]);
    }
  });
});

describe('over restarts', () => {
  it('an old pattern is not new, and counts go on', async () => {
    const story = await watched(HOUR, [...USUAL, FAILED]);
    const before = story.list().patterns;
    story.restart();
    expect(story.list().patterns).toEqual(before);
    await story.run(minutes(10), [...USUAL, FAILED]);
    expect(story.insights).toEqual([]);
    expect(story.list({ trend: 'new' }).patterns).toEqual([]);
    const after = new Map(story.list().patterns.map(({ id, count }) => [id, count]));
    for (const { id, count } of before) expect(after.get(id)).toBeGreaterThan(count);
  });

  it('what came before the state was read is added to it', async () => {
    const story = await watched(HOUR);
    const kept = story.kept();
    const [first] = story.list().patterns;
    story.engine = new PatternStory(story.nowMs).engine;
    story.log(USUAL);
    story.engine.restore(kept, [], story.nowMs);
    const now = story.list().patterns.find(({ id }) => id === first?.id);
    expect(now?.count).toBe((first?.count ?? 0) + 10);
    expect(now?.firstSeenUnixMs).toBe(first?.firstSeenUnixMs);
  });

  it('an insight that nothing was kept of is over', async () => {
    const story = await watched();
    await story.run(minutes(5), [...USUAL, FAILED]);
    const { open, over } = story.restart({ ...story.kept(), open: [] });
    expect([open.length, over.length]).toEqual([0, 1]);
    expect(story.insights).toMatchObject([{ state: 'over' }]);
  });
});

describe('the list of patterns', () => {
  it('has what its contract says, news first, with typed parameters of its own service alone', async () => {
    const story = new PatternStory();
    const stack = 'Error: gone\n    at close (/srv/a.js:1:2)\n    at send (/srv/b.js:3:4)';
    await story.run(minutes(30), [
      ...USUAL,
      { body: 'order 99 accepted', service: 'other' },
      { body: stack, severityNumber: 17, service: 'other' },
    ]);
    await story.run(minutes(5), [...USUAL, FAILED]);
    const { patterns, count, more, sinceUnixMs } = story.list();
    for (const each of patterns) expect(patternSchema.parse(each)).toEqual(each);
    expect([count, more, sinceUnixMs]).toEqual([6, false, story.nowMs - minutes(35)]);
    expect(patterns.map(({ trend }) => trend)).toEqual([
      'new',
      'steady',
      'steady',
      'steady',
      'steady',
      'steady',
    ]);
    expect(patterns[0]).toMatchObject({ isError: true, severity: 'error', count: 30 });
    const orders = patterns.filter(({ template }) => template === 'order <*> accepted');
    expect(orders.map(({ service, parameters }) => [service.name, parameters])).toEqual([
      ['cart', [{ type: 'number', examples: ['17'] }]],
      ['other', [{ type: 'number', examples: ['99'] }]],
    ]);
    expect(orders[0]?.share).toBeCloseTo(6 / 20, 1);
    expect(orders[0]?.recentPerMinute).toBeCloseTo(36, 0);
    expect(orders[0]?.counts.values.slice(1, -1).every((value) => value === 72)).toBe(true);
    expect(patterns.find((each) => each.stack !== null)?.stack?.frames).toEqual(['a.js:close', 'b.js:send']);
  });

  it('is narrowed by service, trend, severity and text, to what may be seen, and bounded', async () => {
    const story = new PatternStory();
    await story.run(minutes(2), [...USUAL, FAILED, { body: 'secret of other', service: 'other' }]);
    const templates = (query: Parameters<PatternStory['list']>[0]): string[] =>
      story.list(query).patterns.map(({ template }) => template);
    expect(templates({ service: { namespace: '', name: 'other', environment: '' } })).toEqual([
      'secret of other',
    ]);
    expect(templates({ severity: 'error' })).toEqual(['charge of <*> EUR failed: no route to host']);
    expect(templates({ text: 'SECRET' })).toEqual(['secret of other']);
    expect(templates({ trend: 'gone' })).toEqual([]);
    expect(templates({ visible: [{ name: 'cart' }], text: 'secret' })).toEqual([]);
    expect(story.list({ visible: [{ name: 'cart' }] }).count).toBe(4);
    expect(story.list({ visible: [] })).toEqual({ patterns: [], count: 0, more: false, sinceUnixMs: null });
    expect(story.list({ limit: 1 })).toMatchObject({ count: 5, more: true });
  });

  it('has one pattern where several were merged into it', async () => {
    const story = new PatternStory();
    const of = (name: string): Lines => ({ body: `the cart of customer ${name} was emptied` });
    for (const name of ['ann', 'bob', 'eve', 'kim', 'joe', 'sue']) await story.run(minutes(1), [of(name)]);
    expect(story.list().patterns).toMatchObject([
      {
        template: 'the cart of customer <*> was emptied',
        count: 36,
        firstSeenUnixMs: story.nowMs - minutes(6),
      },
    ]);
  });
});

class FeedbackStore extends MemoryInsightStore {
  constructor(feedback: readonly SeriesFeedback[]) {
    super();
    this.feedback = feedback;
  }
}

const CART = { namespace: '', name: 'cart', environment: '' };
