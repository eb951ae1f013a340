import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { limit, range, runShape, span } from './parameters.ts';
import { count, listOf, named, record, service } from './values.ts';

const unixMs = z.number().meta({ description: 'Unix time in milliseconds' });
const momentOrNever = unixMs.nullable();
/** Null where there is none. */
const sample = z.number().nullable();
const samples = listOf(sample);
const labels = z.record(z.string(), z.string()).meta({ description: 'of the series, as PromQL has them' });

const promql = z
  .string()
  .min(1)
  .max(10_000)
  .meta({ description: 'PromQL, of few series: sum(rate(http_server_request_duration_seconds_count[5m]))' });
const step = span
  .optional()
  .meta({ description: 'distance of two values: 30s, 5m, 1h; some 500 of them in the range without it' });
const mostSeries = limit(5, 20).meta({ description: 'series at most; more says whether there were others' });

const refusal = record({
  reason: z.string().meta({ description: 'empty, all-missing, too-few-points, mostly-missing, no-model' }),
  message: z.string(),
});

const reached = record({
  limit: z.number(),
  atUnixMs: momentOrNever.meta({ description: 'most likely; null: not within the horizon' }),
  earliestUnixMs: momentOrNever.meta({ description: 'of the interval of 80 %' }),
  latestUnixMs: momentOrNever.meta({
    description: 'of the interval of 80 %; null: it may be later, or never',
  }),
});

const forecastModel = record({
  name: z.string(),
  weight: z.number().meta({ description: 'of all: 1' }),
  error: z.number().meta({ description: 'mean absolute error at earlier times, in the unit of the series' }),
});

const forecastPaths = named(
  'ForecastPaths',
  record({
    startUnixMs: unixMs.meta({ description: 'of the first value; the others follow at `stepMs`' }),
    median: samples,
    lower80: samples,
    upper80: samples,
    lower95: samples,
    upper95: samples,
    models: listOf(forecastModel).meta({ description: 'what was combined, best first' }),
    periodsMs: listOf(z.number()).meta({ description: 'seasons that models could use' }),
    reached: reached.nullable().meta({ description: 'null where no limit was asked for' }),
  }),
);

const history = { startUnixMs: unixMs, values: samples };

const forecastSeries = named(
  'SeriesForecast',
  record({
    labels,
    ...history,
    forecast: forecastPaths.nullable().meta({ description: 'null where it is refused' }),
    refusal: refusal.nullable(),
  }),
);
export type SeriesForecastJson = z.output<typeof forecastSeries>;

const seriesAnomaly = record({
  unixMs,
  score: z.number().min(0).max(1),
  isOnset: z.boolean().meta({ description: 'whether it begins an anomaly, or makes one clearly worse' }),
  detector: z.string(),
  observed: z.number(),
  expected: z.number(),
});

const bandSeries = named(
  'SeriesBand',
  record({
    labels,
    ...history,
    expected: samples,
    lower: samples,
    upper: samples.meta({ description: 'a value beyond the band is abnormal by its distance alone' }),
    anomalies: listOf(seriesAnomaly),
    learning: count.meta({ description: 'values of the range that were only learned from' }),
  }),
);
export type SeriesBandJson = z.output<typeof bandSeries>;

const RESOURCE_KINDS = ['disk', 'memory', 'cpu', 'connections', 'queue', 'other'] as const;

const resourceOutlook = named(
  'ResourceOutlook',
  record({
    kind: z.enum(RESOURCE_KINDS),
    name: z.string().meta({ description: 'what it is, for people: disk /data' }),
    service: service.nullable().meta({ description: 'null where no service of its name is known' }),
    metric: z.string().meta({ description: 'as it was sent' }),
    labels,
    unit: z.string().meta({ description: 'UCUM, as in OpenTelemetry' }),
    query: z.string().meta({ description: 'PromQL of what is used, for /api/v1/metrics/forecast' }),
    current: z.number(),
    limit: z.number(),
    isLimitLearned: z.boolean().meta({
      description: 'no metric says what the limit is: it is where the series was cut off again and again',
    }),
    share: z.number().meta({ description: 'used of the limit; 1 is full' }),
    reachedUnixMs: momentOrNever.meta({ description: 'most likely; null: not foreseen' }),
    earliestUnixMs: momentOrNever.meta({ description: 'of the interval of 80 %' }),
    latestUnixMs: momentOrNever.meta({
      description: 'of the interval of 80 %; null: it may be later, or never',
    }),
    text: z.string().meta({ description: 'disk /data full in 6.5 days (80 %: 5.1–9.0)' }),
    refusal: refusal.nullable().meta({ description: 'why there is no forecast' }),
  }),
);
export type ResourceOutlookJson = z.output<typeof resourceOutlook>;

