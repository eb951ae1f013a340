import type {
  ApiAnswers,
  InsightEvidenceJson,
  InsightJson,
  JudgedInsightJson,
} from '../../proto/api/index.ts';
import { serviceOf, TRACE_ID } from './platform-data.ts';

const idOf = (number: number): string => `0192f0c5-7d4e-7cc3-98a4-${String(number).padStart(12, '0')}`;
const STEP_MS = 10_000;
const POINTS = 90;
const DAY_MS = 86_400_000;

const service = (name: string) => {
  const { id, namespace, environment } = serviceOf(name);
  return { id, namespace, name, environment };
};

function signal(
  name: string,
  signalName: 'latency' | 'errors',
  usual: number,
  nowMs: number,
): InsightEvidenceJson {
  const isLate = (at: number): boolean => at > POINTS - 20;
  return {
    ...{
      type: 'signal',
      service: service(name),
      signal: signalName,
      name: signalName,
      operation: `POST /${name}`,
    },
    ...{
      labels: {},
      unit: 'ms',
      detector: 'level-shift',
      score: 0.93,
      observed: usual * 11,
      expected: usual,
    },
    seriesKey: `${name} ${signalName}`,
    chart: {
      ...{ startUnixMs: nowMs - POINTS * STEP_MS, stepMs: STEP_MS },
      values: Array.from({ length: POINTS }, (_, at) =>
        at === 30 ? null : usual * (isLate(at) ? 11 : 1 + (at % 5) / 20),
      ),
      lower: Array.from({ length: POINTS }, () => usual * 0.7),
      upper: Array.from({ length: POINTS }, () => usual * 1.5),
    },
  };
}

export function madeInsight(number: number, nowMs: number, changes: Partial<InsightJson> = {}): InsightJson {
  const own = changes.service ?? service('cart');
  return {
    id: idOf(number),
    ...{
      kind: 'anomaly',
      state: 'open',
      severity: 'warning',
      title: `Insight ${number}`,
      explanation: 'Why.',
    },
    ...{
      service: own,
      services: [own],
      startedUnixMs: nowMs - 300_000,
      detectedUnixMs: nowMs - 280_000 + number,
    },
    ...{ updatedUnixMs: nowMs - 20_000, endedUnixMs: null, score: 0.9, evidence: [], rootCauses: [] },
    ...{ saturation: null, tip: null },
    ...changes,
  };
}

function common(
  field: string,
  value: string,
  count: number,
  shareOfNormal: number,
  nowMs: number,
): InsightEvidenceJson {
  const line = 'service:"payment" (kind:server OR kind:consumer OR -parent:*) name:"POST /charge"';
  return {
    ...{ type: 'attribute', service: service('payment'), field, value, count, shareOfNormal },
    shareOfAbnormal: count / 412,
    compared: {
      ...{ what: 'failing', selection: `${line} status:error`, baseline: `${line} -status:error` },
      ...{ fromUnixMs: nowMs - 300_000, baselineFromUnixMs: nowMs - 300_000, toUnixMs: nowMs - 20_000 },
      ...{ abnormal: 412, normal: 9_310 },
    },
  };
}

