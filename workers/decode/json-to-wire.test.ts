import type protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../proto/columns/index.ts';
import { loadRequestTypes, toPlain } from '../reference/index.ts';
import { jsonToWire } from './index.ts';
import { REQUEST_TYPES, type FieldType, type MessageType } from './otlp-fields.ts';

const TYPES = await loadRequestTypes();

function wireOf(signal: Signal, json: string): Record<string, unknown> {
  const wire = jsonToWire(signal, new TextEncoder().encode(json));
  if ('undecodable' in wire) throw new Error(wire.reason);
  return toPlain(TYPES[signal], TYPES[signal].decode(wire));
}

function reasonOf(signal: Signal, json: string | Uint8Array): string {
  const bytes = typeof json === 'string' ? new TextEncoder().encode(json) : json;
  const wire = jsonToWire(signal, bytes);
  return 'undecodable' in wire ? wire.reason : 'accepted';
}

const spanJson = (fields: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`;
const pointJson = (fields: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{${fields}}]}}]}]}]}`;
const valueJson = (value: string): string =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${value}}]}]}]}`;

/** The only item, as protobufjs reads the wire bytes. */
function itemOf(plain: Record<string, unknown>, ...path: string[]): Record<string, unknown> {
  let at = plain;
  for (const step of path) {
    const next = at[step];
    at = (Array.isArray(next) ? next[0] : next) as Record<string, unknown>;
  }
  return at;
}
const spanOf = (fields: string): Record<string, unknown> =>
  itemOf(wireOf('traces', spanJson(fields)), 'resourceSpans', 'scopeSpans', 'spans');
const pointOf = (fields: string): Record<string, unknown> =>
  itemOf(
    wireOf('metrics', pointJson(fields)),
    'resourceMetrics',
    'scopeMetrics',
    'metrics',
    'gauge',
    'dataPoints',
  );
const bodyOf = (value: string): Record<string, unknown> =>
  itemOf(wireOf('logs', valueJson(value)), 'resourceLogs', 'scopeLogs', 'logRecords', 'body');

describe('the field table', () => {
  it('is that of the .proto files', () => {
    const seen = new Set<MessageType>();
    const compare = (message: MessageType, type: protobuf.Type): void => {
      if (seen.has(message)) return;
      seen.add(message);
      const described = message.fields.map((field) => [
        field.name,
        field.number,
        field.isRepeated,
        protoType(field),
      ]);
      const declared = type.fieldsArray.map((field) => [field.name, field.id, field.repeated, kindOf(field)]);
      const byNumber = (a: unknown[], b: unknown[]): number => Number(a[1]) - Number(b[1]);
      expect({ [message.name]: described.sort(byNumber) }).toEqual({
        [message.name]: declared.sort(byNumber),
      });
      for (const field of message.fields) {
        const resolved = type.fields[field.name]?.resolvedType;
        if (field.message && resolved && 'fieldsArray' in resolved) compare(field.message, resolved);
      }
    };
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      compare(REQUEST_TYPES[signal], TYPES[signal]);
    }
    expect(seen.size).toBeGreaterThan(25);
  });
});

function protoType(field: FieldType): string {
  if (field.message) return field.message.name;
  return field.kind === 'traceId' || field.kind === 'spanId' ? 'bytes' : field.kind;
}

function kindOf(field: protobuf.Field): string {
  const resolved = field.resolve().resolvedType;
  if (!resolved) return field.type;
  return 'values' in resolved ? 'enum' : resolved.name;
}

describe('jsonToWire', () => {
  it('reads ids in either case', () => {
    const span = spanOf(
      '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","parentSpanId":""',
    );
    expect(Buffer.from(span['traceId'] as Uint8Array).toString('hex')).toBe(
      '5b8efff798038103d269b633813fc60c',
    );
    expect(Buffer.from(span['spanId'] as Uint8Array).toString('hex')).toBe('eee19b7ec3c1b174');
    expect(span['parentSpanId']).toHaveLength(0);
  });

  it.each([
    ['a string', '"18446744073709551615"', 2n ** 64n - 1n],
    ['a number', '18446744073709551615', 2n ** 64n - 1n],
    ['a number beyond what a double holds', '1705327800000000001', 1_705_327_800_000_000_001n],
    ['a number with an exponent', '1.5e3', 1500n],
    ['words', '{"low":-1,"high":1}', 2n ** 33n - 1n],
    ['unsigned words', '{"low":4294967295,"high":-1,"unsigned":true}', 2n ** 64n - 1n],
  ])('reads a 64-bit time written as %s', (_, json, value) => {
    expect(spanOf(`"startTimeUnixNano": ${json}`)['startTimeUnixNano']).toBe(value);
  });

  it.each([
    ['"-9223372036854775808"', -(2n ** 63n)],
    ['-9007199254740993', -9_007_199_254_740_993n],
    ['{"low":0,"high":-2147483648}', -(2n ** 63n)],
    ['0', 0n],
  ])('reads the integer %s, zero as well', (json, value) => {
    expect(pointOf(`"asInt": ${json}`)['asInt']).toBe(value);
  });

  it.each([
    ['"NaN"', Number.NaN],
    ['"Infinity"', Number.POSITIVE_INFINITY],
    ['"-Infinity"', Number.NEGATIVE_INFINITY],
    ['-0.0', -0],
    ['1e400', Number.POSITIVE_INFINITY],
    ['"2.5"', 2.5],
  ])('reads the double %s', (json, value) => {
    expect(pointOf(`"asDouble": ${json}`)['asDouble']).toBe(value);
  });

  it.each([
    ['{}', {}],
    ['{"stringValue":""}', { stringValue: '' }],
    ['{"boolValue":false}', { boolValue: false }],
    ['{"bytesValue":"AQL/"}', { bytesValue: Uint8Array.of(1, 2, 255) }],
    ['{"bytesValue":"AQL_-w"}', { bytesValue: Uint8Array.of(1, 2, 255, 251) }],
    [
      '{"arrayValue":{"values":[{"intValue":"1"},null,{}]}}',
      { arrayValue: { values: [{ intValue: 1n }, {}, {}] } },
    ],
    ['{"arrayValue":{}}', { arrayValue: { values: [] } }],
    ['{"kvlistValue":{"values":[{"key":"k"}]}}', { kvlistValue: { values: [{ key: 'k', keyStrindex: 0 }] } }],
  ])('reads the value %s', (json, value) => {
    expect(bodyOf(json)).toEqual(value);
  });

  it.each([
    ['"\\u0061\\n\\"\\\\\\/\\t\\b\\f\\r"', 'a\n"\\/\t\b\f\r'],
    ['"\\ud83d\\ude00 \\u20ac"', '😀 €'],
    ['"\\ud83d"', '\ufffd'],
    ['"\\ud83dx"', '\ufffdx'],
    ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
    ['"ℵ 😀"', 'ℵ 😀'],
  ])('reads the text %s', (json, text) => {
    expect(bodyOf(`{"stringValue":${json}}`)).toEqual({ stringValue: text });
  });

  it('takes null for absent and passes over what OTLP does not name', () => {
    const span = spanOf(
      '"name":null,"kind":null,"attributes":null,"dropped_attributes_count":7,"Name":"no","x":[1,{"y":[true,false,null,-1.5e-3]}],"flags":1',
    );
    expect(span).toMatchObject({ name: '', kind: 0, attributes: [], droppedAttributesCount: 0, flags: 1 });
  });

  it('finds a name that is written with escapes', () => {
    expect(spanOf('"\\u006eame":"x"')['name']).toBe('x');
  });

  it('reads an empty request, with or without a byte order mark', () => {
    expect(wireOf('traces', ' {} \n')).toEqual({ resourceSpans: [] });
    expect(reasonOf('logs', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toBe('accepted');
  });

  it.each([
    [
      'an enum by name',
      '"kind":"SPAN_KIND_SERVER"',
      /spans\[0\]\.kind \(byte \d+\): expected the integer of an enum value, found the string "SPAN_KIND_SERVER"/,
    ],
    [
      'a base64 trace id',
      '"traceId":"W47/95gDgQPSabYzgT/GDA=="',
      /traceId .*hex expected: OTLP\/JSON writes an id as 32 hex digits/,
    ],
    [
      'a base64 span id',
      '"spanId":"7uGbfsPBsXQ="',
      /spanId .*hex expected: OTLP\/JSON writes an id as 16 hex digits/,
    ],
    ['an id that is neither', '"spanId":"zz"', /expected an id of 16 hex digits, found "zz"/],
    ['an id that is a number', '"spanId":5', /expected an id of 16 hex digits, found a number/],
    ['a string that is a number', '"name":5', /spans\[0\]\.name .*expected a string, found a number/],
    ['a list that is an object', '"attributes":{}', /attributes .*expected a list, found an object/],
    ['an object that is a list', '"status":[]', /status .*expected an object, found a list/],
    ['a fraction for an integer', '"droppedEventsCount":1.5', /expected an integer, found a fraction/],
    ['a negative count', '"droppedEventsCount":-1', /expected an integer from 0 to 4294967295, found -1/],
    [
      'a time that does not fit',
      '"startTimeUnixNano":"18446744073709551616"',
      /expected an integer from 0 to 18446744073709551615/,
    ],
    ['a time that is text', '"startTimeUnixNano":"now"', /startTimeUnixNano .*expected an integer/],
    ['a boolean for a number', '"flags":true', /flags .*expected an integer, found true/],
    ['a place in a list', '"attributes":[{"key":"a"},{"key":1}]', /attributes\[1\]\.key /],
  ])('refuses %s', (_, fields, message) => {
    const reason = reasonOf('traces', spanJson(fields));
    expect(reason).toMatch(
      /^The ExportTraceServiceRequest cannot be read\. At resourceSpans\[0\]\.scopeSpans\[0\]/,
    );
    expect(reason).toMatch(message);
  });

  it.each([
    ['', /at byte 0, in the top, expected a value, found the end/],
    ['{', /at byte 1, .*expected a name in quotes, found the end/],
    ['{"a":1,}', /at byte 7, .*expected a name in quotes/],
    ['{"a" 1}', /at byte 5, .*expected ":", found "1"/],
    ['{"a":01}', /at byte 6, .*expected "," or "}"/],
    ['{"a":1.}', /at byte 7, .*expected a digit/],
    ['{"a":-}', /at byte 6, .*expected a digit/],
    ['{"a":[1 2]}', /at byte 8, .*expected "," or "]"/],
    ['{"a":"\u0001"}', /at byte 6, .*expected the rest of a string/],
    ['{"a":"\\x"}', /at byte 6, .*escape that JSON knows/],
    ['{"a":"\\u12"}', /at byte 6, .*four hex digits/],
    ['{"a":"b', /at byte 7, .*expected the rest of a string, found the end/],
    ['{"a":nope}', /at byte 5, .*expected a value, found "n"/],
    ['{} {}', /at byte 3, .*expected the end of the text/],
  ])('says where %j is not JSON', (json, message) => {
    const reason = reasonOf('metrics', json);
    expect(reason).toMatch(/It is not valid JSON/);
    expect(reason).toMatch(message);
  });

  it('refuses a request that is no object', () => {
    expect(reasonOf('logs', '[]')).toMatch(/At the top \(byte 0\): expected an object, found a list/);
  });

  it('refuses nesting that would exhaust the stack', () => {
    expect(reasonOf('logs', `{"x":${'['.repeat(100_000)}`)).toMatch(/more than 400 deep/);
    const values = '{"arrayValue":{"values":['.repeat(50_000);
    expect(reasonOf('logs', valueJson(values))).toMatch(/more than 400 deep/);
  });
});