const loadCurve = record({
  baseLatencyMs: z.number().meta({ description: 'with nothing else to do' }),
  kneePerSecond: z.number().meta({ description: 'requests at which latency is twice that: where it bends' }),
  capacityPerSecond: z.number().meta({ description: 'requests at which it grows without bound' }),
  busyPerSecond: z.number().meta({ description: 'requests at its busiest, robustly' }),
  headroom: z.number().meta({ description: '1 - busy / knee: negative is beyond the knee' }),
  explained: z.number().meta({ description: 'share of the variation of latency that the curve explains' }),
});

const serviceLoad = named(
  'ServiceLoad',
  record({
    service,
    requests: count,
    curve: loadCurve.nullable().meta({ description: 'null where latency has not been seen to bend' }),
    refusal: refusal.nullable(),
    samples: listOf(record({ perSecond: z.number(), p50Ms: z.number() })),
  }),
);
export type ServiceLoadJson = z.output<typeof serviceLoad>;

/** What is expected of series, and of what runs out. */
export const OUTLOOK_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/metrics/forecast',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'Where the series of a query go, with intervals of 80 and 95 %',
    description:
      'From their own past alone: models that did well on it are combined. A series with too little to say is refused, with the reason. The forecast begins after the newest value.',
    queryParameters: z.strictObject({
      from: range.from.unwrap().default('now-7d').meta({ description: 'where the past begins' }),
      to: range.to,
      query: promql,
      step,
      horizon: span.optional().meta({
        description: 'how far ahead: 6h, 14d; at most 2000 steps; a quarter of the range without it',
      }),
      limit: z.coerce
        .number()
        .optional()
        .meta({ description: 'a value, in the unit of the query: when it is reached' }),
      series: mostSeries,
      ...runShape,
    }),
    answer: named(
      'Forecast',
      record({ stepMs: z.number(), series: listOf(forecastSeries), more: z.boolean() }),
    ),
    rows: { key: 'series', item: forecastSeries },
    example:
      '/api/v1/metrics/forecast?query=sum(system_filesystem_usage_bytes%7Bstate%3D%22used%22%7D)&horizon=14d&limit=500000000000',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/metrics/band',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'What was expected of the series of a query, and which values were abnormal',
    description:
      'The detector of live series over the past: each value is judged by those before it alone. It learns first from what was before the range, as far as there is.',
    queryParameters: z.strictObject({ ...range, query: promql, step, series: mostSeries, ...runShape }),
    answer: named('Band', record({ stepMs: z.number(), series: listOf(bandSeries), more: z.boolean() })),
    rows: { key: 'series', item: bandSeries },
    example:
      '/api/v1/metrics/band?query=sum(rate(http_server_request_duration_seconds_count%5B5m%5D))&from=now-6h',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/capacity',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'What runs out, and when; and how much load services have left',
    description:
      'Resources are found by the names of OpenTelemetry: pairs of usage and limit, and utilizations. The fullest are looked at first. Load: where the median latency of a service bends under its requests, over the last day of the range.',
    queryParameters: z.strictObject({
      from: range.from.unwrap().default('now-7d').meta({ description: 'where the past begins' }),
      to: range.to,
      horizon: span.default('14d').meta({ description: 'how far ahead' }),
      limit: limit(20, 50).meta({
        description: 'resources that are forecast, and services that are shown, at most',
      }),
      ...runShape,
    }),
    answer: named(
      'Capacity',
      record({
        resources: listOf(resourceOutlook).meta({
          description: 'what is full first, first; then the fullest',
        }),
        resourcesLeftOut: count.meta({ description: 'that are less full, and were not looked at' }),
        services: listOf(serviceLoad).meta({ description: 'with the least head-room first' }),
        servicesLeftOut: count,
      }),
    ),
    rows: { key: 'resources', item: resourceOutlook },
    example: '/api/v1/capacity?horizon=14d',
  }),
] as const;
