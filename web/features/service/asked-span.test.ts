import { describe, expect, it } from 'vitest';
import { askedSpan } from './asked-span.ts';

const NOW_MS = 1_700_000_000_000;
const QUARTER = { from: 'now-15m', to: 'now' };
const absolute = (minutesAgo: number, untilMinutesAgo: number) => ({
  from: String(NOW_MS - minutesAgo * 60_000),
  to: String(NOW_MS - untilMinutesAgo * 60_000),
});

describe('the time that is asked about', () => {
  it.each([{ from: 'now-5m', to: 'now' }, QUARTER, absolute(3, 1), absolute(25, 20), absolute(3, -9)])(
    'is the range that is shown: %j',
    (shown) => {
      expect(askedSpan(shown, NOW_MS)).toEqual(shown);
    },
  );

  it.each([{ from: 'now-1h', to: 'now' }, absolute(26, 1), absolute(90, 60), absolute(-2, -3)])(
    'is the last quarter of an hour where that is not held: %j',
    (shown) => {
      expect(askedSpan(shown, NOW_MS)).toEqual(QUARTER);
    },
  );
});
