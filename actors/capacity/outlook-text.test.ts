import { describe, expect, it } from 'vitest';
import { outlookText } from './outlook-text.ts';

const DAY = 86_400;

describe('what is said of a resource', () => {
  it.each([
    [{ median: 6.5 * DAY, earliest: 5.1 * DAY, latest: 9 * DAY }, 'disk full in 6.5 days (80 %: 5.1–9.0)'],
    [
      { median: 6.5 * DAY, earliest: 5.1 * DAY, latest: undefined },
      'disk full in 6.5 days (80 %: 5.1 or later)',
    ],
    [{ median: 90 * 60, earliest: 3_600, latest: 7_200 }, 'disk full in 90.0 minutes (80 %: 60.0–120.0)'],
    [{ median: 30, earliest: 0, latest: 60 }, 'disk full in 0.5 minutes (80 %: 0.0–1.0)'],
    [{ median: 70 * DAY, earliest: 56 * DAY, latest: 84 * DAY }, 'disk full in 10.0 weeks (80 %: 8.0–12.0)'],
    [
      { median: undefined, earliest: 12 * DAY, latest: undefined },
      'disk may be full in 12.0 days or later (80 %)',
    ],
    [{ median: undefined, earliest: undefined, latest: undefined }, 'disk is not foreseen to be full'],
  ])('%j', (fullIn, text) => {
    expect(outlookText('disk', 0.5, fullIn)).toBe(text);
  });

  it('is that it is full, when it is', () => {
    expect(outlookText('disk', 1, { median: 0, earliest: 0, latest: 0 })).toBe('disk is full');
  });

  it('is of a ceiling where the limit was learned', () => {
    const at = { median: 6.5 * DAY, earliest: 5.1 * DAY, latest: 9 * DAY };
    expect(outlookText('pool', 0.5, at, true)).toBe(
      'pool at its learned ceiling in 6.5 days (80 %: 5.1–9.0)',
    );
    expect(outlookText('pool', 1, at, true)).toBe('pool is at its learned ceiling');
  });
});
