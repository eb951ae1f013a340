import { compileMatchers, type LabelMatcher } from '../promql/index.ts';
import { prometheusMetricName } from './metric-name.ts';
import type { StreamMetric } from './otlp-stream.ts';
import type { Spelling } from './stream-labels.ts';

/** What of a metric a series shows. */
export type SeriesPart = 'value' | 'bucket' | 'count' | 'sum' | 'quantile' | 'native';

export interface ExposedName {
  readonly name: string;
  readonly part: SeriesPart;
  readonly spelling: Spelling;
}

const SUFFIXES: Readonly<Record<string, SeriesPart>> = { _bucket: 'bucket', _count: 'count', _sum: 'sum' };

/**
 * The names that the series of a metric have, as Prometheus spells them and as they were sent. By its own name an
 * explicit histogram is a native one with custom buckets.
 */
export function exposedNames(metric: StreamMetric): ExposedName[] {
  const spelled = prometheusMetricName(metric);
  const names = partsOf(metric, spelled, 'translated');
  if (spelled === metric.name) return names;
  const known = new Set(names.map(({ name }) => name));
  return [...names, ...partsOf(metric, metric.name, 'utf8').filter(({ name }) => !known.has(name))];
}

function partsOf({ kind }: StreamMetric, name: string, spelling: Spelling): ExposedName[] {
  const suffixed = Object.entries(SUFFIXES).map(([suffix, part]) => ({
    name: `${name}${suffix}`,
    part,
    spelling,
  }));
  switch (kind) {
    case 'gauge':
    case 'sum':
      return [{ name, part: 'value', spelling }];
    case 'exponentialHistogram':
      return [{ name, part: 'native', spelling }];
    case 'histogram':
      return spelling === 'utf8' ? [...suffixed, { name, part: 'native', spelling }] : suffixed;
    case 'summary':
      return [{ name, part: 'quantile', spelling }, ...suffixed.filter(({ part }) => part !== 'bucket')];
  }
}

/**
 * The names that a selector means. Sent names are for those who ask for one: a pattern would find every series twice.
 */
export function selectedNames(metric: StreamMetric, matchers: readonly LabelMatcher[]): ExposedName[] {
  const ofName = matchers.filter(({ name }) => name === '__name__');
  const matches = compileMatchers(ofName);
  const isExact = ofName.some(({ operator }) => operator === '=');
  return exposedNames(metric).filter(
    ({ name, spelling }) => (spelling === 'translated' || isExact) && matches(['__name__', name]),
  );
}
