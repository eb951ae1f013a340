import type { Frame } from './frame.ts';

export interface SpanTailRow {
  readonly kind: 'span';
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly name: string;
  readonly spanKind: number;
  readonly statusCode: number;
  readonly timeUnixNano: string;
  readonly durationMs: number;
  readonly statusMessage: string;
}

export interface LogTailRow {
  readonly kind: 'log';
  readonly timeUnixNano: string;
  readonly service: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
}

export type TailRow = SpanTailRow | LogTailRow;

export function readSpanTail(frame: Frame): SpanTailRow[] {
  const text = (name: string) => frame.strings(name);
  const [traceId, spanId, service, name] = [text('traceId'), text('spanId'), text('service'), text('name')];
  const [time, message] = [text('startTimeUnixNano'), text('statusMessage')];
  const [kind, status, duration] = [
    frame.numbers('kind'),
    frame.numbers('statusCode'),
    frame.numbers('durationMs'),
  ];
  return Array.from({ length: frame.rowCount }, (_, row) => ({
    kind: 'span',
    traceId: String(traceId[row]),
    spanId: String(spanId[row]),
    service: String(service[row]),
    name: String(name[row]),
    spanKind: Number(kind[row]),
    statusCode: Number(status[row]),
    timeUnixNano: String(time[row]),
    durationMs: Number(duration[row]),
    statusMessage: String(message[row]),
  }));
}

export function readLogTail(frame: Frame): LogTailRow[] {
  const text = (name: string) => frame.strings(name);
  const [time, service, severityText] = [text('timeUnixNano'), text('service'), text('severityText')];
  const [body, traceId, spanId] = [text('body'), text('traceId'), text('spanId')];
  const severity = frame.numbers('severityNumber');
  return Array.from({ length: frame.rowCount }, (_, row) => ({
    kind: 'log',
    timeUnixNano: String(time[row]),
    service: String(service[row]),
    severityNumber: Number(severity[row]),
    severityText: String(severityText[row]),
    body: String(body[row]),
    traceId: String(traceId[row]),
    spanId: String(spanId[row]),
  }));
}
