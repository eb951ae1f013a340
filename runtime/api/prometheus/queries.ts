import {
  DEFAULT_LOOKBACK_MS,
  parsePromql,
  printPromql,
  type QueryWindow,
} from '../../../workers/promql/index.ts';
import type { StartedRun } from '../../../actors/query/index.ts';
import type { HttpResponse } from '../../http/index.ts';
import type { PrometheusRequest } from './prometheus-request.ts';
import { durationMs, invalid, limitOf, required, timeMs } from './parameters.ts';
import { PrometheusError, prometheusJson, prometheusText } from './prometheus-error.ts';

/** Points of a series that a range query may ask for: as many as Prometheus. */
const MAX_POINTS = 11_000;

export function instantQuery(request: PrometheusRequest): Promise<HttpResponse> {
  const atMs = timeMs(request.parameters, 'time', request.nowMs);
  return evaluate(request, { startMs: atMs, endMs: atMs, stepMs: 0 });
}

export function rangeQuery(request: PrometheusRequest): Promise<HttpResponse> {
  const { parameters } = request;
  const [startMs, endMs] = [timeMs(parameters, 'start'), timeMs(parameters, 'end')];
  if (endMs < startMs) throw invalid('end', 'end timestamp must not be before start time');
  const stepMs = durationMs('step', required(parameters, 'step'));
  if (stepMs <= 0) {
    const problem = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
    throw invalid('step', problem);
  }
  if ((endMs - startMs) / stepMs > MAX_POINTS) {
    const problem =
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)';
    throw new PrometheusError('bad_data', problem);
  }
  return evaluate(request, { startMs, endMs, stepMs });
}

export function formatQuery({ parameters }: PrometheusRequest): Promise<HttpResponse> {
  const data = printPromql(parsePromql(required(parameters, 'query')));
  return Promise.resolve(prometheusJson(200, { status: 'success', data }));
}

async function evaluate(
  { api, parameters, run }: PrometheusRequest,
  window: QueryWindow,
): Promise<HttpResponse> {
  const answer = await api.prometheus.evaluate(
    {
      query: required(parameters, 'query'),
      window,
      lookbackMs: lookbackMs(parameters),
      limit: limitOf(parameters),
    },
    run,
  );
  if (answer.type === 'refused') {
    throw new PrometheusError(answer.reason === 'bad_data' ? 'bad_data' : 'execution', answer.message);
  }
  const notes = [
    ...(answer.warnings.length > 0 ? [`,"warnings":${JSON.stringify(answer.warnings)}`] : []),
    ...(answer.infos.length > 0 ? [`,"infos":${JSON.stringify(answer.infos)}`] : []),
  ].join('');
  const wantsStats = (parameters.get('stats') ?? '') !== '';
  const data = wantsStats ? withStats(answer.dataJson, run, answer.samples) : answer.dataJson;
  return prometheusText(200, `{"status":"success","data":${data}${notes}}`);
}

/** As Prometheus: 0 and less is no wish. */
function lookbackMs(parameters: URLSearchParams): number {
  const text = parameters.get('lookback_delta');
  const wantedMs = text === null || text === '' ? 0 : durationMs('lookback_delta', text);
  return wantedMs > 0 ? wantedMs : DEFAULT_LOOKBACK_MS;
}

/** What Prometheus tells of a query's cost; `X-Ophion-Stats` tells more. Samples are those read and the points made of them. */
function withStats(dataJson: string, run: StartedRun, samples: number): string {
  const { stages } = run.stats();
  const [fetched, evaluated] = ['fetch', 'evaluate'].map((stage) => (stages.get(stage) ?? 0) / 1000);
  const timings = {
    evalTotalTime: evaluated,
    resultSortTime: 0,
    queryPreparationTime: fetched,
    innerEvalTime: evaluated,
    execQueueTime: 0,
    execTotalTime: (fetched ?? 0) + (evaluated ?? 0),
  };
  const stats = { timings, samples: { totalQueryableSamples: samples, peakSamples: samples } };
  return `${dataJson.slice(0, -1)},"stats":${JSON.stringify(stats)}}`;
}
