import { describe, expect, it } from 'vitest';
import { withRange } from './with-range.ts';
import {
  absoluteRange,
  boundsOf,
  momentMs,
  rangeFromUrl,
  shifted,
  USUAL_RANGE,
  zoomedOut,
} from './time-range.ts';

const NOW = 1_767_225_600_000;

describe('time range', () => {
  it('reads moments as the URL holds them', () => {
    expect(momentMs('now', NOW)).toBe(NOW);
    expect(momentMs('now-15m', NOW)).toBe(NOW - 900_000);
    expect(momentMs('now-2d', NOW)).toBe(NOW - 172_800_000);
    expect(momentMs('1767225600000', NOW)).toBe(NOW);
    expect(['yesterday', 'now-', '17672256', ''].map((text) => momentMs(text, NOW))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('falls back to the usual range when the URL makes no sense', () => {
    expect(rangeFromUrl(undefined, undefined)).toEqual(USUAL_RANGE);
    expect(rangeFromUrl('now-1h', undefined)).toEqual({ from: 'now-1h', to: 'now' });
    expect(rangeFromUrl('x', 'now')).toEqual(USUAL_RANGE);
    expect(rangeFromUrl('1767225600001', '1767225600000')).toEqual(USUAL_RANGE);
  });

  it('steps back, forward to now at most, and zooms out', () => {
    const hour = absoluteRange(NOW - 7_200_000, NOW - 3_600_000);
    expect(boundsOf(shifted(hour, NOW, -1), NOW)).toEqual({
      fromMs: NOW - 10_800_000,
      toMs: NOW - 7_200_000,
    });
    expect(boundsOf(shifted(hour, NOW, 1), NOW)).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW });
    expect(boundsOf(shifted(USUAL_RANGE, NOW, 1), NOW)).toEqual({ fromMs: NOW - 900_000, toMs: NOW });
    expect(boundsOf(zoomedOut(USUAL_RANGE, NOW), NOW)).toEqual({ fromMs: NOW - 1_800_000, toMs: NOW });
    expect(boundsOf(absoluteRange(NOW, NOW - 5), NOW)).toEqual({ fromMs: NOW - 5, toMs: NOW });
  });

  it('travels along with links unless it is the usual one', () => {
    expect(withRange('/traces', USUAL_RANGE)).toBe('/traces');
    expect(withRange('/traces', { from: 'now-1h', to: 'now' }, { service: 'a~b~c d' })).toBe(
      '/traces?service=a%7Eb%7Ec+d&from=now-1h&to=now',
    );
  });
});
