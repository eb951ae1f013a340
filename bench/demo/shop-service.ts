import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Counter,
  type Histogram,
  type Link,
  type Meter,
  type Span,
  type Tracer,
  type UpDownCounter,
} from '@opentelemetry/api';
import { SeverityNumber, type Logger } from '@opentelemetry/api-logs';
import type { ServiceTelemetry, ShopWorld } from './world.ts';

const SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export interface SpanRequest {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: Context;
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
}

/** What a span's work may do with it. */
export interface Work {
  /** For the spans below it. */
  readonly context: Context;
  readonly span: Span;
}

/** A failure that belongs to the story: recorded on the span, logged, and passed on. */
export class ShopError extends Error {}

/** One service of the shop, with the telemetry of the world it is in. */
export class ShopService {
  readonly name: string;
  readonly meter: Meter;
  private readonly tracer: Tracer;
  private readonly logger: Logger;
  private readonly duration: Histogram;
  private readonly active: UpDownCounter;
  private readonly failures: Counter;
  private readonly telemetry: ServiceTelemetry;
  private readonly nowMs: () => number;

  constructor(name: string, version: string, world: ShopWorld) {
    this.name = name;
    this.telemetry = world.telemetryOf(name, version);
    this.nowMs = world.nowMs;
    this.tracer = this.telemetry.tracer;
    this.meter = this.telemetry.meter;
    this.logger = this.telemetry.logger;
    this.duration = this.meter.createHistogram('http.server.request.duration', {
      unit: 's',
      description: 'Duration of HTTP server requests',
      advice: { explicitBucketBoundaries: SECONDS_BUCKETS },
    });
    this.active = this.meter.createUpDownCounter('http.server.active_requests', { unit: '{request}' });
    this.failures = this.meter.createCounter('shop.failures', {
      unit: '{failure}',
      description: 'Failed requests',
    });
  }

  /** Runs `work` inside a span. An error of the story marks the span and is thrown on. */
  async span<Result>(request: SpanRequest, work: (work: Work) => Promise<Result>): Promise<Result> {
    const span = this.tracer.startSpan(
      request.name,
      {
        kind: request.kind,
        ...(request.attributes ? { attributes: request.attributes } : {}),
        ...(request.links ? { links: [...request.links] } : {}),
      },
      request.parent,
    );
    const inside = trace.setSpan(request.parent, span);
    try {
      return await work({ context: inside, span });
    } catch (error) {
      if (!(error instanceof ShopError)) throw error;
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  }

  /** An HTTP request as the server sees it, with its metrics. */
  async serve<Result>(
    method: string,
    route: string,
    parent: Context,
    work: (work: Work) => Promise<Result>,
  ): Promise<Result> {
    const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': 'http' };
    const startedMs = this.nowMs();
    this.active.add(1, attributes);
    let statusCode = 200;
    try {
      return await this.span(
        { name: `${method} ${route}`, kind: SpanKind.SERVER, parent, attributes },
        async (inside) => {
          try {
            return await work(inside);
          } catch (error) {
            statusCode = 500;
            if (error instanceof ShopError) {
              this.log('error', `${method} ${route} failed: ${error.message}`, inside.context);
            }
            throw error;
          } finally {
            inside.span.setAttribute('http.response.status_code', statusCode);
          }
        },
      );
    } finally {
      this.active.add(-1, attributes);
      if (statusCode >= 500) this.failures.add(1, attributes);
      const measured = { ...attributes, 'http.response.status_code': statusCode };
      this.duration.record((this.nowMs() - startedMs) / 1000, measured, parent);
    }
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', body: string, inside: Context = context.active()): void {
    const severity = {
      debug: SeverityNumber.DEBUG,
      info: SeverityNumber.INFO,
      warn: SeverityNumber.WARN,
      error: SeverityNumber.ERROR,
    };
    this.logger.emit({
      severityNumber: severity[level],
      severityText: level.toUpperCase(),
      body,
      attributes: { 'code.function.name': this.name },
      context: inside,
    });
  }

  /** Sends what is left. An endpoint that is gone is no reason to fail. */
  async stop(): Promise<void> {
    await this.telemetry.shutdown();
  }
}
