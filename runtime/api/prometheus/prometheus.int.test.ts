import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchApi } from '../../end-to-end/signed-in.ts';
import { startTestPlatform } from '../../end-to-end/test-platform.ts';
import { untilArchived } from '../../end-to-end/until-archived.ts';
import type { Platform } from '../../platform/index.ts';

interface Answer {
  readonly status: string;
  readonly data: unknown;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
}

const STEP_S = 15;
const POINTS = 40;
/** A whole minute in the past, ten minutes of points behind it. */
const endS = Math.floor(Date.now() / 60_000) * 60 - 60;
const startS = endS - (POINTS - 1) * STEP_S;
const nanos = (seconds: number): string => `${seconds}000000000`;

let folder: string;
let platform: Platform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-prometheus-'));
  platform = await startTestPlatform(folder, {
    OPHION_ARCHIVE_MAX_AGE_SECONDS: '1',
    OPHION_WINDOW_MINUTES: '60',
  });
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

const attributes = (values: Readonly<Record<string, string>>): unknown =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));

const SHOP = {
  'service.name': 'shop',
  'service.namespace': 'demo',
  'service.instance.id': 'one',
  'host.name': 'box',
};

async function send(
  metrics: readonly unknown[],
  from: Readonly<Record<string, string>> = SHOP,
): Promise<void> {
  const resource = { attributes: attributes(from) };
  const scopeMetrics = [{ scope: { name: 'lib', version: '1.0' }, metrics }];
  const response = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] }),
  });
  expect(response.status).toBe(200);
}

/** Points `from` up to `to` of all metrics, counting on from the start. */
function metricsOf(from: number, to: number): unknown[] {
  const points = (make: (at: number) => object): unknown[] =>
    Array.from({ length: to - from }, (_, i) => ({
      timeUnixNano: nanos(startS + (from + i) * STEP_S),
      startTimeUnixNano: nanos(startS - 1),
      ...make(from + i),
    }));
  const route = { attributes: attributes({ 'http.route': '/cart' }) };
  return [
    {
      name: 'http.server.request.duration',
      unit: 's',
      description: 'how long requests take',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: points((at) => ({
          ...route,
          count: `${3 * at}`,
          sum: at * 1.5,
          explicitBounds: [0.1, 1],
          bucketCounts: [`${at}`, `${at}`, `${at}`],
        })),
      },
    },
    {
      name: 'orders',
      unit: '{order}',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: points((at) => ({ asInt: `${at * 30}` })),
      },
    },
    {
      name: 'deltas',
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: points(() => ({ asDouble: 30 })) },
    },
    {
      name: 'queue.size',
      gauge: { dataPoints: points((at) => (at === POINTS - 1 ? { flags: 1 } : { asDouble: at })) },
    },
    ...['one thing', 'another'].map((description) => ({
      ...{ name: 'constructor', description },
      gauge: { dataPoints: points((at) => ({ asDouble: at })) },
    })),
    {
      ...{ name: 'odd', unit: 'toString/valueOf' },
      gauge: { dataPoints: points((at) => ({ asDouble: at })) },
    },
    {
      name: 'latency',
      unit: 'ms',
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: points((at) => ({
          count: `${2 * at}`,
          sum: at * 3,
          scale: 0,
          zeroCount: '0',
          positive: { offset: 0, bucketCounts: [`${at}`, `${at}`] },
        })),
      },
    },
    {
      name: 'gc',
      unit: 's',
      summary: {
        dataPoints: points((at) => ({
          count: `${at}`,
          sum: at,
          quantileValues: [{ quantile: 0.5, value: 7 }],
        })),
      },
    },
  ];
}

async function ask(
  path: string,
  parameters: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const query = new URLSearchParams(parameters);
  const url = `/prometheus/api/v1/${path}`;
  const response =
    method === 'GET'
      ? await fetchApi(platform.ports.api, `${url}?${query.toString()}`)
      : await fetchApi(platform.ports.api, url, { method, body: query });
  return (await response.json()) as Answer;
}

const range = { start: `${startS}`, end: `${endS}` };
const instant = (query: string, time = endS): Promise<Answer> => ask('query', { query, time: `${time}` });

async function valueOf(query: string, time = endS): Promise<unknown> {
  const { data, error } = await instant(query, time);
  expect(error).toBeUndefined();
  return (data as { result: { value: [number, string] }[] }).result.map(({ value }) => Number(value[1]));
}

