import { describe, expect, it } from 'vitest';
import type { InsightJson, JudgedInsightJson } from '../../../proto/api/index.ts';
import { feedOf, fits } from './insight-feed.ts';

const SERVICE = { id: '~~cart', environment: '', namespace: '', name: 'cart' };
const made = (id: string, changes: Partial<JudgedInsightJson> = {}): JudgedInsightJson => ({
  ...{
    id,
    kind: 'anomaly',
    state: 'open',
    severity: 'warning',
    title: '',
    explanation: '',
    service: SERVICE,
  },
  ...{ services: [], startedUnixMs: 0, detectedUnixMs: 0, updatedUnixMs: 10, endedUnixMs: null, score: 1 },
  ...{ evidence: [], rootCauses: [], saturation: null, tip: null },
  feedback: { useful: 1, notUseful: 0, mine: null },
  ...changes,
});
const ANY = { kind: '', state: '', severity: '', service: '' };
const live = (...open: readonly InsightJson[]) => ({
  open: open.filter(({ state }) => state === 'open'),
  get: (id: string) => open.find((one) => one.id === id),
});
const said = (feed: readonly JudgedInsightJson[]): string[] => feed.map(({ id, title }) => `${id}${title}`);

describe('the feed', () => {
  it('is what was answered, as it is by now, and what began since', () => {
    const answered = [made('a'), made('b', { detectedUnixMs: 5 })];
    const newer = live(made('a', { title: ' worse', updatedUnixMs: 11 }), made('c', { detectedUnixMs: 9 }));
    const feed = feedOf(answered, newer, ANY, true);
    expect(said(feed)).toEqual(['c', 'b', 'a worse']);
    expect(feed.map(({ feedback }) => feedback.useful)).toEqual([0, 1, 1]);
    expect(said(feedOf(answered, newer, ANY, false))).toEqual(['b', 'a worse']);
    expect(said(feedOf([made('a', { updatedUnixMs: 12 })], newer, ANY, false))).toEqual(['a']);
  });

  it('leaves out what fits no more', () => {
    const over = live(made('a', { state: 'over', updatedUnixMs: 11 }));
    expect(said(feedOf([made('a')], over, { ...ANY, state: 'open' }, true))).toEqual([]);
    expect(said(feedOf([made('a')], over, ANY, true))).toEqual(['a']);
  });

  it.each([
    [{ kind: 'tip' }, false],
    [{ kind: 'anomaly' }, true],
    [{ severity: 'critical' }, false],
    [{ severity: 'warning' }, true],
    [{ severity: 'info' }, true],
    [{ service: '~~cart' }, true],
    [{ service: '~~payment' }, false],
  ])('filters by %j', (filter, expected) => {
    expect(fits(made('a'), { ...ANY, ...filter })).toBe(expected);
  });
});