/** An anomaly with causes and every kind of evidence, a forecast, a new log pattern, a tip, and one that is over. */
export function insightsOfShop(nowMs: number): readonly InsightJson[] {
  const [gateway, cart] = [service('gateway'), service('cart')];
  const [checkout, payment, catalog] = [service('checkout'), service('payment'), service('catalog')];
  return [
    madeInsight(1, nowMs, {
      ...{ severity: 'critical', title: 'Latency of checkout is 11 times what is expected' },
      explanation: 'p95 rose from 42 ms to 480 ms within a minute.',
      ...{ service: checkout, services: [checkout, gateway] },
      evidence: [
        signal('checkout', 'latency', 42, nowMs),
        {
          ...{ type: 'trace', traceId: TRACE_ID, spanId: '', service: checkout, operation: 'POST /checkout' },
          ...{ durationMs: 912, isError: true, note: 'waits for payment' },
        },
        {
          ...{ type: 'log-pattern', service: checkout, pattern: 'p', trend: 'new', perMinuteBefore: 0 },
          ...{ template: 'charge of <number> failed', perMinuteAfter: 41.5, example: 'charge of 12 failed' },
        },
        common('resource.service.version', '2.3.1', 412, 0.04, nowMs),
        common('resource.cloud.availability_zone', 'b', 379, 0.31, nowMs),
      ],
      course: [{ atUnixMs: nowMs - 120_000, service: catalog, what: 'also: GET /items is 3 times slower' }],
      rootCauses: [
        {
          ...{ service: payment, signal: 'latency', score: 0.71, explanation: 'payment is slow in itself.' },
          path: [gateway, checkout, cart, payment],
          evidence: [
            signal('payment', 'latency', 14, nowMs),
            { type: 'change', service: payment, what: 'Deploy of version 2.3.1', atUnixMs: nowMs - 335_000 },
            {
              ...{
                type: 'error',
                service: payment,
                operation: 'POST /charge',
                exceptionType: 'TimeoutError',
              },
              ...{ message: 'Read timed out', count: 412, isNew: true },
            },
            { type: 'explains', caller: checkout, share: 0.92 },
          ],
        },
        {
          ...{ service: checkout, signal: 'errors', score: 0.19, explanation: 'checkout gives up.' },
          ...{ path: [gateway, checkout], evidence: [] },
        },
        {
          ...{ service: catalog, signal: 'cpu', score: 0.1, explanation: 'catalog is busy.' },
          ...{ path: [catalog], evidence: [] },
        },
      ],
    }),
    madeInsight(2, nowMs, {
      ...{ kind: 'forecast', service: catalog, title: 'Disk /data of catalog is full in 3.1 days' },
      saturation: {
        ...{ resource: 'disk /data', unit: 'By', limit: 5e11, current: 4.3e11, query: 'sum(disk)' },
        ...{ reachedUnixMs: nowMs + 3.1 * DAY_MS, earliestUnixMs: nowMs + 2 * DAY_MS, latestUnixMs: null },
      },
    }),
    madeInsight(3, nowMs, {
      ...{
        kind: 'pattern',
        severity: 'warning',
        title: 'cart: “lock of <*> timed out” is a new error pattern',
      },
      evidence: [
        {
          ...{
            type: 'log-pattern',
            service: service('cart'),
            pattern: 'q',
            trend: 'new',
            perMinuteBefore: 0,
          },
          ...{ template: 'lock of <*> timed out', perMinuteAfter: 12, example: 'lock of cart-7 timed out' },
          ...{ query: 'body:lock\\ of\\ *\\ timed\\ out', seriesKey: 'cart q' },
        },
      ],
    }),
    madeInsight(4, nowMs, {
      ...{ kind: 'tip', severity: 'info', service: catalog, title: 'catalog asks its database 14 times' },
      tip: { category: 'N+1 queries', saving: 38, savingUnit: 'ms a request' },
    }),
    madeInsight(5, nowMs, {
      ...{ state: 'over', title: 'Requests of shipping fell', service: service('shipping') },
      endedUnixMs: nowMs - 60_000,
    }),
  ];
}

export function judgedInsights(nowMs: number): readonly JudgedInsightJson[] {
  return insightsOfShop(nowMs).map((one) => ({ ...one, feedback: { useful: 0, notUseful: 0, mine: null } }));
}

const HOUR_MS = 3_600_000;

