import type { RunStats } from '../../actors/query/index.ts';

/** What an answer cost, as JSON in one header. Empty when nothing was read. */
export function statsHeader({ tiers, stages }: RunStats): Readonly<Record<string, string>> {
  if (stages.size === 0) return {};
  const ms = Object.fromEntries(
    Array.from(stages, ([stage, spent]) => [stage, Math.round(spent * 100) / 100]),
  );
  return { 'x-ophion-stats': JSON.stringify({ ...tiers, ms }) };
}
