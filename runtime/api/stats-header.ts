import type { StartedRun } from '../../actors/query/index.ts';

/**
 * What an answer cost, as JSON in one header. Empty when nothing was read, and for those who may see some services alone: rows of
 * others are read and left out, and their number would tell that they are there. `waitingItems` are neither in the windows nor in
 * the archive just now: there may be more to the answer, and here it says so.
 */
export function statsHeader(run: StartedRun, waitingItems: number): Readonly<Record<string, string>> {
  const { tiers, stages } = run.stats();
  if (stages.size === 0 || run.visible !== 'all') return {};
  const ms = Object.fromEntries(
    Array.from(stages, ([stage, spent]) => [stage, Math.round(spent * 100) / 100]),
  );
  const waiting = waitingItems > 0 ? { waitingItems } : {};
  return { 'x-ophion-stats': JSON.stringify({ ...tiers, ms, ...waiting }) };
}
