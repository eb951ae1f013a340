import type { StartedRun } from '../../actors/query/index.ts';

/**
 * What an answer cost, as JSON in one header. Empty when nothing was read, and for those who may see some services alone: rows of
 * others are read and left out, and their number would tell that they are there.
 */
export function statsHeader(run: StartedRun): Readonly<Record<string, string>> {
  const { tiers, stages } = run.stats();
  if (stages.size === 0 || run.visible !== 'all') return {};
  const ms = Object.fromEntries(
    Array.from(stages, ([stage, spent]) => [stage, Math.round(spent * 100) / 100]),
  );
  return { 'x-ophion-stats': JSON.stringify({ ...tiers, ms }) };
}
