import { expect, it } from 'vitest';
import { recurrenceWords } from './recurrence-words.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it.each([
  [7 * DAY, 4 * DAY + 3 * HOUR, 'every Monday at 03:00 UTC'],
  [DAY, 2 * HOUR + 5_000, 'every day at 02:00 UTC'],
  [DAY, DAY - 5_000, 'every day at 00:00 UTC'],
  [12 * HOUR, 30 * MINUTE, 'every 12 hours (at 00:30 and 12:30 UTC)'],
  [2 * HOUR, 10 * MINUTE, 'every 2 hours (from 00:10 UTC)'],
  [HOUR, 10 * MINUTE, 'every hour at :10'],
  [30 * MINUTE, 0, 'every 30 minutes (at :00 and :30)'],
  [15 * MINUTE, 7 * MINUTE + 2_000, 'every 15 minutes (at :07, :22, :37 and :52)'],
  [5 * MINUTE, 0, 'every 5 minutes'],
  [17 * MINUTE, 0, 'every 17 min'],
  [100 * MINUTE, 0, 'every 1 h 40 min'],
])('%i ms from %i ms: %s', (periodMs, phaseMs, words) => {
  expect(recurrenceWords({ periodMs, phaseMs })).toBe(words);
});
