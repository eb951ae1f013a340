import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { PATTERN_TRENDS } from './log-patterns.ts';
import { limit, range, runShape, service as serviceParameter } from './parameters.ts';
import { count, listOf, named, record, service, spanIdText, traceIdText } from './values.ts';

/** Milliseconds since 1970, UTC. */
const unixMs = z.number().meta({ description: 'Unix time in milliseconds' });
const share = z.number().min(0).max(1);
/** A value of a series; null where there is none. */
const sample = z.number().nullable();

/** What an insight says: something is abnormal, logs changed, something runs out, something can be better. */
export const INSIGHT_KINDS = ['anomaly', 'pattern', 'forecast', 'tip'] as const;
export const INSIGHT_SEVERITIES = ['info', 'warning', 'critical'] as const;
/** `open` for as long as it holds. */
export const INSIGHT_STATES = ['open', 'over'] as const;
/** What a series measures, whatever its name. */
export const SIGNAL_KINDS = [
  'requests',
  'errors',
  'latency',
  'availability',
  'cpu',
  'memory',
  'network',
  'disk',
  'logs',
  'other',
] as const;

const peer = service.optional().meta({
  description: 'of calls: the service that they go to, where its own spans say so',
});

/** A series that was abnormal, with what was expected of it: enough to draw it. */
export const signalEvidence = record({
  type: z.literal('signal'),
  service,
  peer,
  signal: z.enum(SIGNAL_KINDS),
  name: z.string().meta({ description: 'of the metric, or requests, errors, latency for figures of spans' }),
  operation: z.string().meta({ description: 'of figures of spans; empty for the service as a whole' }),
  labels: z.record(z.string(), z.string()),
  unit: z.string().meta({ description: 'UCUM, as in OpenTelemetry' }),
  detector: z.string().meta({ description: 'which detector was the most surprised' }),
  score: share.meta({ description: '0.5 and more is abnormal, whatever the series' }),
  observed: z.number(),
  expected: z.number().nullable(),
  seriesKey: z.string().meta({ description: 'what feedback on this series is kept under' }),
  chart: record({
    startUnixMs: unixMs,
    stepMs: z.number(),
    values: listOf(sample),
    lower: listOf(sample),
    upper: listOf(sample),
  }),
});

const traceEvidence = record({
  type: z.literal('trace'),
  traceId: traceIdText,
  spanId: spanIdText,
  service,
  operation: z.string(),
  durationMs: z.number(),
  isError: z.boolean(),
  note: z.string(),
});

const logEvidence = record({
  type: z.literal('log-pattern'),
  service,
  pattern: z.string().meta({ description: 'its id' }),
  template: z.string(),
  trend: z.enum(PATTERN_TRENDS),
  perMinuteBefore: z.number(),
  perMinuteAfter: z.number(),
  example: z.string(),
  query: z
    .string()
    .optional()
    .meta({ description: 'a search line that finds its records, for /api/v1/logs' }),
  seriesKey: z.string().optional().meta({
    description: 'what feedback on this pattern is kept under; absent where it stands beside other evidence',
  }),
});

/** Of an error or an attribute. */
const markKey = z.string().optional().meta({
  description: 'what feedback on it is kept under; absent where it stands beside other evidence',
});

const errorEvidence = record({
  type: z.literal('error'),
  service,
  operation: z.string(),
  exceptionType: z.string(),
  message: z.string(),
  count,
  isNew: z.boolean(),
  seriesKey: markKey,
});

const changeEvidence = record({
  type: z.literal('change'),
  service,
  what: z.string().meta({ description: 'a deploy, a restart, a scaling' }),
  atUnixMs: unixMs,
});

/** Two selections of spans of a service, as search lines: enough to compare them again. */
const comparedSpans = record({
  what: z.enum(['failing', 'slow']).meta({ description: 'which spans the first are' }),
  selection: z.string().meta({ description: 'of the abnormal spans, a search line' }),
  baseline: z.string().meta({ description: 'of those that they are compared with' }),
  fromUnixMs: unixMs,
  baselineFromUnixMs: unixMs.meta({
    description: 'earlier than `fromUnixMs` where hardly any were well since',
  }),
  toUnixMs: unixMs,
  abnormal: count,
  normal: count,
});

export const attributeEvidence = record({
  type: z.literal('attribute'),
  service,
  field: z.string().meta({ description: 'as in a search line' }),
  value: z.string(),
  count: count.meta({ description: 'abnormal spans that have it' }),
  shareOfAbnormal: share,
  shareOfNormal: share,
  compared: comparedSpans,
});

const newAttributeEvidence = record({
  type: z.literal('new-attribute'),
  service,
  field: z.string().meta({ description: 'as in a search line' }),
  count: count.meta({ description: 'of the spans looked at since, those that have it' }),
  seriesKey: markKey,
});

const explainsEvidence = record({
  type: z.literal('explains'),
  caller: service,
  share: share.meta({ description: "of the caller's trouble that this service explains" }),
});

export const insightEvidence = named(
  'InsightEvidence',
  z.discriminatedUnion('type', [
    signalEvidence.unwrap(),
    traceEvidence.unwrap(),
    logEvidence.unwrap(),
    errorEvidence.unwrap(),
    changeEvidence.unwrap(),
    attributeEvidence.unwrap(),
    newAttributeEvidence.unwrap(),
    explainsEvidence.unwrap(),
  ]),
);
export type InsightEvidenceJson = z.output<typeof insightEvidence>;

