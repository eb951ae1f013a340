import { tableFromIPC as flechetteTable } from '@uwdata/flechette';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENDPOINTS, type AnswerFormat, type Endpoint, type SpanJson } from '../../../proto/api/index.ts';
import type { HttpResponse } from '../../http/index.ts';
import { answerBody } from './answer-body.ts';
import { columnsOf } from './columns.ts';

const endpoint = ENDPOINTS.find(({ path }) => path === '/api/v1/traces/:traceId') as Endpoint;

function span(n: number): SpanJson {
  const resource = { attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
  return {
    service: { id: '~~cart', namespace: '', name: 'cart', environment: '' },
    resource,
    scope: { ...resource, name: 'a "scope", with\r\nmore', version: '' },
    traceId: 'ab'.repeat(16),
    spanId: n.toString(16).padStart(16, '0'),
    parentSpanId: '',
    name: n % 2 === 0 ? 'GET /' : '',
    kind: n % 6,
    startTimeUnixNano: String(1_700_000_000_123_456_789n + BigInt(n)),
    endTimeUnixNano: String(1_700_000_000_123_456_799n + BigInt(n)),
    status: { code: 2, message: 'ℵ' },
    traceState: '',
    flags: 4_294_967_295,
    attributes: [{ key: 'n', value: { intValue: String(n) } }],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
  };
}

async function bytesOf({
  body = '',
}: Pick<HttpResponse, 'body'>): Promise<{ bytes: Buffer; chunks: number }> {
  if (typeof body === 'string' || body instanceof Uint8Array) return { bytes: Buffer.from(body), chunks: 1 };
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), chunks: chunks.length };
}

const written = (format: AnswerFormat, spans: readonly SpanJson[], described = endpoint) =>
  bytesOf(answerBody(described, { traceId: 'ab'.repeat(16), spans }, format));

/** RFC 4180, apart from the code under test. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const [line] of text.matchAll(/(?:"(?:[^"]|"")*"|[^"\r\n])*\r\n/g)) {
    const fields = [...line.slice(0, -2).matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, field = '']) =>
      field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
    );
    rows.push(fields);
  }
  return rows;
}

describe.each([0, 1, 256, 257, 700])('an answer with %i rows', (rowCount) => {
  const spans = Array.from({ length: rowCount }, (_, n) => span(n));

  it('is the same JSON whether it is written at once or in chunks', async () => {
    const { bytes, chunks } = await written('json', spans);
    expect(bytes.toString()).toBe(JSON.stringify({ traceId: 'ab'.repeat(16), spans }));
    expect(chunks > 1).toBe(rowCount > 256);
  });

  it('has its other lists in chunks as well', async () => {
    const other = spans.map(({ spanId }) => spanId);
    const answer = { other, spans: spans.slice(0, 2), more: false };
    const { bytes, chunks } = await bytesOf(answerBody(endpoint, answer, 'json'));
    expect(bytes.toString()).toBe(JSON.stringify(answer));
    expect(chunks > 1).toBe(rowCount > 256);
  });

  it('is one row a line in NDJSON', async () => {
    const { bytes } = await written('ndjson', spans);
    const lines = bytes.toString().split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(spans);
  });

  it('has a named column for every value in CSV', async () => {
    const [names = [], ...rows] = parseCsv((await written('csv', spans)).bytes.toString());
    expect(names).toContain('service.name');
    expect(new Set(names).size).toBe(names.length);
    expect(rows).toHaveLength(rowCount);
    rows.forEach((row, n) => {
      const at = (name: string): string | undefined => row[names.indexOf(name)];
      expect(row).toHaveLength(names.length);
      expect(at('scope.name')).toBe(span(n).scope.name);
      expect(at('startTimeUnixNano')).toBe(span(n).startTimeUnixNano);
      expect(at('status.code')).toBe('2');
      expect(JSON.parse(at('attributes') ?? '')).toEqual(span(n).attributes);
    });
  });

  it('has values as they are in CSV, formulas of spreadsheets among them', async () => {
    const formulas = ['=1+1', '+1', '-1 items', '@user', '\t=1'];
    const named = spans.map((one, n) => ({ ...one, name: formulas[n % formulas.length] ?? '' }));
    const [names = [], ...rows] = parseCsv((await written('csv', named)).bytes.toString());
    expect(rows.map((row) => row[names.indexOf('name')])).toEqual(named.map(({ name }) => name));
  });

  it('has typed columns in Arrow, for either reader', async () => {
    const { bytes } = await written('arrow', spans);
    const table = tableFromIPC(bytes);
    expect(table.numRows).toBe(rowCount);
    const types = Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)]));
    expect(types).toMatchObject({
      'service.name': 'Utf8',
      startTimeUnixNano: 'Timestamp<NANOSECOND, UTC>',
      kind: 'Int64',
      attributes: 'Utf8',
    });
    const other = flechetteTable(bytes, { useBigInt: true });
    expect(other.numRows).toBe(rowCount);
    const flags = other.getChild('flags');
    const names = table.getChild('name');
    const times = table
      .getChild('startTimeUnixNano')
      ?.data.flatMap(({ values }) => [...(values as BigInt64Array)]);
    spans.forEach(({ name, startTimeUnixNano }, n) => {
      expect(names?.get(n)).toBe(name);
      expect(String(times?.[n])).toBe(startTimeUnixNano);
      expect(flags.at(n)).toBe(4_294_967_295n);
    });
  });
});

describe('columns of a schema', () => {
  it('follow its types', () => {
    const item = z.object({
      a: z.object({ b: z.string(), c: z.number().nullable() }).readonly(),
      d: z.boolean(),
      e: z.int(),
      f: z.array(z.string()),
      g: z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])]),
      h: z.enum(['x', 'y']),
      i: z.object({ j: z.string() }).nullable(),
    });
    const columns = columnsOf(item);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['a.b', 'text'],
      ['a.c', 'double'],
      ['d', 'boolean'],
      ['e', 'int64'],
      ['f', 'text'],
      ['g', 'double'],
      ['h', 'text'],
      ['i.j', 'text'],
    ]);
    const row = { a: { b: 'x', c: null }, d: true, e: 1, f: ['y'], g: 'NaN', h: 'x', i: null };
    expect(columns.map(({ read }) => read(row))).toEqual([
      'x',
      null,
      true,
      1,
      '["y"]',
      'NaN',
      'x',
      undefined,
    ]);
  });

  it('exist for the rows of every endpoint', () => {
    const rows = (ENDPOINTS as readonly Endpoint[]).flatMap((endpoint) => endpoint.rows ?? []);
    expect(rows.length).toBeGreaterThan(0);
    for (const { item } of rows) expect(columnsOf(item).length).toBeGreaterThan(2);
  });
});
