import type { InsightJson, JudgedInsightJson } from '../../../proto/api/index.ts';
import { affects } from '../../live/insight-store.ts';

export interface FeedFilter {
  /** Of `''` any. */
  readonly kind: string;
  readonly state: string;
  /** At least. */
  readonly severity: string;
  readonly service: string;
}

const SEVERITIES = ['info', 'warning', 'critical'];
const UNJUDGED = { useful: 0, notUseful: 0, mine: null };

export function fits(insight: InsightJson, { kind, state, severity, service }: FeedFilter): boolean {
  return (
    (kind === '' || insight.kind === kind) &&
    (state === '' || insight.state === state) &&
    SEVERITIES.indexOf(insight.severity) >= SEVERITIES.indexOf(severity || 'info') &&
    (service === '' || affects(insight, service))
  );
}

/**
 * What was asked for, as it is by now: answered insights with what came live since, and, where the range goes on (`isNow`), those that
 * began since. Newest first.
 */
export function feedOf(
  answered: readonly JudgedInsightJson[],
  live: { readonly get: (id: string) => InsightJson | undefined; readonly open: readonly InsightJson[] },
  filter: FeedFilter,
  isNow: boolean,
): readonly JudgedInsightJson[] {
  const known = new Set(answered.map(({ id }) => id));
  const current = answered.map((one): JudgedInsightJson => {
    const newer = live.get(one.id);
    return newer && newer.updatedUnixMs >= one.updatedUnixMs ? { ...newer, feedback: one.feedback } : one;
  });
  const begun = isNow ? live.open.filter(({ id }) => !known.has(id)) : [];
  return [...begun.map((insight) => ({ ...insight, feedback: UNJUDGED })), ...current]
    .filter((one) => fits(one, filter))
    .sort((one, other) => other.detectedUnixMs - one.detectedUnixMs);
}
