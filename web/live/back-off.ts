const FIRST_MS = 250;
const MOST_MS = 10_000;

/**
 * How long to wait before attempt `attempt` (from 0): doubles up to ten seconds. Half of it is random, so that the
 * browsers of a restarted server do not come back all at once.
 */
export function backOffMs(attempt: number, random: number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (ceiling / 2) * random;
}
