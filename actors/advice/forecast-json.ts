import type { InsightJson } from '../../proto/api/index.ts';
import type { ResourceOutlook } from '../capacity/index.ts';
import type { Advice } from './tip-json.ts';

const HOUR_MS = 3_600_000;
/** Until then somebody should look, or nobody needs to yet. */
const CRITICAL_MS = 4 * HOUR_MS;
const WARNING_MS = 72 * HOUR_MS;
/** What is this full is worth a word whatever its trend. */
const ALMOST_FULL = 0.95;
/** The likely time may be far off where the early one is near: further than this it is not said. */
const FURTHEST_MS = 14 * 24 * HOUR_MS;

/** What runs out as an insight of kind `forecast`; `undefined` where nothing is foreseen, or no service is known to have it. */
export function adviceOfResource(resource: ResourceOutlook, nowMs: number): Advice | undefined {
  const { metric, labels, name, service, share, text, reachedUnixMs, earliestUnixMs, latestUnixMs } =
    resource;
  if (service === undefined || !isWorthAWord(resource, nowMs)) return undefined;
  return {
    key: JSON.stringify(['forecast', metric.name, Object.entries(labels).sort()]),
    weight: share,
    kind: 'forecast',
    severity: severityOf(resource, nowMs),
    title: text,
    explanation: explanationOf(resource),
    service,
    services: [service],
    score: Math.min(1, Math.max(0, share)),
    evidence: [],
    rootCauses: [],
    saturation: {
      resource: name,
      query: resource.query,
      metric: metric.name,
      unit: metric.unit,
      limit: resource.limit,
      current: resource.current,
      reachedUnixMs: reachedUnixMs ?? null,
      earliestUnixMs: earliestUnixMs ?? null,
      latestUnixMs: latestUnixMs ?? null,
    },
    tip: null,
  };
}

/** At a learned limit it was often, or it would not be known: only when it comes there again is told. */
function isWorthAWord({ metric, share, reachedUnixMs }: ResourceOutlook, nowMs: number): boolean {
  if (share >= ALMOST_FULL) return metric.limit.type !== 'learned';
  return (reachedUnixMs ?? Infinity) - nowMs <= FURTHEST_MS;
}

function severityOf(
  { metric, share, reachedUnixMs }: ResourceOutlook,
  nowMs: number,
): InsightJson['severity'] {
  if (metric.limit.type === 'learned') return 'info';
  const inMs = (reachedUnixMs ?? Infinity) - nowMs;
  if (share >= ALMOST_FULL || inMs <= CRITICAL_MS) return 'critical';
  return inMs <= WARNING_MS ? 'warning' : 'info';
}

function explanationOf({ metric, query, share, refusal }: ResourceOutlook): string {
  const percent = Math.round(share * 100);
  const used =
    metric.limit.type === 'learned'
      ? `It is at ${percent} % of where it was cut off again and again (${query}); no metric says what its limit is.`
      : `It is ${percent} % full (${query}).`;
  if (refusal) return `${used} It cannot be foreseen: ${refusal.message}.`;
  return `${used} The forecast combines models by how well each foresaw the series' own past; the interval is of 80 %.`;
}
