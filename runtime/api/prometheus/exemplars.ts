import type { ExemplarJson, MetricSeriesJson } from '../../../proto/api/index.ts';
import { rangeOfMs } from '../../../workers/hours/index.ts';
import { anyValueJsonText } from '../../../workers/json/index.ts';
import {
  planSelections,
  parsePromql,
  type LabelMatcher,
  labelEntries,
} from '../../../workers/promql/index.ts';
import {
  exemplarLabels,
  selectedNames,
  type StreamMetric,
  type TextAttribute,
} from '../../../workers/otlp-series/index.ts';
import type { HttpResponse } from '../../http/index.ts';
import type { PrometheusRequest } from './prometheus-request.ts';
import { invalid, required, timeMs } from './parameters.ts';
import { prometheusJson } from './prometheus-error.ts';

/** Streams of a metric whose exemplars are looked at. */
const MAX_STREAMS = 1_000;

interface ExemplarSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    readonly timestamp: number;
  }[];
}

/** The exemplars of all series that the selectors of a query find. */
export async function exemplars({ api, parameters, run, nowMs }: PrometheusRequest): Promise<HttpResponse> {
  const expr = parsePromql(required(parameters, 'query'));
  const [startMs, endMs] = [timeMs(parameters, 'start', nowMs - 3_600_000), timeMs(parameters, 'end', nowMs)];
  if (endMs < startMs) throw invalid('end', 'end timestamp must not be before start time');
  // The start is in the range.
  const range = rangeOfMs(startMs - 1, endMs);
  const found: ExemplarSeries[] = [];
  const cut = new Set<string>();
  const metrics = await api.prometheus.metrics(range, run);
  for (const { matchers } of planSelections(expr, { startMs, endMs, stepMs: 0 }, 0)) {
    const names = metrics.filter((metric) => selectedNames(streamMetric(metric), matchers).length > 0);
    for (const name of new Set(names.map((metric) => metric.name))) {
      const { series, more } = await api.query.series({ name, labels: [] }, range, MAX_STREAMS, run);
      if (more) cut.add(name);
      found.push(...series.flatMap((one) => exemplarsOf(one, matchers)));
    }
  }
  const warnings = Array.from(cut, (name) => `${name}: only its ${MAX_STREAMS} newest series were looked at`);
  return prometheusJson(200, { status: 'success', data: found, ...(cut.size > 0 && { warnings }) });
}

function exemplarsOf(series: MetricSeriesJson, matchers: readonly LabelMatcher[]): ExemplarSeries[] {
  const all = series.points.flatMap((point) => point.exemplars);
  if (all.length === 0) return [];
  const stream = {
    metric: streamMetric(series.metric),
    resource: texts(series.resource.attributes),
    scope: { ...series.scope, attributes: texts(series.scope.attributes) },
    attributes: texts(series.attributes),
  };
  return exemplarLabels(stream, matchers).map((labels) => ({
    seriesLabels: Object.fromEntries(labelEntries(labels)),
    exemplars: all.map(exemplarJson),
  }));
}

function exemplarJson({
  timeUnixNano,
  value,
  traceId,
  spanId,
  filteredAttributes,
}: ExemplarJson): ExemplarSeries['exemplars'][number] {
  const ids = {
    ...(traceId === '' ? {} : { trace_id: traceId }),
    ...(spanId === '' ? {} : { span_id: spanId }),
  };
  return {
    labels: { ...Object.fromEntries(texts(filteredAttributes)), ...ids },
    value: value === null ? '0' : String('asInt' in value ? value.asInt : value.asDouble),
    timestamp: Number(BigInt(timeUnixNano) / 1_000_000n) / 1000,
  };
}

function streamMetric(metric: MetricSeriesJson['metric']): StreamMetric {
  return {
    name: metric.name,
    unit: metric.unit,
    kind: metric.kind,
    temporality: metric.temporality,
    isMonotonic: metric.monotonic,
  };
}

function texts(attributes: MetricSeriesJson['attributes']): TextAttribute[] {
  return attributes.map(({ key, value }): TextAttribute => [key, anyValueJsonText(value)]);
}
