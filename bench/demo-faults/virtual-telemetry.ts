import type { Signal } from '../../proto/columns/index.ts';
import { trace } from '@opentelemetry/api';
import type { Logger, LogRecord } from '@opentelemetry/api-logs';
import { EXPORT_DELAY_MS, METRIC_INTERVAL_MS } from '../demo/export-times.ts';
import { resourceAttributes } from '../demo/resource-attributes.ts';
import type { ServiceTelemetry, ShopWorld } from '../demo/world.ts';
import { OtlpWriter } from './otlp-writer.ts';
import { seededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualMeter } from './virtual-meter.ts';
import { virtualTracer, writeSpan } from './virtual-spans.ts';

/** Takes an export request. */
export type Receive = (signal: Signal, request: Uint8Array) => void;

/** What may change of services while the shop is open. */
export interface Deployment {
  version: string;
  instance: number;
}

export interface VirtualWorldOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly receive: Receive;
  /** By service; those that are not there are as the shop says. */
  readonly deployments: ReadonlyMap<string, Deployment>;
}

/** A world whose clock is virtual and whose services send OTLP bytes to a function. The same seed makes the same bytes. */
export function virtualWorld(options: VirtualWorldOptions): ShopWorld {
  const { clock, seed } = options;
  const ids = seededRandom(seed ^ 0x5bd1e995);
  return {
    pause: clock.pause,
    random: seededRandom(seed),
    nowMs: clock.unixMs,
    unixMs: clock.unixMs,
    every: clock.every,
    telemetryOf: (service, version) => virtualTelemetry(service, version, options, ids),
  };
}

function virtualTelemetry(
  service: string,
  version: string,
  { clock, receive, deployments }: VirtualWorldOptions,
  random: () => number,
): ServiceTelemetry {
  const spans = new OtlpWriter();
  const records = new OtlpWriter();
  const meter = new VirtualMeter(clock.unixMs());
  const send = (signal: Signal, items: Uint8Array): void => {
    const deployment = deployments.get(service);
    const attributes = resourceAttributes(service, deployment?.version ?? version, deployment?.instance);
    receive(signal, requestOf(attributes, items));
  };
  const flush = (signal: Signal, writer: OtlpWriter): void => {
    if (writer.length > 0) send(signal, writer.written());
    writer.clear();
  };
  const writeMetrics = async (): Promise<void> => {
    const points = new OtlpWriter();
    await meter.write(points, clock.unixMs());
    flush('metrics', points);
  };
  // Services do not all send at the same moment.
  const phase = random();
  const stops = [
    clock.every(
      EXPORT_DELAY_MS,
      () => {
        flush('traces', spans);
        flush('logs', records);
      },
      phase * EXPORT_DELAY_MS,
    ),
    clock.every(METRIC_INTERVAL_MS, () => void writeMetrics(), phase * METRIC_INTERVAL_MS),
  ];
  return {
    tracer: virtualTracer({
      clock,
      newId: (digits) => randomHex(digits, random),
      write(span) {
        spans.within(2, () => {
          writeSpan(spans, span);
        });
      },
    }),
    meter: meter.asMeter(),
    logger: virtualLogger(records, clock),
    shutdown() {
      for (const stop of stops) stop();
      return Promise.resolve();
    },
  };
}

function virtualLogger(records: OtlpWriter, clock: VirtualClock): Logger {
  return {
    enabled: () => true,
    emit(record) {
      records.within(2, () => {
        writeLog(records, record, clock.unixMs());
      });
    },
  };
}

function writeLog(writer: OtlpWriter, record: LogRecord, unixMs: number): void {
  writer.timeMs(1, unixMs);
  writer.integer(2, record.severityNumber ?? 0);
  writer.text(3, record.severityText ?? '');
  writer.within(5, () => {
    writer.text(1, typeof record.body === 'string' ? record.body : '');
  });
  writer.attributes(6, record.attributes ?? {});
  const span = record.context && trace.getSpanContext(record.context);
  if (span !== undefined) {
    writer.message(9, Buffer.from(span.traceId, 'hex'));
    writer.message(10, Buffer.from(span.spanId, 'hex'));
  }
  writer.timeMs(11, unixMs);
}

/** One resource with one scope, whose items are field 2, as in all three signals. */
function requestOf(resource: Readonly<Record<string, string>>, items: Uint8Array): Uint8Array {
  const writer = new OtlpWriter();
  writer.within(1, () => {
    writer.within(1, () => {
      writer.attributes(1, resource);
    });
    writer.within(2, () => {
      writer.within(1, () => {
        writer.text(1, 'shop');
      });
      writer.append(items, 0, items.length);
    });
  });
  return writer.written();
}

function randomHex(digits: number, random: () => number): string {
  let text = '';
  while (text.length < digits) {
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return text;
}
