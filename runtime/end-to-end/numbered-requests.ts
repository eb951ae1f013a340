import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { loadRequestTypes } from '../../workers/reference/index.ts';

export type Encoding = 'protobuf' | 'json';

/** Requests whose every item says to which request it belongs, so that it can be found again. */
export interface NumberedRequests {
  readonly itemsPerRequest: number;
  /** The same bytes for the same number. */
  encode(signal: Signal, number: number, encoding: Encoding): Buffer;
}

/** What items of all numbered requests are told by. */
export const NUMBERED = { service: 'numbered', metric: 'numbered.points' } as const;

/** Of spans and logs the trace id, of points the time. */
const MARK_ID = Buffer.from('a5a6a7a8a9aaabacadaeafb0b1b2b3b4', 'hex');
const MARK_TIME = 0x7172_7374_7576_7778n;

/** The first half of a trace id; the second is the request's number. */
const ID_HEAD = 0x6e75_6d62_6572_6564n;

/** Points of request n are of this moment and n nanoseconds. */
export const POINTS_SINCE_UNIX_NANO = 1_700_000_000_000_000_000n;

export async function createNumberedRequests(itemsPerRequest: number): Promise<NumberedRequests> {
  const types = await loadRequestTypes();
  const templates = Object.fromEntries(
    SIGNALS.map((signal) => {
      const json = requestJson(signal, itemsPerRequest);
      const bytes = Buffer.from(types[signal].encode(types[signal].fromObject(binary(json))).finish());
      return [
        signal,
        { bytes, places: placesOf(signal, bytes, itemsPerRequest), text: JSON.stringify(json) },
      ];
    }),
  ) as Record<Signal, { readonly bytes: Buffer; readonly places: readonly number[]; readonly text: string }>;
  return {
    itemsPerRequest,
    encode(signal, number, encoding) {
      const { bytes, places, text } = templates[signal];
      if (encoding === 'json') {
        return Buffer.from(
          signal === 'metrics'
            ? text.replaceAll(String(MARK_TIME), String(POINTS_SINCE_UNIX_NANO + BigInt(number)))
            : text.replaceAll(MARK_ID.toString('hex'), traceIdOf(number).toString('hex')),
        );
      }
      const copy = Buffer.from(bytes);
      if (signal === 'metrics') {
        for (const place of places) copy.writeBigUInt64LE(POINTS_SINCE_UNIX_NANO + BigInt(number), place);
      } else {
        const id = traceIdOf(number);
        for (const place of places) copy.set(id, place);
      }
      return copy;
    },
  };
}

function traceIdOf(number: number): Buffer {
  const id = Buffer.alloc(16);
  id.writeBigUInt64BE(ID_HEAD, 0);
  id.writeBigUInt64BE(BigInt(number), 8);
  return id;
}

function placesOf(signal: Signal, bytes: Buffer, count: number): readonly number[] {
  const mark = Buffer.alloc(8);
  mark.writeBigUInt64LE(MARK_TIME);
  const needle = signal === 'metrics' ? mark : MARK_ID;
  const found: number[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
    found.push(at);
  }
  if (found.length !== count) throw new Error(`found ${found.length} places for ${count} items`);
  return found;
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

function attributes(index: number): object[] {
  return [
    text('http.route', ['/cart', '/checkout', '/search'][index % 3] ?? ''),
    text('http.request.method', 'GET'),
    { key: 'index', value: { intValue: String(index) } },
  ];
}

function requestJson(signal: Signal, count: number): object {
  const resource = { attributes: [text('service.name', NUMBERED.service), text('host.name', 'node-1')] };
  const traceId = MARK_ID.toString('hex');
  const nowNano = BigInt(Date.now()) * 1_000_000n;
  const items = <Item>(item: (index: number, spanId: string) => Item): Item[] =>
    Array.from({ length: count }, (_, index) => item(index, (index + 1).toString(16).padStart(16, '0')));
  switch (signal) {
    case 'traces': {
      const spans = items((index, spanId) => ({
        traceId,
        spanId,
        name: `operation ${index % 5}`,
        kind: 2,
        startTimeUnixNano: String(nowNano),
        endTimeUnixNano: String(nowNano + BigInt(index) * 1_000n),
        attributes: attributes(index),
      }));
      return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
    }
    case 'logs': {
      const logRecords = items((index, spanId) => ({
        traceId,
        spanId,
        timeUnixNano: String(nowNano),
        severityNumber: 9,
        body: { stringValue: `message ${index % 7}` },
        attributes: attributes(index),
      }));
      return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
    }
    case 'metrics': {
      const dataPoints = items((index) => ({
        timeUnixNano: String(MARK_TIME),
        asInt: String(index),
        attributes: attributes(index),
      }));
      const metrics = [{ name: NUMBERED.metric, gauge: { dataPoints } }];
      return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
    }
  }
}

/** JSON has ids in hexadecimal, protobufjs takes bytes. */
function binary(value: unknown): Record<string, unknown> {
  const convert = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(convert);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([key, inner]) => [
        key,
        key === 'traceId' || key === 'spanId' ? Buffer.from(String(inner), 'hex') : convert(inner),
      ]),
    );
  };
  return convert(value) as Record<string, unknown>;
}