export const rootCause = named(
  'RootCause',
  record({
    service,
    signal: z.string(),
    score: share.meta({ description: 'share of all blame' }),
    path: listOf(service).optional().meta({
      description:
        'the way of the blame, from the service where the symptom was seen to this one, both included; this one alone where none is known, or not all of it may be seen; absent in insights from before there were ways',
    }),
    explanation: z.string(),
    evidence: listOf(insightEvidence),
  }),
);
export type RootCauseJson = z.output<typeof rootCause>;

/** What became known of it after it was found. */
const courseEntry = record({
  atUnixMs: unixMs.meta({ description: 'since when it is so, as the data say' }),
  service,
  peer,
  what: z.string(),
});

const saturation = record({
  resource: z.string(),
  query: z.string().optional().meta({
    description: 'PromQL of what is used, for /api/v1/metrics/forecast; absent where there is none',
  }),
  metric: z
    .string()
    .optional()
    .meta({ description: 'by which it is measured, as it was sent; absent where there is none' }),
  unit: z.string(),
  limit: z.number(),
  current: z.number(),
  reachedUnixMs: unixMs
    .nullable()
    .meta({ description: 'when the limit is most likely reached; null: not foreseen' }),
  earliestUnixMs: unixMs.nullable(),
  latestUnixMs: unixMs.nullable().meta({ description: 'of the interval of 80 %; null: it may never be' }),
});

const tip = record({
  category: z.string(),
  saving: z.number().nullable().meta({ description: 'estimated, in `savingUnit`; null when it cannot be' }),
  savingUnit: z.string(),
});

export const insight = named(
  'Insight',
  record({
    id: z.string(),
    kind: z.enum(INSIGHT_KINDS),
    state: z.enum(INSIGHT_STATES),
    severity: z.enum(INSIGHT_SEVERITIES),
    title: z.string().meta({ description: 'one line: what, where' }),
    explanation: z.string().meta({ description: 'why it is thought so, from the evidence' }),
    service,
    services: listOf(service).meta({ description: 'all that are affected, this one first' }),
    startedUnixMs: unixMs.meta({ description: 'when it began, as the data say' }),
    detectedUnixMs: unixMs,
    updatedUnixMs: unixMs,
    endedUnixMs: unixMs.nullable(),
    score: share,
    evidence: listOf(insightEvidence),
    rootCauses: listOf(rootCause).meta({ description: 'the likeliest first' }),
    course: listOf(courseEntry)
      .optional()
      .meta({ description: 'what joined it later, and causes that took the place of others; oldest first' }),
    saturation: saturation.nullable().meta({ description: 'of a forecast' }),
    tip: tip.nullable(),
  }),
);
export type InsightJson = z.output<typeof insight>;

export const FEEDBACK_VERDICTS = ['useful', 'not-useful'] as const;
export type FeedbackVerdict = (typeof FEEDBACK_VERDICTS)[number];

const feedbackShape = {
  useful: count,
  notUseful: count,
  mine: z.enum(FEEDBACK_VERDICTS).nullable().meta({ description: 'of whoever asks' }),
};
const feedback = named('InsightFeedback', record(feedbackShape));

/** An insight with what people said of it. */
export const judgedInsight = named('JudgedInsight', record({ ...insight.unwrap().shape, feedback }));
export type JudgedInsightJson = z.output<typeof judgedInsight>;

const insightPath = z.strictObject({ insightId: z.uuid('expected the id of an insight') });

export const INSIGHT_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/insights',
    tag: 'insights',
    needs: 'insights:read',
    summary: 'What is abnormal, what is coming, and what can be better, newest first',
    description: 'Those that held at some time within the range. Only of services that whoever asks may see.',
    queryParameters: z.strictObject({
      ...range,
      service: serviceParameter,
      kind: z.enum(INSIGHT_KINDS).optional(),
      state: z.enum(INSIGHT_STATES).optional(),
      severity: z.enum(INSIGHT_SEVERITIES).optional().meta({ description: 'at least' }),
      limit: limit(100, 1_000),
      cursor: z.string().max(1_000).optional().meta({ description: 'nextCursor of the page before' }),
      ...runShape,
    }),
    answer: named(
      'Insights',
      record({
        insights: listOf(judgedInsight),
        nextCursor: z.string().nullable(),
        precision: record({ useful: count, notUseful: count }).meta({
          description:
            'feedback on insights of the range: useful / (useful + notUseful) is the live precision',
        }),
      }),
    ),
    rows: { key: 'insights', item: judgedInsight },
    example: '/api/v1/insights?from=now-1d&state=open',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/insights/:insightId',
    tag: 'insights',
    needs: 'insights:read',
    summary: 'One insight, with its evidence and root causes',
    pathParameters: insightPath,
    queryParameters: z.strictObject({}),
    answer: judgedInsight,
    errors: ['NOT_FOUND'],
    example: '/api/v1/insights/0192f0c5-7d4e-7cc3-98a4-0a3d2d1a5f10',
  }),
  endpoint({
    method: 'PUT',
    path: '/api/v1/insights/:insightId/feedback',
    tag: 'insights',
    needs: 'insights:judge',
    summary: 'Say whether an insight was useful',
    description:
      'Takes the place of what the same person said before; null takes it back. The series of its evidence are judged more strictly after `not-useful`, and as before after `useful`.',
    pathParameters: insightPath,
    queryParameters: z.strictObject({}),
    body: z.strictObject({ verdict: z.enum(FEEDBACK_VERDICTS).nullable() }),
    answer: feedback,
    errors: ['NOT_FOUND'],
    example: '/api/v1/insights/0192f0c5-7d4e-7cc3-98a4-0a3d2d1a5f10/feedback',
  }),
] as const;
