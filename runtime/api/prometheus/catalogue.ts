import type { MetricJson } from '../../../proto/api/index.ts';
import type { TimeRange } from '../../../proto/query/index.ts';
import { rangeOfMs } from '../../../workers/hours/index.ts';
import {
  exposedNames,
  prometheusLabelName,
  prometheusMetricName,
  type StreamMetric,
} from '../../../workers/otlp-series/index.ts';
import { labelEntries, type LabelMatcher, type Labels } from '../../../workers/promql/index.ts';
import type { HttpResponse } from '../../http/index.ts';
import type { PrometheusRequest } from './prometheus-request.ts';
import { invalid, limitOf, selectorsOf, timeMs } from './parameters.ts';
import { prometheusJson } from './prometheus-error.ts';

/** Where a request names no beginning: all that is kept, of which the archive reads rows of hours. */
const EVER_MS = 0;
const EVERYTHING: readonly LabelMatcher[] = [{ name: '__name__', operator: '=~', value: '.+' }];

export async function seriesLabels(request: PrometheusRequest): Promise<HttpResponse> {
  const selectors = selectorsOf(request.parameters);
  if (selectors.length === 0) throw invalid('match[]', 'no match[] parameter provided');
  const found = await labelsOf(request, selectors);
  return limited(
    request,
    found.map((labels) => Object.fromEntries(labelEntries(labels))),
  );
}

export async function labelNames(request: PrometheusRequest): Promise<HttpResponse> {
  const found = await labelsOf(request, selectorsOrAll(request));
  const names = new Set(found.flatMap((labels) => labelEntries(labels).map(([name]) => name)));
  return limited(request, [...names].sort());
}

export async function labelValues(request: PrometheusRequest, label: string): Promise<HttpResponse> {
  const isAnything = request.parameters.getAll('match[]').length === 0;
  // The names of all metrics are asked for on every page: no series need be looked at.
  if (label === '__name__' && isAnything) return limited(request, await metricNames(request));
  const found = await labelsOf(request, selectorsOrAll(request));
  // As in a selector, an attribute's own name finds it under either spelling.
  const spellings = new Set([label, prometheusLabelName(label)]);
  const values = new Set<string>();
  for (const labels of found) {
    for (const [name, value] of labelEntries(labels)) if (spellings.has(name)) values.add(value);
  }
  return limited(request, [...values].sort());
}

export async function metadata(request: PrometheusRequest): Promise<HttpResponse> {
  const { api, parameters, run, nowMs } = request;
  const wanted = parameters.get('metric');
  const [limit, limitPerMetric] = [limitOf(parameters), limitOf(parameters, 'limit_per_metric')];
  const metrics = await api.prometheus.metrics(rangeOfMs(EVER_MS, nowMs), run);
  // A map: metrics may be named as what every object has, such as `constructor`.
  const found = new Map<string, Map<string, MetadataJson>>();
  for (const metric of metrics) {
    const name = prometheusMetricName(streamMetric(metric));
    if (wanted !== null && wanted !== '' && wanted !== name && wanted !== metric.name) continue;
    let ofName = found.get(name);
    if (!ofName) {
      if (limit > 0 && found.size >= limit) continue;
      ofName = new Map<string, MetadataJson>();
      found.set(name, ofName);
    }
    if (limitPerMetric > 0 && ofName.size >= limitPerMetric) continue;
    const described = { type: typeOf(metric), help: metric.description, unit: metric.unit };
    // Metrics that differ in what Prometheus does not tell are described once.
    ofName.set(JSON.stringify(described), described);
  }
  const data = Object.fromEntries(Array.from(found, ([name, ofName]) => [name, [...ofName.values()]]));
  return prometheusJson(200, { status: 'success', data });
}

interface MetadataJson {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

async function metricNames({ api, parameters, run, nowMs }: PrometheusRequest): Promise<string[]> {
  const metrics = await api.prometheus.metrics(rangeOf(parameters, nowMs), run);
  const names = metrics.flatMap((metric) =>
    exposedNames(streamMetric(metric)).flatMap(({ name, spelling }) =>
      spelling === 'translated' ? [name] : [],
    ),
  );
  return [...new Set(names)].sort();
}

function labelsOf(
  { api, parameters, run, nowMs }: PrometheusRequest,
  selectors: readonly (readonly LabelMatcher[])[],
): Promise<readonly Labels[]> {
  return api.prometheus.series(selectors, rangeOf(parameters, nowMs), run);
}

function selectorsOrAll({ parameters }: PrometheusRequest): (readonly LabelMatcher[])[] {
  const selectors = selectorsOf(parameters);
  return selectors.length === 0 ? [EVERYTHING] : selectors;
}

function rangeOf(parameters: URLSearchParams, nowMs: number): TimeRange {
  const endMs = timeMs(parameters, 'end', nowMs);
  const startMs = timeMs(parameters, 'start', Math.min(EVER_MS, endMs));
  if (endMs < startMs) throw invalid('end', 'end timestamp must not be before start time');
  // The start is in the range.
  return rangeOfMs(startMs - 1, endMs);
}

function limited({ parameters }: PrometheusRequest, items: readonly unknown[]): HttpResponse {
  const limit = limitOf(parameters);
  if (limit === 0 || items.length <= limit) return prometheusJson(200, { status: 'success', data: items });
  const warnings = ['results truncated due to limit'];
  return prometheusJson(200, { status: 'success', data: items.slice(0, limit), warnings });
}

function streamMetric({ name, unit, kind, temporality, monotonic }: MetricJson): StreamMetric {
  return { name, unit, kind, temporality, isMonotonic: monotonic };
}

function typeOf({ kind, monotonic }: MetricJson): string {
  if (kind === 'sum') return monotonic ? 'counter' : 'gauge';
  return kind === 'exponentialHistogram' ? 'histogram' : kind;
}
