import type { InsightJson } from '../../proto/api/index.ts';
import { isOfMetric, isSilence, type Symptom, type Trouble } from './symptom.ts';

/** By what users suffer: failing or hanging requests are critical, slower ones and resources that run away a warning, the rest is to know. */
export function severityOf(troubles: readonly Trouble[]): InsightJson['severity'] {
  const symptoms = troubles.flatMap((trouble) => trouble.symptoms);
  if (symptoms.some(isCritical)) return 'critical';
  return symptoms.some(isWarning) ? 'warning' : 'info';
}

function isCritical({ series, size }: Symptom): boolean {
  if (isOfMetric(series)) return false;
  if (series.signal === 'errors') return size >= 0.2;
  if (series.signal === 'latency') return size >= 5 && series.observed >= 1e9;
  return series.signal === 'requests' && size <= 0.1;
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
      return !isOfMetric(series) && series.observed < series.expected;
    case 'logs':
      return series.labels['severity'] === 'error';
    default:
      return false;
  }
}