describe('the Prometheus API over windows and archive', () => {
  // Half of each series is archived before the rest comes: every answer needs both tiers.
  beforeAll(async () => {
    await send(metricsOf(0, POINTS / 2));
    await untilArchived(platform.ports.api);
    await send(metricsOf(POINTS / 2, POINTS));
  });

  it('has every sample once, wherever the seam is', async () => {
    const window = `${POINTS * STEP_S}s`;
    expect(await valueOf(`count_over_time(orders_total[${window}])`)).toEqual([POINTS]);
    expect(await valueOf(`max_over_time(orders_total[${window}])`)).toEqual([(POINTS - 1) * 30]);
    await untilArchived(platform.ports.api);
    expect(await valueOf(`count_over_time(orders_total[${window}])`)).toEqual([POINTS]);
  });

  it('spells names as Prometheus does, and finds them as they were sent', async () => {
    const rate = 'sum by (le)(rate(http_server_request_duration_seconds_bucket{http_route="/cart"}[5m]))';
    const inOrder = [3 / 15, 1 / 15, 2 / 15];
    expect(await valueOf(rate)).toEqual(inOrder.map((value) => expect.closeTo(value, 9) as number));
    expect(await valueOf('http_server_request_duration_seconds_count{"http.route"="/cart"}')).toEqual([117]);
    expect(await valueOf('histogram_count({"http.server.request.duration", "http.route"="/cart"})')).toEqual([
      117,
    ]);
    expect(await valueOf('{"queue.size"}', endS - STEP_S)).toEqual([POINTS - 2]);
    expect(await valueOf('{"http.server.request.duration", "http.route"="/other"}')).toEqual([]);
  });

  it('counts deltas up, ends series that say so, and reads the other kinds', async () => {
    expect(await valueOf('increase(deltas_total[5m])')).toEqual([expect.closeTo(600, 6)]);
    expect(await valueOf('queue_size')).toEqual([]);
    expect(await valueOf('queue_size', endS - STEP_S)).toEqual([POINTS - 2]);
    expect(await valueOf('histogram_quantile(0.5, latency_milliseconds)')).toEqual([2]);
    expect(await valueOf('histogram_sum(rate(latency_milliseconds[5m]))')).toEqual([expect.closeTo(0.2, 9)]);
    expect(await valueOf('gc_seconds{quantile="0.5"}')).toEqual([7]);
    expect(await valueOf('gc_seconds_count')).toEqual([39]);
  });

  it('names job and instance, and joins what the resource says', async () => {
    const { data } = await instant('orders_total * on (job, instance) group_left (host_name) target_info');
    expect(data).toMatchObject({
      resultType: 'vector',
      result: [{ metric: { job: 'demo/shop', instance: 'one', host_name: 'box', otel_scope_name: 'lib' } }],
    });
    expect(await valueOf('count(orders_total{job="demo/shop"})')).toEqual([1]);
    expect(await valueOf('count(orders_total{job="shop"})')).toEqual([]);
  });

  it('answers ranges in Prometheus’ shape, asked by GET or by form', async () => {
    const parameters = { query: 'orders_total', ...range, step: '60' };
    const got = await ask('query_range', parameters);
    expect(got).toMatchObject({ status: 'success', data: { resultType: 'matrix' } });
    expect(await ask('query_range', parameters, 'POST')).toEqual(got);
    const [series] = (got.data as { result: { values: [number, string][] }[] }).result;
    expect(series?.values.at(-1)).toEqual([endS - 45, `${(POINTS - 1 - 3) * 30}`]);
    const histograms = await ask('query_range', { ...parameters, query: 'latency_milliseconds' });
    expect(JSON.stringify(histograms.data)).toContain('"buckets":[[0,"1","2",');
  });

  it('lists series, labels and what metrics are', async () => {
    expect((await ask('labels', { ...range, 'match[]': 'orders_total' })).data).toEqual([
      '__name__',
      'instance',
      'job',
      'otel_scope_name',
      'otel_scope_version',
    ]);
    expect((await ask('label/le/values', range)).data).toEqual(['+Inf', '0.1', '1']);
    // Without times: all that is kept.
    expect((await ask('label/le/values', {})).data).toEqual(['+Inf', '0.1', '1']);
    expect((await ask('label/host_name/values', {})).data).toEqual(['box']);
    expect((await ask('label/__name__/values', range)).data).toContain(
      'http_server_request_duration_seconds_bucket',
    );
    expect((await ask('series', { ...range, 'match[]': 'gc_seconds_sum' })).data).toMatchObject([
      { __name__: 'gc_seconds_sum', job: 'demo/shop' },
    ]);
    expect((await ask('metadata', { metric: 'http_server_request_duration_seconds' })).data).toEqual({
      http_server_request_duration_seconds: [
        { type: 'histogram', help: 'how long requests take', unit: 's' },
      ],
    });
  });

  it('describes each metric, as many and as often as asked', async () => {
    const described = async (parameters: Readonly<Record<string, string>>): Promise<[string, number][]> => {
      const { data } = await ask('metadata', parameters);
      return Object.entries(data as Record<string, unknown[]>).map(([name, all]) => [name, all.length]);
    };
    expect(await described({ metric: 'constructor' })).toEqual([['constructor', 2]]);
    expect(await described({ metric: 'constructor', limit_per_metric: '1' })).toEqual([['constructor', 1]]);
    expect(await described({ limit: '2' })).toHaveLength(2);
    expect(await described({ metric: '' })).toContainEqual(['orders_total', 1]);
  });

  it('asks of metrics whose names and units every object has', async () => {
    expect(await valueOf('{__name__="constructor"}', endS - STEP_S)).toEqual([POINTS - 2]);
    expect(await valueOf('odd_toString_per_valueOf', endS - STEP_S)).toEqual([POINTS - 2]);
  });

  it('cuts to the limit, and says so', async () => {
    const cut = await ask('query', { query: '{__name__=~".+"}', time: `${endS - STEP_S}`, limit: '2' });
    expect((cut.data as { result: unknown[] }).result).toHaveLength(2);
    expect(cut.warnings).toEqual(['results truncated due to limit']);
  });

  it('formats a query and says what it is', async () => {
    expect((await ask('format_query', { query: 'sum(rate(x[300s]))by(le)' })).data).toBe(
      'sum by (le) (rate(x[5m]))',
    );
    expect((await ask('status/buildinfo')).data).toMatchObject({ revision: 'test' });
  });

  it.each([
    ['query', { query: 'sum(' }, 'bad_data', '1:5: parse error: unexpected end of input, expected'],
    ['query', {}, 'bad_data', 'invalid parameter "query"'],
    ['query', { query: 'x', time: 'noon' }, 'bad_data', 'invalid parameter "time"'],
    ['query', { query: 'x', timeout: 'soon' }, 'bad_data', 'invalid parameter "timeout"'],
    [
      'query_range',
      { query: 'x', start: '2', end: '1', step: '1' },
      'bad_data',
      'end timestamp must not be before',
    ],
    ['query_range', { query: 'x', start: '0', end: '1', step: '0' }, 'bad_data', 'zero or negative'],
    [
      'query_range',
      { query: 'x', start: '0', end: '99999', step: '1' },
      'bad_data',
      'exceeded maximum resolution',
    ],
    [
      'query_range',
      { query: 'x[5m]', start: '0', end: '1', step: '1' },
      'bad_data',
      'invalid expression type "range vector" for range query',
    ],
    ['series', {}, 'bad_data', 'match[]'],
    ['series', { 'match[]': 'rate(x[5m])' }, 'bad_data', 'is not a series selector'],
    ['labels', { limit: '-1' }, 'bad_data', 'invalid parameter "limit"'],
    ['nothing', {}, 'not_found', 'there is no'],
    ...['tomorrow 1', '2026-01-01', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z', '.', '1.2.3', '1e999'].map(
      (time): [string, Record<string, string>, string, string] => [
        'query',
        { query: 'x', time },
        'bad_data',
        'invalid parameter "time"',
      ],
    ),
    ...['.', '1.2.3', '1e999', '1h-5m', '999999999y'].flatMap(
      (duration): [string, Record<string, string>, string, string][] => [
        ['query_range', { query: 'x', start: '0', end: '1', step: duration }, 'bad_data', '"step"'],
        ['query', { query: 'x', lookback_delta: duration }, 'bad_data', '"lookback_delta"'],
        ['query', { query: 'x', timeout: duration }, 'bad_data', '"timeout"'],
      ],
    ),
    ['metadata', { limit_per_metric: 'all' }, 'bad_data', 'invalid parameter "limit_per_metric"'],
    ['query', { query: `${'-'.repeat(1_200)}1` }, 'bad_data', 'nested too deeply'],
    ['query', { query: 'max_over_time(rate(x[5m])[280y:1ms])' }, 'execution', 'too many samples'],
    ['query', { query: 'max_over_time(vector(1)[280y:1ms])' }, 'execution', 'too many samples'],
    ['query', { query: 'x[2 ^ 9999]' }, 'execution', 'duration out of range'],
  ])('refuses %s %o', async (path, parameters, errorType, message) => {
    const answer = await ask(path, parameters);
    expect(answer).toMatchObject({ status: 'error', errorType });
    expect(answer.error).toContain(message);
  });

  it.each([
    '1e12',
    // Milliseconds for seconds, and what Prometheus’ clients name for want of a bound.
    `${endS * 1000}`,
    '-1e9',
    '292277025-08-18T07:12:54.999999999Z',
    '-292273086-05-16T16:47:06Z',
  ])('has nothing of a time before or beyond all telemetry: %s', async (time) => {
    expect((await ask('query', { query: 'orders_total', time })).data).toMatchObject({ result: [] });
    expect((await ask('query', { query: 'rate(orders_total[5m])', time })).data).toMatchObject({
      result: [],
    });
  });

  it('finds what there is in the widest range', async () => {
    const widest = { start: '-292273086-05-16T16:47:06Z', end: '292277025-08-18T07:12:54.999999999Z' };
    expect((await ask('series', { ...widest, 'match[]': 'orders_total' })).data).toHaveLength(1);
    expect((await ask('query_exemplars', { ...widest, query: 'orders_total' })).status).toBe('success');
    // Five times 2⁶⁴ ns and a little: cut off, not wrapped round.
    const { data } = await ask('series', { start: '0', end: '92400000000', 'match[]': 'orders_total' });
    expect(data).toHaveLength(1);
  });

  it('finds the values of an attribute by its own name, however it is written', async () => {
    for (const name of ['http_route', 'http.route', 'U__http_2e_route', 'http%2Eroute']) {
      expect([name, (await ask(`label/${name}/values`, range)).data]).toEqual([name, ['/cart']]);
      const match = '{"http.server.request.duration"}';
      const ofOne = await ask(`label/${name}/values`, { ...range, 'match[]': match });
      expect([name, ofOne.data]).toEqual([name, name === 'http_route' ? [] : ['/cart']]);
    }
    for (const name of ['U___ffffffff_', 'U___d800_', 'U__x', 'nothing']) {
      expect((await ask(`label/${name}/values`, range)).data).toEqual([]);
    }
  });

  it('knows no lookback of nothing', async () => {
    for (const delta of ['0', '0s', '-5']) {
      const { data } = await ask('query', {
        query: 'orders_total',
        time: `${endS + 7}`,
        lookback_delta: delta,
      });
      expect((data as { result: unknown[] }).result).toHaveLength(1);
    }
    const brief = await ask('query', { query: 'orders_total', time: `${endS + 7}`, lookback_delta: '5' });
    expect(brief.data).toMatchObject({ result: [] });
  });

  it('finds an attribute called job of a service without a name, in either tier', async () => {
    const point = { timeUnixNano: nanos(endS), asDouble: 5, attributes: attributes({ job: 'own' }) };
    await send([{ name: 'jobs', gauge: { dataPoints: [point] } }], { 'host.name': 'box' });
    expect(await valueOf('jobs{job="own"}')).toEqual([5]);
    await untilArchived(platform.ports.api);
    expect(await valueOf('jobs{job="own"}')).toEqual([5]);
  });

  it('tells two pods of a service apart that name no instance', async () => {
    for (const pod of ['a', 'b']) {
      const dataPoints = [0, 15].map((ago) => ({ timeUnixNano: nanos(endS - ago), asInt: `${100 - ago}` }));
      const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints };
      await send([{ name: 'pods', sum }], { 'service.name': 'twice', 'k8s.pod.name': pod });
    }
    expect(await valueOf('pods_total')).toEqual([100, 100]);
    expect(await valueOf('irate(pods_total[1m])')).toEqual([1, 1]);
  });

  it('says what a query cost when asked to', async () => {
    const parameters = { query: 'orders_total', ...range, step: '60' };
    expect((await ask('query_range', parameters)).data).not.toHaveProperty('stats');
    for (const stats of ['all', 'true']) {
      const { data } = await ask('query_range', { ...parameters, stats });
      expect(data).toMatchObject({
        resultType: 'matrix',
        stats: {
          timings: {
            evalTotalTime: expect.any(Number) as number,
            execTotalTime: expect.any(Number) as number,
          },
          // The last of the steps is before the last three points.
          samples: { totalQueryableSamples: POINTS - 3, peakSamples: POINTS - 3 },
        },
      });
    }
  });

  it('has nothing of what it does not know', async () => {
    expect(await valueOf('unknown_metric')).toEqual([]);
    expect((await ask('series', { 'match[]': 'unknown_metric' })).data).toEqual([]);
  });
});
