import type { MetricJson } from '../../../proto/api/index.ts';
import { parseServiceId } from '../../ui/service-id.ts';
import { drawnOf } from './series-values.ts';

export interface MetricQuery {
  readonly promql: string;
  /** What it is of all series, for people. */
  readonly what: string;
}

/** Rates are of so long: some exporters send once a minute. */
const RATE_RANGE = '5m';

/** All series of a metric as one, drawn as the page draws each: `undefined` where there is no such thing. */
export function promqlOf(metric: MetricJson, service: string): MetricQuery | undefined {
  const of = (name: string): string => `{${[`__name__=${quoted(name)}`, ...jobOf(service)].join(', ')}}`;
  switch (drawnOf(metric)) {
    case 'value':
      return { promql: `avg(${of(metric.name)})`, what: 'mean of all series' };
    case 'rate': {
      // Deltas are counted up before they become series.
      return {
        promql: `sum(rate(${of(metric.name)}[${RATE_RANGE}]))`,
        what: 'increase a second of all series',
      };
    }
    case 'mean': {
      const rate = (part: string): string =>
        metric.kind === 'histogram'
          ? `sum(rate(${of(`${metric.name}_${part}`)}[${RATE_RANGE}]))`
          : `histogram_${part}(sum(rate(${of(metric.name)}[${RATE_RANGE}])))`;
      return { promql: `${rate('sum')} / ${rate('count')}`, what: 'mean over all series' };
    }
    case 'quantile':
      return undefined;
  }
}

/** As Prometheus calls the service. */
function jobOf(service: string): string[] {
  if (service === '') return [];
  const { namespace, name } = parseServiceId(service);
  return [`job=${quoted(namespace === '' ? name : `${namespace}/${name}`)}`];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
