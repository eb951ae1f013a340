// A process of its own. Loopback only; ends with its parent.
// Messages in: SdkLoadOrder, then 'end'. Messages out: 'started', then SdkLoadReport.
import { setTimeout as sleep } from 'node:timers/promises';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { logs, metrics, resources, tracing } from '@opentelemetry/sdk-node';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';

export interface SdkLoadOrder {
  readonly httpPort: number;
  readonly service: string;
}

/** Of items given to an exporter, by what it said of them in the end. */
export interface SdkSignalReport {
  acknowledged: number;
  /** Given up after its retries: refused, or not answered in time. */
  failed: number;
}

export type SdkLoadReport = { readonly [S in Signal]: SdkSignalReport };

/** What every OTLP exporter of the SDK is. */
interface Exporter<Items> {
  export(items: Items, done: (result: { code: number }) => void): void;
}

const SUCCESS = 0;
const ITEMS_A_TURN = 40;
const TURN_MS = 2;
const METRIC_EXPORT_MS = 500;
const SERIES = 200;

/** The exporter itself, with its `export` counting what comes of it. */
function counting<Items, E extends Exporter<Items>>(
  exporter: E,
  report: SdkSignalReport,
  countOf: (items: Items) => number,
): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => {
    const count = countOf(items);
    send(items, (result) => {
      if (result.code === SUCCESS) report.acknowledged += count;
      else report.failed += count;
      done(result);
    });
  };
  return exporter;
}

function pointsOf({ scopeMetrics }: metrics.ResourceMetrics): number {
  return scopeMetrics
    .flatMap((scope) => scope.metrics)
    .reduce((count, metric) => count + metric.dataPoints.length, 0);
}

let isEnding = false;

/** Spans, logs and points through the SDK's own processors, as fast as they take them. */
async function run({ httpPort, service }: SdkLoadOrder): Promise<SdkLoadReport> {
  const report = Object.fromEntries(
    SIGNALS.map((signal) => [signal, { acknowledged: 0, failed: 0 }]),
  ) as unknown as SdkLoadReport;
  const urlOf = (signal: Signal): { url: string } => ({ url: `http://127.0.0.1:${httpPort}/v1/${signal}` });
  const resource = resources.resourceFromAttributes({ 'service.name': service });
  const tracerProvider = new tracing.BasicTracerProvider({
    resource,
    spanProcessors: [
      new tracing.BatchSpanProcessor(
        counting(
          new OTLPTraceExporter(urlOf('traces')),
          report.traces,
          (spans: readonly unknown[]) => spans.length,
        ),
      ),
    ],
  });
  const loggerProvider = new logs.LoggerProvider({
    resource,
    processors: [
      new logs.BatchLogRecordProcessor({
        exporter: counting(
          new OTLPLogExporter(urlOf('logs')),
          report.logs,
          (records: readonly unknown[]) => records.length,
        ),
      }),
    ],
  });
  const meterProvider = new metrics.MeterProvider({
    resource,
    readers: [
      new metrics.PeriodicExportingMetricReader({
        exporter: counting(new OTLPMetricExporter(urlOf('metrics')), report.metrics, pointsOf),
        exportIntervalMillis: METRIC_EXPORT_MS,
        exportTimeoutMillis: METRIC_EXPORT_MS,
      }),
    ],
  });
  const tracer = tracerProvider.getTracer('load');
  const logger = loggerProvider.getLogger('load');
  const counter = meterProvider.getMeter('load').createCounter('work.done');
  process.send?.('started');
  for (let number = 0; !isEnding; number += 1) {
    for (let item = 0; item < ITEMS_A_TURN; item += 1) {
      tracer.startSpan(`operation ${item % 5}`, { attributes: { number, item } }).end();
      logger.emit({
        severityNumber: SeverityNumber.INFO,
        body: `message ${item % 7}`,
        attributes: { number, item },
      });
      counter.add(1, { series: (number * ITEMS_A_TURN + item) % SERIES });
    }
    await sleep(TURN_MS);
  }
  // Rejects when the last export was given up, which is counted.
  const providers = [tracerProvider, loggerProvider, meterProvider];
  await Promise.allSettled(providers.map((provider) => provider.shutdown()));
  return report;
}

process.on('message', (message: SdkLoadOrder | 'end') => {
  if (message === 'end') {
    isEnding = true;
    return;
  }
  void run(message).then((report) => {
    process.send?.(report, () => {
      process.disconnect();
    });
  });
});
// Its parent is gone.
process.once('disconnect', () => {
  isEnding = true;
});
