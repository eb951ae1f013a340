import type { InsightJson } from '../../proto/api/index.ts';
import { isCritical, isOfMetric, isSilence, isWhole, type Symptom, type Trouble } from './symptom.ts';

/** By what users suffer: failing or hanging requests are critical, slower ones and resources that run away a warning, the rest is to know. */
export function severityOf(troubles: readonly Trouble[]): InsightJson['severity'] {
  const symptoms = troubles.flatMap((trouble) => trouble.symptoms);
  if (symptoms.some(isCritical)) return 'critical';
  return symptoms.some(isWarning) ? 'warning' : 'info';
}

function isWarning({ series }: Symptom): boolean {
  if (isSilence({ series })) return series.name === '' || series.name === 'everything';
  switch (series.signal) {
    case 'errors':
    case 'latency':
      return true;
    case 'memory':
    case 'disk':
    case 'cpu':
      return isOfMetric(series);
    case 'requests':
      // Of one of the things that a service does there may be fewer because a page or a client was changed.
      return !isOfMetric(series) && isWhole(series) && series.observed < series.expected;
    case 'logs':
      return series.labels['severity'] === 'error';
    default:
      return false;
  }
}
