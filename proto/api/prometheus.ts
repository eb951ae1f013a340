import { z } from 'zod';
import { named } from './values.ts';

/** One path of the Prometheus HTTP API, described once: OpenAPI and reference come from it. */
export interface PrometheusEndpoint {
  readonly path: `/prometheus/api/v1/${string}`;
  /** With POST the parameters are a form. */
  readonly methods: readonly ('GET' | 'POST')[];
  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: z.ZodObject;
  readonly queryParameters: z.ZodObject;
  readonly answer: z.ZodType;
}

const MOMENT = 'seconds since 1970 or RFC 3339';
const DURATION = 'seconds, or a duration such as 1h30m';
const written = (description: string): z.ZodString => z.string().meta({ description });
const optional = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().optional().meta({ description });
const most = (description: string): z.ZodOptional<z.ZodInt> =>
  z
    .int()
    .min(0)
    .optional()
    .meta({ description: `${description} at most; 0 for all` });

const query = written('PromQL');
const timeout = optional(`how long the answer may take, no more than the server allows; ${DURATION}`);
const limit = most('series or names');
const matches = z.array(z.string());
const SELECTORS = 'series selectors, repeated: those that any of them finds';
const range = {
  start: optional(`an hour before the end without it; ${MOMENT}`),
  end: optional(`now without it; ${MOMENT}`),
};
const evaluation = {
  timeout,
  limit,
  lookback_delta: optional(`how long a sample stands for its series, five minutes without it; ${DURATION}`),
  stats: optional('any text: say what the query cost'),
};
const catalogue = {
  'match[]': matches.optional().meta({ description: SELECTORS }),
  start: optional(`the beginning of what is kept without it; ${MOMENT}`),
  end: range.end,
  limit,
  timeout,
};

const labelSet = z.record(z.string(), z.string());
const sample = z
  .tuple([z.number(), z.string()])
  .meta({ description: 'seconds since 1970, and the value as a text' });
const histogram = z.object({
  count: z.string(),
  sum: z.string(),
  buckets: z
    .array(z.tuple([z.int(), z.string(), z.string(), z.string()]))
    .optional()
    .meta({
      description:
        'which bounds belong to it (0 the upper, 1 the lower, 2 none, 3 both), lower, upper, count',
    }),
});
const histogramSample = z.tuple([z.number(), histogram]);
const stats = z.record(z.string(), z.unknown()).optional();

function answerOf<Data extends z.ZodType>(id: string, data: Data) {
  const notes = z.array(z.string()).optional();
  return named(id, z.object({ status: z.literal('success'), data, warnings: notes, infos: notes }));
}

const instantResult = z.union([
  z.object({
    resultType: z.literal('vector'),
    result: z.array(
      z.object({ metric: labelSet, value: sample.optional(), histogram: histogramSample.optional() }),
    ),
    stats,
  }),
  z.object({ resultType: z.enum(['scalar', 'string']), result: sample, stats }),
]);
const rangeResult = z.object({
  resultType: z.literal('matrix'),
  result: z.array(
    z.object({
      metric: labelSet,
      values: z.array(sample).optional(),
      histograms: z.array(histogramSample).optional(),
    }),
  ),
  stats,
});
const textList = answerOf('PrometheusTexts', z.array(z.string()));

/** As Prometheus documents it; Grafana's data source asks all of it. */
export const PROMETHEUS_ENDPOINTS = [
  {
    path: '/prometheus/api/v1/query',
    methods: ['GET', 'POST'],
    summary: 'A PromQL expression at one moment',
    queryParameters: z.object({ query, time: optional(`now without it; ${MOMENT}`), ...evaluation }),
    answer: answerOf('PrometheusInstant', z.union([instantResult, rangeResult])),
  },
  {
    path: '/prometheus/api/v1/query_range',
    methods: ['GET', 'POST'],
    summary: 'A PromQL expression over a range of time',
    queryParameters: z.object({
      query,
      start: written(`the first step; ${MOMENT}`),
      end: written(`the last step is here or before; ${MOMENT}`),
      step: written(`from step to step; ${DURATION}`),
      ...evaluation,
    }),
    answer: answerOf('PrometheusRange', rangeResult),
  },
  {
    path: '/prometheus/api/v1/query_exemplars',
    methods: ['GET', 'POST'],
    summary: 'Exemplars of the series that the selectors of an expression find',
    queryParameters: z.object({ query, ...range, timeout }),
    answer: answerOf(
      'PrometheusExemplars',
      z.array(
        z.object({
          seriesLabels: labelSet,
          exemplars: z.array(z.object({ labels: labelSet, value: z.string(), timestamp: z.number() })),
        }),
      ),
    ),
  },
  {
    path: '/prometheus/api/v1/format_query',
    methods: ['GET', 'POST'],
    summary: 'A PromQL expression, well formatted',
    queryParameters: z.object({ query }),
    answer: answerOf('PrometheusText', z.string()),
  },
  {
    path: '/prometheus/api/v1/series',
    methods: ['GET', 'POST'],
    summary: 'Labels of the series that selectors find',
    queryParameters: z.object({
      ...catalogue,
      'match[]': matches.min(1).meta({ description: SELECTORS }),
    }),
    answer: answerOf('PrometheusSeries', z.array(labelSet)),
  },
  {
    path: '/prometheus/api/v1/labels',
    methods: ['GET', 'POST'],
    summary: 'Names of labels',
    queryParameters: z.object(catalogue),
    answer: textList,
  },
  {
    path: '/prometheus/api/v1/label/:name/values',
    methods: ['GET'],
    summary: 'Values of a label',
    description:
      'Names that are no identifiers are percent-encoded, or escaped as Prometheus does: U__http_2e_route.',
    pathParameters: z.object({ name: z.string().min(1) }),
    queryParameters: z.object(catalogue),
    answer: textList,
  },
  {
    path: '/prometheus/api/v1/metadata',
    methods: ['GET'],
    summary: 'What the metrics that are kept are',
    queryParameters: z.object({
      metric: optional('of this one alone'),
      limit: most('metrics'),
      limit_per_metric: most('descriptions of a metric'),
      timeout,
    }),
    answer: answerOf(
      'PrometheusMetadata',
      z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string(), unit: z.string() }))),
    ),
  },
  {
    path: '/prometheus/api/v1/status/buildinfo',
    methods: ['GET'],
    summary: 'The version of Prometheus whose API this is',
    queryParameters: z.object({}),
    answer: answerOf('PrometheusBuild', z.record(z.string(), z.string())),
  },
] as const satisfies readonly PrometheusEndpoint[];

export type PrometheusPath = (typeof PROMETHEUS_ENDPOINTS)[number]['path'];

export const prometheusError = named(
  'PrometheusError',
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
  'of every answer that is not 2xx below /prometheus',
);
