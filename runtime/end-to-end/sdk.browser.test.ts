import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FoundLogJson, LogJson, MetricSeriesJson, SpanJson, StatusJson } from '../../proto/api/index.ts';
import type { Platform } from '../platform/index.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from '../storage/postgres/throwaway-postgres.ts';
import { startOtlpRecorder, type RecordedRequest } from './otlp-recorder.ts';
import { sentItems, type SentItems } from './sent-items.ts';
import { adminCookies } from './signed-in.ts';
import { readApi, startTestPlatform } from './test-platform.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';
import {
  logAsShown,
  openAsShown,
  openSpans,
  rowOf,
  seriesAsShown,
  shownLogs,
  shownSeries,
  shownTrace,
  TALL_VIEWPORT,
  type ShownTrace,
} from '../../web/e2e/shown-items.ts';

const APP = fileURLToPath(new URL('./sdk-app.mjs', import.meta.url));
const INSTRUMENTATION = createRequire(import.meta.url).resolve(
  '@opentelemetry/auto-instrumentations-node/register',
);
const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const;

/** Runs the application to its end under the real SDK, exporting by `protocol` through a recorder. */
async function runApp(
  platform: Platform,
  protocol: (typeof PROTOCOLS)[number],
  databaseUrl: string,
): Promise<RecordedRequest[]> {
  const recorder = await startOtlpRecorder(platform.ports);
  const port = protocol === 'grpc' ? recorder.grpcPort : recorder.httpPort;
  const child = spawn(process.execPath, ['--require', INSTRUMENTATION, APP], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      OTEL_SERVICE_NAME: `app-${protocol.replace('/', '-')}`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.namespace=shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: protocol === 'http/protobuf' ? 'gzip' : 'none',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,process',
    },
  });
  child.stdout.on('data', () => child.kill('SIGTERM'));
  await new Promise((resolve) => child.once('exit', resolve));
  await recorder.close();
  return recorder.requests;
}

async function foundItems(platform: Platform, sent: SentItems): Promise<SentItems> {
  const traceIds = [...new Set(sent.spans.map(({ traceId }) => traceId))];
  const traces = await Promise.all(
    traceIds.map((traceId) => readApi<{ spans: SpanJson[] }>(platform, `/api/v1/traces/${traceId}`)),
  );
  const services = [...new Set(sent.spans.map(({ service }) => service.id))];
  const logs = await Promise.all(
    services.map((service) =>
      readApi<{ logs: FoundLogJson[] }>(
        platform,
        `/api/v1/logs?service=${encodeURIComponent(service)}&limit=5000`,
      ),
    ),
  );
  const names = [...new Set(sent.points.map(({ metric }) => metric.name))];
  const series = await Promise.all(
    names.map((name) =>
      readApi<{ series: MetricSeriesJson[] }>(
        platform,
        `/api/v1/metrics/series?limit=1000&name=${encodeURIComponent(name)}`,
      ),
    ),
  );
  return {
    spans: traces.flatMap(({ spans }) => spans),
    logs: logs.flatMap((answer) => answer.logs.map(withoutId)),
    points: series
      .flatMap((answer) => answer.series)
      .filter(({ service }) => services.includes(service.id))
      .flatMap((one) => one.points.map((point) => ({ ...one, points: [point] }))),
  };
}

/** Its place among all records is the platform's own. */
function withoutId({ id, ...log }: FoundLogJson): LogJson {
  expect(id).toMatch(/^\d+-\d+-\d+$/);
  return log;
}

