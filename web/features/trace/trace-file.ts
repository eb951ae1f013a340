import type { SpanJson } from '../../../proto/api/index.ts';

export interface TraceFile {
  readonly traceId: string;
  readonly spans: readonly SpanJson[];
  /** The trace has more spans than these. */
  readonly more: boolean;
}

export const textOfTrace = (trace: TraceFile): string => JSON.stringify(trace, undefined, 2);

const TEXTS = ['spanId', 'parentSpanId', 'name', 'service.id', 'service.name'];
const TIMES = ['startTimeUnixNano', 'endTimeUnixNano'];
const LISTS = ['attributes', 'events', 'links', 'resource.attributes', 'scope.attributes'];

/** Reads what `textOfTrace` wrote. Throws an `Error` that says what is wrong with the file. */
export function readTrace(text: string): TraceFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the file is not JSON: expected one that was saved here, on the page of a trace');
  }
  const { traceId, spans, more } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Partial<TraceFile>;
  if (typeof traceId !== 'string' || !Array.isArray(spans) || spans.length === 0) {
    throw new Error('the file holds no trace: expected {"traceId": …, "spans": [ … ]} as it is saved here');
  }
  spans.forEach((span: unknown, index) => {
    if (!isSpan(span)) throw new Error(`spans[${index}] is no span: expected one as it is saved here`);
  });
  return { traceId, spans, more: more === true };
}

function isSpan(value: unknown): value is SpanJson {
  if (typeof value !== 'object' || value === null) return false;
  const span = value as Readonly<Record<string, unknown>>;
  const has = (keys: readonly string[], test: (part: unknown) => boolean): boolean =>
    keys.every((key) => test(partOf(span, key)));
  return (
    has(TEXTS, (part) => typeof part === 'string') &&
    has(TIMES, (part) => /^\d{1,20}$/.test(String(part))) &&
    has(LISTS, Array.isArray) &&
    has(['status.code'], Number.isInteger)
  );
}

function partOf(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, key) => (part as Readonly<Record<string, unknown>> | undefined)?.[key], value);
}
