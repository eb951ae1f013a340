import type { z } from 'zod';
import type { CapacityReport, ResourceOutlook, ServiceLoad } from '../../../actors/capacity/index.ts';
import type {
  BandOfSeries,
  ForecastOfSeries,
  OutlookEngine,
  StepGrid,
} from '../../../actors/outlook/index.ts';
import type { QueryRun } from '../../../actors/ports/index.ts';
import type {
  ApiAnswers,
  ResourceOutlookJson,
  SeriesBandJson,
  SeriesForecastJson,
  ServiceLoadJson,
  TelemetryEndpoint,
} from '../../../proto/api/index.ts';
import { ApiError } from '../api-error.ts';
import { stepGridOf, stepsOf } from './step-grid.ts';

type QueryOf<Path extends '/api/v1/metrics/forecast' | '/api/v1/metrics/band' | '/api/v1/capacity'> =
  z.output<TelemetryEndpoint<Path>['queryParameters']>;

/** Older values cost time and say little: as many as `kernels/forecast` looks at. */
const MOST_POINTS = 2_000;
const MOST_STEPS = 2_000;
const USUAL_HORIZON = 1 / 4;
/** Steps before the range that a band learns from: two days where they are not too many, and enough to judge at all. */
const WARM_UP_MS = 2 * 86_400_000;
const LEAST_WARM_UP = 256;
const MOST_WARM_UP = 6_000;

export async function answerForecast(
  outlook: OutlookEngine,
  query: QueryOf<'/api/v1/metrics/forecast'>,
  nowUnixNano: bigint,
  run: QueryRun,
): Promise<ApiAnswers['/api/v1/metrics/forecast']> {
  const grid = stepGridOf(query, nowUnixNano, MOST_POINTS);
  const horizon = horizonOf(query.horizon, grid);
  const { series, more } = await outlook.forecast(
    {
      ...{ query: query.query, grid, limit: query.series, horizon },
      ...(query.limit !== undefined && { limitValue: query.limit }),
    },
    run,
  );
  return { stepMs: grid.stepMs, series: series.map((one) => forecastJson(one, grid, query.limit)), more };
}

export async function answerBand(
  outlook: OutlookEngine,
  query: QueryOf<'/api/v1/metrics/band'>,
  nowUnixNano: bigint,
  run: QueryRun,
): Promise<ApiAnswers['/api/v1/metrics/band']> {
  const grid = stepGridOf(query, nowUnixNano, MOST_POINTS);
  const warmUp = Math.min(MOST_WARM_UP, Math.max(LEAST_WARM_UP, Math.ceil(WARM_UP_MS / grid.stepMs)));
  const { series, more } = await outlook.band({ query: query.query, grid, limit: query.series, warmUp }, run);
  return { stepMs: grid.stepMs, series: series.map((one) => bandJson(one, grid)), more };
}

export async function answerCapacity(
  capacity: CapacityReport,
  query: QueryOf<'/api/v1/capacity'>,
  nowUnixNano: bigint,
  run: QueryRun,
): Promise<ApiAnswers['/api/v1/capacity']> {
  const grid = stepGridOf(query, nowUnixNano, MOST_POINTS);
  const horizon = horizonOf(query.horizon, grid);
  const found = await capacity.make({ grid, horizon, limit: query.limit }, run);
  return {
    resources: found.resources.map(resourceJson),
    resourcesLeftOut: found.resourcesLeftOut,
    services: found.loads.map(loadJson),
    servicesLeftOut: found.loadsLeftOut,
  };
}

function horizonOf(text: string | undefined, { stepMs, count }: StepGrid): number {
  const steps =
    text === undefined ? Math.max(1, Math.round(count * USUAL_HORIZON)) : stepsOf('horizon', text, stepMs);
  if (steps <= MOST_STEPS) return steps;
  throw new ApiError(
    'BAD_REQUEST',
    `horizon is ${steps} steps of ${stepMs / 1_000} s, more than ${MOST_STEPS}`,
    'choose a longer step (an earlier from), or look less far ahead',
  );
}

function forecastJson(
  { labels, values, lastUnixMs, outcome }: ForecastOfSeries,
  { startUnixMs, stepMs }: StepGrid,
  limit: number | undefined,
): SeriesForecastJson {
  const known = { labels, startUnixMs, values: samplesOf(values) };
  if (outcome.type === 'refused') {
    return { ...known, forecast: null, refusal: { reason: outcome.reason, message: outcome.message } };
  }
  const { median, lower80, upper80, lower95, upper95, models, periods, reached } = outcome;
  const at = (seconds: number | undefined): number | null =>
    seconds === undefined ? null : lastUnixMs + seconds * 1_000;
  return {
    ...known,
    forecast: {
      startUnixMs: lastUnixMs + stepMs,
      median: samplesOf(median),
      lower80: samplesOf(lower80),
      upper80: samplesOf(upper80),
      lower95: samplesOf(lower95),
      upper95: samplesOf(upper95),
      models,
      periodsMs: periods.map((steps) => steps * stepMs),
      reached:
        limit === undefined || !reached
          ? null
          : {
              limit,
              atUnixMs: at(reached.median),
              earliestUnixMs: at(reached.earliest),
              latestUnixMs: at(reached.latest),
            },
    },
    refusal: null,
  };
}

function bandJson({ labels, values, band }: BandOfSeries, { startUnixMs }: StepGrid): SeriesBandJson {
  const { expected, lower, upper, anomalies, learning } = band;
  return {
    ...{ labels, startUnixMs, values: samplesOf(values), expected: samplesOf(expected) },
    ...{ lower: samplesOf(lower), upper: samplesOf(upper), anomalies, learning },
  };
}

/** JSON has no NaN, and no infinities. */
function samplesOf(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : null));
}

function resourceJson(resource: ResourceOutlook): ResourceOutlookJson {
  const { metric, labels, query, current, limit, name, service, share, text, refusal } = resource;
  return {
    ...{ kind: metric.kind, name, service: service ?? null, metric: metric.name, labels, unit: metric.unit },
    ...{ query, current, limit, share, text, refusal: refusal ?? null },
    isLimitLearned: metric.limit.type === 'learned',
    reachedUnixMs: resource.reachedUnixMs ?? null,
    earliestUnixMs: resource.earliestUnixMs ?? null,
    latestUnixMs: resource.latestUnixMs ?? null,
  };
}

function loadJson({ service, requests, curve, samples }: ServiceLoad): ServiceLoadJson {
  const isCurve = curve.kind === 'curve';
  return {
    ...{ service, requests, samples },
    curve: isCurve
      ? {
          baseLatencyMs: curve.baseLatency,
          kneePerSecond: curve.kneeThroughput,
          capacityPerSecond: curve.capacity,
          busyPerSecond: curve.busyThroughput,
          headroom: curve.headroom,
          explained: curve.explained,
        }
      : null,
    refusal: isCurve ? null : { reason: curve.reason, message: curve.message },
  };
}
