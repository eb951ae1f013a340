import type { RootCauseJson } from '../../proto/api/index.ts';

const MOST_CAUSES = 5;
const LEAST_SCORE = 0.05;

/**
 * Causes as several analyses of one matter have them: what was found now counts as much as all that was found before, so that one analysis
 * that is off does not name another cause. What only earlier ones blamed keeps half of its blame each time.
 */
export function blendCauses(
  before: readonly RootCauseJson[],
  now: readonly RootCauseJson[],
): readonly RootCauseJson[] {
  if (before.length === 0) return now;
  const known = new Map(before.map(({ service, score }) => [service.id, score]));
  const found = new Set(now.map(({ service }) => service.id));
  return [
    ...now.map((cause) => ({ ...cause, score: (cause.score + (known.get(cause.service.id) ?? 0)) / 2 })),
    ...before
      .filter(({ service }) => !found.has(service.id))
      .map((cause) => ({ ...cause, score: cause.score / 2 })),
  ]
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_CAUSES);
}
