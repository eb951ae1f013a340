import {
  SpanKind,
  trace,
  type Attributes,
  type Context,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  type SpanStatus,
  type Tracer,
} from '@opentelemetry/api';
import type { OtlpWriter } from './otlp-writer.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface SpanEvent {
  readonly name: string;
  readonly attributes: Attributes;
  readonly unixMs: number;
}

/** What writes spans as they end. */
interface SpanSink {
  readonly clock: VirtualClock;
  readonly newId: (digits: 16 | 32) => string;
  readonly write: (span: VirtualSpan) => void;
}

/** A span of the API whose times are the virtual clock's. */
export class VirtualSpan implements Span {
  readonly name: string;
  readonly options: SpanOptions;
  readonly parentSpanId: string;
  readonly startUnixMs: number;
  readonly attributes: Attributes;
  readonly events: SpanEvent[] = [];
  endUnixMs = 0;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  private readonly sink: SpanSink;
  private readonly context: SpanContext;

  constructor(name: string, options: SpanOptions, parent: SpanContext | undefined, sink: SpanSink) {
    this.name = name;
    this.options = options;
    this.attributes = { ...options.attributes };
    this.sink = sink;
    this.parentSpanId = parent?.spanId ?? '';
    this.startUnixMs = sink.clock.unixMs();
    this.context = { traceId: parent?.traceId ?? sink.newId(32), spanId: sink.newId(16), traceFlags: 1 };
  }

  spanContext(): SpanContext {
    return this.context;
  }

  setAttribute(key: string, value: Attributes[string]): this {
    this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  addEvent(name: string, attributes?: unknown): this {
    this.events.push({
      name,
      attributes: (attributes ?? {}) as Attributes,
      unixMs: this.sink.clock.unixMs(),
    });
    return this;
  }

  addLink(): this {
    throw new Error('the shop gives links when a span starts');
  }

  addLinks(): this {
    return this.addLink();
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  updateName(): this {
    throw new Error('the shop does not rename spans');
  }

  recordException(exception: Exception): void {
    const { name = '', message = '' } = typeof exception === 'string' ? { message: exception } : exception;
    this.addEvent('exception', { 'exception.type': name, 'exception.message': message });
  }

  isRecording(): boolean {
    return true;
  }

  end(): void {
    this.endUnixMs = this.sink.clock.unixMs();
    this.sink.write(this);
  }
}

export function virtualTracer(sink: SpanSink): Tracer {
  return {
    startSpan: (name: string, options: SpanOptions = {}, parent?: Context) =>
      new VirtualSpan(name, options, parent && trace.getSpanContext(parent), sink),
    startActiveSpan() {
      throw new Error('the shop passes contexts by hand');
    },
  };
}

/** As a `Span` of OTLP. */
export function writeSpan(writer: OtlpWriter, span: VirtualSpan): void {
  const { traceId, spanId } = span.spanContext();
  writer.message(1, Buffer.from(traceId, 'hex'));
  writer.message(2, Buffer.from(spanId, 'hex'));
  if (span.parentSpanId !== '') writer.message(4, Buffer.from(span.parentSpanId, 'hex'));
  writer.text(5, span.name);
  writer.integer(6, (span.options.kind ?? SpanKind.INTERNAL) + 1);
  writer.timeMs(7, span.startUnixMs);
  writer.timeMs(8, span.endUnixMs);
  writer.attributes(9, span.attributes);
  for (const event of span.events) {
    writer.within(11, () => {
      writer.timeMs(1, event.unixMs);
      writer.text(2, event.name);
      writer.attributes(3, event.attributes);
    });
  }
  for (const link of span.options.links ?? []) {
    writer.within(13, () => {
      writeLink(writer, link);
    });
  }
  if (span.status.code === SpanStatusCode.UNSET) return;
  writer.within(15, () => {
    writer.text(2, span.status.message ?? '');
    writer.integer(3, span.status.code);
  });
}

function writeLink(writer: OtlpWriter, { context }: Link): void {
  writer.message(1, Buffer.from(context.traceId, 'hex'));
  writer.message(2, Buffer.from(context.spanId, 'hex'));
}
