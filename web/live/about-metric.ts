import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';

/** Figures made of spans and log records may be called as a metric is. */
const NOT_OF_METRICS: ReadonlySet<string> = new Set(['{request}/s', '{record}/s']);

/** Whether a metric is evidence of an insight or of one of its causes, or what runs out by it. Of one service where its id is given. */
export function isAboutMetric(insight: InsightJson, metric: string, serviceId = ''): boolean {
  const isMeant = (id: string): boolean => serviceId === '' || id === serviceId;
  if (insight.saturation?.metric === metric && isMeant(insight.service.id)) return true;
  const evidence = [insight, ...insight.rootCauses].flatMap((part) => part.evidence);
  return evidence.some((one) => isOfMetric(one, metric) && isMeant(one.service.id));
}

function isOfMetric(
  evidence: InsightEvidenceJson,
  metric: string,
): evidence is InsightEvidenceJson & { readonly type: 'signal' } {
  if (evidence.type !== 'signal') return false;
  const { name, operation, unit } = evidence;
  // How often a histogram was added to is a series of its own.
  return (name === metric || name === `${metric} count`) && operation === '' && !NOT_OF_METRICS.has(unit);
}