export function forecastOfDisk(nowMs: number): ApiAnswers['/api/v1/metrics/forecast'] {
  const path = (offset: number) =>
    Array.from({ length: 72 }, (_, at) => 4.3e11 + at * 1e9 + offset * (at + 1));
  return {
    stepMs: HOUR_MS,
    series: [
      {
        ...{ labels: {}, startUnixMs: nowMs - 168 * HOUR_MS, refusal: null },
        values: Array.from({ length: 168 }, (_, at) => 2.6e11 + at * 1e9),
        forecast: {
          ...{ startUnixMs: nowMs, median: path(0), lower80: path(-2e8), upper80: path(2e8) },
          ...{ lower95: path(-4e8), upper95: path(4e8), periodsMs: [DAY_MS] },
          models: [{ name: 'damped trend', weight: 1, error: 1e9 }],
          reached: {
            limit: 5e11,
            atUnixMs: nowMs + 70 * HOUR_MS,
            earliestUnixMs: nowMs + 58 * HOUR_MS,
            latestUnixMs: null,
          },
        },
      },
    ],
    more: false,
  };
}

/** Failures are still being learned. */
export function expectedOfService(
  nowMs: number,
  isEmpty: boolean,
): ApiAnswers['/api/v1/services/:service/expected'] {
  const band = (expected: number) => ({ expected, lower: expected / 2, upper: expected * 2 });
  const newest = Math.floor(nowMs / STEP_MS);
  const steps = Array.from({ length: isEmpty ? 0 : POINTS + 1 }, (_, at) => ({
    startUnixMs: (newest - POINTS + at) * STEP_MS,
    requests: band(20),
    errors: null,
    p95Ms: band(60),
  }));
  return { stepMs: STEP_MS, learning: isEmpty ? ['requests', 'errors', 'p95'] : ['errors'], steps };
}

export function bandOfCpu(nowMs: number): ApiAnswers['/api/v1/metrics/band'] {
  const values = Array.from({ length: POINTS }, (_, at) => (at === 80 ? 0.95 : 0.4 + (at % 5) / 50));
  return {
    stepMs: STEP_MS,
    series: [
      {
        ...{ labels: {}, startUnixMs: nowMs - POINTS * STEP_MS, values, learning: 4 },
        expected: values.map((_, at) => (at < 4 ? null : 0.42)),
        lower: values.map((_, at) => (at < 4 ? null : 0.3)),
        upper: values.map((_, at) => (at < 4 ? null : 0.55)),
        anomalies: [
          {
            ...{ unixMs: nowMs - (POINTS - 80) * STEP_MS, score: 0.8, isOnset: true, detector: 'spike' },
            ...{ observed: 0.95, expected: 0.42 },
          },
        ],
      },
    ],
    more: false,
  };
}

export const NO_CAPACITY: ApiAnswers['/api/v1/capacity'] = {
  ...{ resources: [], resourcesLeftOut: 0, services: [], servicesLeftOut: 0 },
};

export function capacityOfShop(nowMs: number): ApiAnswers['/api/v1/capacity'] {
  return {
    resources: [
      {
        ...{
          kind: 'disk',
          name: 'disk /data',
          service: service('catalog'),
          metric: 'system.filesystem.usage',
        },
        ...{
          labels: {},
          unit: 'By',
          query: 'sum(disk)',
          current: 4.3e11,
          limit: 5e11,
          isLimitLearned: false,
          share: 0.86,
          refusal: null,
        },
        ...{ reachedUnixMs: nowMs + 3 * DAY_MS, earliestUnixMs: nowMs + 2 * DAY_MS, latestUnixMs: null },
        text: 'disk /data full in 3.1 days (80 %: 2.4 or later)',
      },
    ],
    resourcesLeftOut: 7,
    services: [
      {
        ...{ service: service('checkout'), requests: 9_000, refusal: null, samples: [] },
        curve: {
          ...{
            baseLatencyMs: 20,
            kneePerSecond: 50,
            capacityPerSecond: 100,
            busyPerSecond: 42,
            headroom: 0.16,
          },
          explained: 0.9,
        },
      },
      {
        ...{ service: service('cart'), requests: 10, curve: null, samples: [] },
        refusal: { reason: 'too-few-samples', message: '1 samples with load: at least 20 are needed' },
      },
    ],
    servicesLeftOut: 0,
  };
}