/** The same things in the same order, whatever order they came and were found in. */
function sorted(items: readonly object[]): unknown[] {
  return items
    .map((item) => JSON.stringify(item, (_key, value: unknown) => (isPlain(value) ? sortKeys(value) : value)))
    .sort()
    .map((text) => JSON.parse(text) as unknown);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function expectSame(found: SentItems, sent: SentItems): void {
  expect(sorted(found.spans)).toEqual(sorted(sent.spans));
  expect(sorted(found.logs)).toEqual(sorted(sent.logs));
  expect(sorted(found.points)).toEqual(sorted(sent.points));
}

describe('an application with the real OpenTelemetry SDK', () => {
  let dataDir: string;
  let postgres: ThrowawayPostgres;
  let platform: Platform;
  let browser: Browser;
  let sent: SentItems;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ophion-sdk-'));
    postgres = await startThrowawayPostgres();
    browser = await launchBrowser();
    platform = await startTestPlatform(dataDir, { OPHION_ARCHIVE_MAX_AGE_SECONDS: '3600' });
    const requests: RecordedRequest[] = [];
    for (const protocol of PROTOCOLS) requests.push(...(await runApp(platform, protocol, postgres.url)));
    sent = sentItems(requests);
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('sends all three signals by all three protocols', () => {
    for (const items of [sent.spans, sent.logs, sent.points]) {
      expect(new Set(items.map(({ service }) => service.name))).toEqual(
        new Set(['app-grpc', 'app-http-protobuf', 'app-http-json']),
      );
    }
    expect(sent.spans.some(({ name }) => name.startsWith('pg.query'))).toBe(true);
    expect(new Set(sent.points.map(({ metric }) => metric.kind))).toEqual(
      new Set(['gauge', 'sum', 'histogram']),
    );
  });

  it('is found again in the windows, equal in every field', async () => {
    expect((await readApi<StatusJson>(platform, '/api/v1/status')).archivedThrough).toBe(0);
    expectSame(await foundItems(platform, sent), sent);
  });

  describe('in a browser', () => {
    const problems: string[] = [];
    let page: Page;
    let origin: string;

    beforeAll(async () => {
      const { dashboard } = platform.ports;
      const context = await browser.newContext({ viewport: TALL_VIEWPORT });
      await context.addCookies(await adminCookies(dashboard));
      page = await context.newPage();
      origin = `http://127.0.0.1:${dashboard}`;
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
    });
    afterAll(async () => {
      await page.context().close();
      expect(problems).toEqual([]);
    });

    it('has each of its services', async () => {
      await page.goto(`${origin}/`);
      for (const name of ['app-grpc', 'app-http-protobuf', 'app-http-json']) {
        const shown = page.getByText(name, { exact: true }).first();
        await shown.waitFor();
        expect(await shown.isVisible()).toBe(true);
      }
    });

    it('has every span in the waterfall of its trace, equal in every field', async () => {
      await page.goto(`${origin}/traces`);
      await page.getByRole('heading', { name: 'Traces', exact: true }).waitFor();
      const traces: ShownTrace[] = [];
      for (const traceId of new Set(sent.spans.map((span) => span.traceId))) {
        traces.push(await shownTrace(page, traceId));
      }
      expect(traces.flatMap(({ rows }) => rows).sort()).toEqual(sent.spans.map(rowOf).sort());
      expect(sorted(traces.flatMap(({ spans }) => spans))).toEqual(sorted(sent.spans));
    });

    it('has the attributes of what failed', async () => {
      const failed = sent.spans.find(({ status }) => status.message === 'no stock');
      const spans = sent.spans.filter(({ traceId }) => traceId === failed?.traceId);
      await shownTrace(page, failed?.traceId ?? '');
      expect(sorted(await openSpans(page))).toEqual(sorted(spans.map(openAsShown)));
    });

    it('has every log record in the list', async () => {
      const shown = await shownLogs(page, origin);
      expect(shown.sort()).toEqual(sent.logs.map(logAsShown).sort());
    });

    it('has every series of every metric below its chart', async () => {
      const expected: Record<string, Set<string>> = {};
      for (const series of sent.points) {
        (expected[series.metric.name] ??= new Set()).add(seriesAsShown(series));
      }
      const names = Object.keys(expected);
      expect(await shownSeries(page, origin, names)).toEqual(
        Object.fromEntries(names.map((name) => [name, [...(expected[name] ?? [])].sort()])),
      );
    });
  });

  it('is found again in ClickHouse after a restart, equal in every field', async () => {
    await platform.stop();
    platform = await startTestPlatform(dataDir, { OPHION_ARCHIVE_MAX_AGE_SECONDS: '3600' });
    await vi.waitFor(
      async () => {
        const { archivedThrough, segment } = await readApi<StatusJson>(platform, '/api/v1/status');
        expect(archivedThrough).toBeGreaterThan(0);
        expect(archivedThrough).toBe(segment);
      },
      { timeout: 30_000, interval: 100 },
    );
    expectSame(await foundItems(platform, sent), sent);
  });
});
