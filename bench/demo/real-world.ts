import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { logs, metrics, resources, tracing } from '@opentelemetry/sdk-node';
import { resourceAttributes } from './resource-attributes.ts';
import { EXPORT_DELAY_MS, METRIC_INTERVAL_MS } from './export-times.ts';
import type { ServiceTelemetry, ShopWorld } from './world.ts';

/** The world as it is: the clock of this machine, and the SDK, which sends to an endpoint. */
export function realWorld(endpoint: string): ShopWorld {
  return {
    pause: (ms) => sleep(ms),
    random: Math.random,
    nowMs: () => performance.now(),
    unixMs: Date.now,
    every(ms, work) {
      const timer = setInterval(work, ms);
      return () => {
        clearInterval(timer);
      };
    },
    telemetryOf: (service, version) => sdkTelemetry(service, version, endpoint),
  };
}

/** The SDK's three providers, each exporting by OTLP on its own. */
function sdkTelemetry(service: string, version: string, endpoint: string): ServiceTelemetry {
  const resource = resources.resourceFromAttributes(resourceAttributes(service, version));
  const traces = new tracing.BasicTracerProvider({
    resource,
    spanProcessors: [
      new tracing.BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }), {
        scheduledDelayMillis: EXPORT_DELAY_MS,
        maxQueueSize: 20_000,
        maxExportBatchSize: 2_000,
      }),
    ],
  });
  const meters = new metrics.MeterProvider({
    resource,
    readers: [
      new metrics.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }),
        exportIntervalMillis: METRIC_INTERVAL_MS,
        exportTimeoutMillis: METRIC_INTERVAL_MS,
      }),
    ],
  });
  const records = new logs.LoggerProvider({
    resource,
    processors: [
      new logs.BatchLogRecordProcessor({
        exporter: new OTLPLogExporter({ url: `${endpoint}/v1/logs` }),
        scheduledDelayMillis: EXPORT_DELAY_MS,
        maxQueueSize: 20_000,
      }),
    ],
  });
  return {
    tracer: traces.getTracer('shop', version),
    meter: meters.getMeter('shop', version),
    logger: records.getLogger('shop', version),
    async shutdown() {
      await Promise.allSettled([traces.shutdown(), meters.shutdown(), records.shutdown()]);
    },
  };
}
