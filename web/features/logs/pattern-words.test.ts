import { describe, expect, it } from 'vitest';
import type { LogPatternJson } from '../../../proto/api/index.ts';
import { leastSeverity, perMinute, piecesOf, recordsLink, tailLink, trendSentence } from './pattern-words.ts';

const NOW = 1_760_000_000_000;
const RANGE = { from: 'now-15m', to: 'now' } as const;
const PATTERN: LogPatternJson = {
  ...{ id: 'a1', service: { id: 'prod~shop~cart', environment: 'prod', namespace: 'shop', name: 'cart' } },
  ...{ template: 'order <*> of <*>', example: 'order 7 of ann', severity: 'info', isError: false },
  parameters: [
    { type: 'number', examples: ['7'] },
    { type: 'word', examples: ['ann'] },
  ],
  ...{ trend: 'steady', count: 9, share: 0.5, firstSeenUnixMs: NOW - 9e6, lastSeenUnixMs: NOW - 5_000 },
  ...{ recentPerMinute: 30, usualPerMinute: 3, periodMs: null, recurs: null, stack: null },
  ...{ query: 'body:order\\ *\\ of\\ *', counts: { startUnixMs: 0, stepMs: 1, values: [] } },
};

describe('the words of a pattern', () => {
  it.each([
    ['', undefined],
    ['1', undefined],
    ['5', 'debug'],
    ['13', 'warn'],
    ['21', 'error'],
  ])('the least severity of %j is %s', (minSeverity, expected) => {
    expect(leastSeverity(minSeverity)).toBe(expected);
  });

  it('a template is constant text with parameters between', () => {
    expect(piecesOf(PATTERN)).toEqual([
      { text: 'order ' },
      { type: 'number', examples: ['7'] },
      { text: ' of ' },
      { type: 'word', examples: ['ann'] },
    ]);
    expect(piecesOf({ ...PATTERN, template: '<*> gone', parameters: [] })).toEqual([
      { type: 'text', examples: [] },
      { text: ' gone' },
    ]);
  });

  it('its records are looked for where they are', () => {
    const search = (link: string): URLSearchParams => new URL(link, 'http://test').searchParams;
    const recent = search(recordsLink(PATTERN, RANGE, NOW));
    expect(Object.fromEntries(recent)).toEqual({ service: 'prod~shop~cart', q: PATTERN.query });
    const old = search(recordsLink({ ...PATTERN, lastSeenUnixMs: NOW - 7_200_000 }, RANGE, NOW));
    expect([old.get('from'), old.get('to')]).toEqual([String(NOW - 8_100_000), String(NOW - 7_140_000)]);
    expect(Object.fromEntries(search(tailLink(PATTERN)))).toEqual({
      ...{ kind: 'logs', service: 'prod~shop~cart', q: PATTERN.query },
    });
  });

  it('its trend is a sentence', () => {
    expect(trendSentence({ ...PATTERN, trend: 'rising' })).toContain('30/min, usually 3/min');
    expect(trendSentence({ ...PATTERN, trend: 'periodic', periodMs: 90_000 })).toBe(
      'It comes about every 1 min 30 s.',
    );
    expect(trendSentence({ ...PATTERN, trend: 'periodic', recurs: 'every day at 02:00 UTC' })).toBe(
      'It comes every day at 02:00 UTC.',
    );
    expect(perMinute(0.001)).toBe('<0.01/min');
  });
});
