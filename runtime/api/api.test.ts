import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  TELEMETRY_ENDPOINTS,
  type ApiAnswers,
  type ErrorBody,
  type StatusJson,
  type TelemetryPath,
} from '../../proto/api/index.ts';
import {
  QueryLimitError,
  StorageUnavailableError,
  type Page,
  type QueryRun,
  type SpanHit,
  type TelemetryHistory,
  type TimeRange,
} from '../../actors/ports/index.ts';
import type { CausesAnswer } from '../../actors/insights/index.ts';
import { PoolError } from '../../workers/pool/index.ts';
import { EMPTY_HISTORY, forgetfulArchive, logBatches, spanBatches } from '../../actors/fixtures/index.ts';
import { PATH_NEEDS } from '../../proto/access/index.ts';
import { startDomain, type Domain } from '../domain/index.ts';
import type { HttpResponse } from '../http/index.ts';
import { Ledger } from '../ingest/index.ts';
import { createLog } from '../log/index.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { Right } from './rights.ts';
import { NO_CONTROL_PLANE, NO_INSIGHTS, NO_SETTINGS, openDoor } from './fixtures/index.ts';
import { answerApi, answerTooLarge, isApiPath } from './index.ts';

type CriticalPath = ApiAnswers['/api/v1/traces/:traceId/critical-path'];
type Comparison = ApiAnswers['/api/v1/traces/:traceId/compare'];

const HEX = '0af7651916cd43dd8448eb211c80319c';
const SERVICE = '~~cart';
/** Every route, with parameters that are right. */
const ROUTES: Readonly<Record<Exclude<TelemetryPath, '/api/v1/sql'>, string>> = {
  '/api/v1/services': '/api/v1/services',
  '/api/v1/services/:service/operations': `/api/v1/services/${SERVICE}/operations`,
  '/api/v1/services/:service/expected': `/api/v1/services/${SERVICE}/expected`,
  '/api/v1/traces': '/api/v1/traces',
  '/api/v1/traces/:traceId': `/api/v1/traces/${HEX}`,
  '/api/v1/traces/:traceId/critical-path': `/api/v1/traces/${HEX}/critical-path`,
  '/api/v1/traces/:traceId/compare': `/api/v1/traces/${HEX}/compare?with=${HEX}`,
  '/api/v1/logs': '/api/v1/logs',
  '/api/v1/traces/aggregate': '/api/v1/traces/aggregate',
  '/api/v1/traces/facets': '/api/v1/traces/facets',
  '/api/v1/traces/diff': '/api/v1/traces/diff',
  '/api/v1/traces/shapes': '/api/v1/traces/shapes',
  '/api/v1/logs/:logId/context': '/api/v1/logs/1600000000000000000-1-0/context',
  '/api/v1/logs/patterns': '/api/v1/logs/patterns',
  '/api/v1/logs/aggregate': '/api/v1/logs/aggregate',
  '/api/v1/logs/facets': '/api/v1/logs/facets',
  '/api/v1/logs/diff': '/api/v1/logs/diff',
  '/api/v1/metrics': '/api/v1/metrics',
  '/api/v1/metrics/catalogue': '/api/v1/metrics/catalogue',
  '/api/v1/metrics/exemplars': '/api/v1/metrics/exemplars?name=size',
  '/api/v1/metrics/series': '/api/v1/metrics/series?name=size',
  '/api/v1/metrics/forecast': '/api/v1/metrics/forecast?query=size',
  '/api/v1/metrics/band': '/api/v1/metrics/band?query=size',
  '/api/v1/capacity': '/api/v1/capacity',
  '/api/v1/changes': '/api/v1/changes',
  '/api/v1/root-causes': `/api/v1/root-causes?service=${SERVICE}`,
  '/api/v1/graph': '/api/v1/graph',
  '/api/v1/status': '/api/v1/status',
  '/api/v1/ledger': '/api/v1/ledger',
};
const WITH_RANGE = Object.values(ROUTES).filter(
  (path) => !/status|ledger|expected|root-causes|traces\/|logs\//.test(path),
);
const WITH_SERVICE = ['/api/v1/traces', '/api/v1/logs', '/api/v1/metrics', '/api/v1/metrics/series?name=x'];
const WITH_LIMIT = [
  ['/api/v1/traces', 500],
  ['/api/v1/logs', 5_000],
  ['/api/v1/metrics/series?name=x', 1_000],
] as const;
const MOMENT = 'expected now, now-15m, an RFC 3339 time, or Unix time in s, ms, µs or ns';

const LIMITS = { deadlineMs: 30_000, maxRowsRead: 1_000_000, maxBytesRead: 1_000_000_000 };

const status = { version: 'test' } as StatusJson;
function withParameter(path: string, parameter: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${parameter}`;
}

function isRange(value: unknown): value is TimeRange {
  return typeof value === 'object' && value !== null && 'fromUnixNano' in value;
}

describe('the API', () => {
  let domain: Domain;
  let isReady = true;
  let waitingItems = 0;
  let rights: Right[] = [];
  /** What the cold tier was asked last; it has nothing, or cannot be reached. */
  let asked: unknown[] = [];
  let failure: Error | undefined;
  let hits: readonly SpanHit[] = [];
  let causes: CausesAnswer | undefined;

  const history = new Proxy(EMPTY_HISTORY, {
    get:
      (empty, name: keyof TelemetryHistory) =>
      (...parameters: unknown[]): Promise<unknown> => {
        if (name !== 'spansOf') asked = parameters;
        if (failure) return Promise.reject(failure);
        if (name === 'findTraces') return Promise.resolve(hits);
        return Promise.resolve(
          Reflect.apply(empty[name].bind(empty) as () => Promise<unknown>, empty, parameters),
        );
      },
  });

  beforeAll(() => {
    domain = startDomain({
      archive: forgetfulArchive(),
      history,
      source: { read: () => Readable.from([]), has: () => false },
      archivedThrough: 1,
      onArchived: () => undefined,
      publish: () => undefined,
      windowMaxBytes: 2 ** 20,
      windowMaxAgeMs: 60_000,
      log: createLog('silent'),
    });
  });
  afterAll(() => domain.stop());
  beforeEach(() => {
    isReady = true;
    waitingItems = 0;
    rights = [];
    failure = undefined;
    asked = [];
    hits = [];
    causes = undefined;
  });

  const get = (
    target: string,
    method = 'GET',
    headers: Readonly<Record<string, string>> = {},
    sent = '',
  ): Promise<HttpResponse> => {
    const [path = '', query = ''] = target.split('?');
    return answerApi(
      {
        version: '1.2.3',
        limits: LIMITS,
        query: domain.query,
        prometheus: domain.prometheus,
        outlook: domain.outlook,
        capacity: domain.capacity,
        listPatterns: domain.listPatterns,
        readExpected: domain.readExpected,
        findCauses: (query) => (causes ? Promise.resolve(causes) : domain.findCauses(query)),
        door: openDoor(),
        access: NO_CONTROL_PLANE,
        settings: NO_SETTINGS,
        insights: NO_INSIGHTS,
        changes: { list: () => (failure ? Promise.reject(failure) : Promise.resolve([])) },
        sql: {
          select: (text, format) => Promise.resolve(Readable.from([Buffer.from(`${format}: ${text}`)])),
        },
        rights: { granted: new Set(rights), noteRefusal: () => undefined },
        status: () => status,
        waitingItems: () => waitingItems,
        ledger: () => new Ledger(1).toJson(),
        nowUnixNano: () => 1_700_000_000_000_000_000n,
        isReady: () => isReady,
      },
      {
        method,
        path,
        query,
        header: (name) => headers[name],
        remoteAddress: '',
        body: Buffer.from(sent),
        reserve: () => true,
        signal: new AbortController().signal,
      },
    );
  };
  const textOf = ({ body }: HttpResponse): string => (typeof body === 'string' ? body : '');
  const bodyOf = (response: HttpResponse): unknown => JSON.parse(textOf(response));
  const errorOf = async (
    target: string,
    method?: string,
  ): Promise<ErrorBody['error'] & { status: number }> => {
    const response = await get(target, method);
    expect(response.headers?.['content-type']).toBe('application/json');
    return { status: response.status, ...(bodyOf(response) as ErrorBody).error };
  };

  describe('with what it expects', () => {
    it.each(Object.values(ROUTES))('%s answers 200, with nothing found', async (target) => {
      const response = await get(target);
      expect(response.status).toBe(200);
      expect(response.headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
    });

    it('an unknown service, trace, name or label is an empty answer', async () => {
      expect(bodyOf(await get('/api/v1/services/a~b~c/operations'))).toEqual({ operations: [] });
      expect(bodyOf(await get('/api/v1/services/a~b~c/expected'))).toEqual({
        ...{ stepMs: 10_000, learning: ['requests', 'errors', 'p95'], steps: [] },
      });
      expect(bodyOf(await get(`/api/v1/traces/${HEX.toUpperCase()}`))).toEqual({
        traceId: HEX,
        spans: [],
        more: false,
      });
      expect(bodyOf(await get('/api/v1/traces?service=a~b~c'))).toEqual({
        traces: [],
        more: false,
        nextCursor: null,
      });
      expect(bodyOf(await get('/api/v1/logs?service=a~b~c'))).toEqual({
        logs: [],
        more: false,
        nextCursor: null,
      });
      expect(bodyOf(await get('/api/v1/metrics?service=a~b~c'))).toEqual({ metrics: [] });
      expect(bodyOf(await get('/api/v1/metrics/series?name=none&label=a=b&label=c='))).toEqual({
        series: [],
        more: false,
      });
    });

    it('the id of a log record is read as it is given out, and refused otherwise', async () => {
      expect(bodyOf(await get('/api/v1/logs/1700000000000000000-1-0/context?before=0&after=3'))).toEqual({
        logs: [],
        moreBefore: false,
        moreAfter: false,
      });
      for (const id of ['x', '1-2', '99999999999999999999-1-0', '1-1-4294967296', '1-9999999999999999-1']) {
        expect(await errorOf(`/api/v1/logs/${id}/context`)).toMatchObject({
          status: 400,
          code: 'BAD_REQUEST',
        });
      }
      for (const count of ['before=-1', 'after=1001', 'before=many']) {
        expect((await errorOf(`/api/v1/logs/1-1-0/context?${count}`)).status).toBe(400);
      }
    });

    it('causes of an unknown service are none, and why is said', async () => {
      expect(bodyOf(await get('/api/v1/root-causes?service=a~b~c&until=now-1m'))).toMatchObject({
        ...{ reason: 'unknown-service', startedUnixMs: null, untilUnixMs: 1_699_999_940_000 },
        ...{ changed: [], inCommon: [], rootCauses: [] },
      });
    });

    it('HEAD is answered like GET', async () => {
      expect((await get('/api/v1/services', 'HEAD')).status).toBe(200);
    });
  });

  describe('of causes, which few may ask for at a time', () => {
    const target = `/api/v1/root-causes?service=${SERVICE}`;

    it('says when to ask again', async () => {
      causes = { type: 'busy', retryAfterMs: 9_001 };
      const response = await get(target);
      expect([response.status, response.headers?.['retry-after']]).toEqual([503, '10']);
      expect(bodyOf(response)).toMatchObject({ error: { code: 'OVERLOADED' } });
    });

    it('says that there was no answer in time', async () => {
      causes = { type: 'failed', error: new PoolError('DEADLINE_EXCEEDED', 'the threads had no answer') };
      expect(await errorOf(target)).toMatchObject({ status: 504, code: 'DEADLINE_EXCEEDED' });
    });

    it('shows a bug as one', async () => {
      causes = { type: 'failed', error: new Error('on purpose') };
      await expect(get(target)).rejects.toThrow('on purpose');
    });
  });

  describe('with bad input', () => {
    it.each(Object.values(ROUTES))('%s: a wrong method is 405 and says which is right', async (target) => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const response = await get(target, method);
        expect(response.status).toBe(405);
        expect(response.headers?.['allow']).toBe('GET, HEAD');
        expect((bodyOf(response) as ErrorBody).error).toMatchObject({
          code: 'METHOD_NOT_ALLOWED',
          message: `${target.split('?')[0] ?? ''} is read with GET, not ${method}`,
        });
      }
    });

    it.each(['/api/v1/nothing', '/api/v2/services', '/api/', '/api/v1/traces/', '/api/v1/services/x/y/z'])(
      '%s is 404 and names the paths there are',
      async (path) => {
        expect(isApiPath(path)).toBe(true);
        const { status: code, message, cure } = await errorOf(path);
        // A trailing slash is an empty trace id.
        expect(code).toBe(path.endsWith('traces/') ? 400 : 404);
        expect(message).toContain(path.endsWith('traces/') ? 'traceId' : path);
        expect(path.endsWith('traces/') || cure?.includes('/api/v1/traces/:traceId')).toBe(true);
      },
    );

    it.each(WITH_RANGE)('%s: a wrong time is 400, named with what was expected', async (target) => {
      for (const [name, value] of [
        ['from', 'yesterday'],
        ['to', '2024-13-45T00:00:00Z'],
        ['to', '2023-02-29T00:00:00Z'],
        ['to', '2024-04-31T00:00:00Z'],
        ['from', '12'],
        ['to', 'now-5y'],
        ['from', ''],
      ] as const) {
        expect(await errorOf(withParameter(target, `${name}=${value}`))).toMatchObject({
          status: 400,
          code: 'BAD_REQUEST',
          message: `${name} is ${JSON.stringify(value)}: ${MOMENT}`,
        });
      }
    });

    const causesPath = `/api/v1/root-causes?service=${SERVICE}`;
    it.each([
      [
        'since=now-26m',
        'since (now-26m) is longer ago than 25 minutes: what is compared is held for half an hour',
      ],
      ['since=now', 'since (now) is not in the past'],
      ['since=1800000000', 'since (1800000000) is not in the past'],
      ['since=now-1m&until=now-2m', 'since (now-1m) is not before until (now-2m)'],
      ['since=yesterday', `since is "yesterday": ${MOMENT}`],
      ['until=', `until is "": ${MOMENT}`],
      ['signal=', 'signal is "": Too small: expected string to have >=1 characters'],
    ])('causes: %s is 400', async (parameter, message) => {
      const given = await errorOf(withParameter(causesPath, parameter));
      expect(given).toMatchObject({ status: 400, code: 'BAD_REQUEST', message });
    });

    it('causes: no service, or an id that is none, is 400', async () => {
      expect(await errorOf('/api/v1/root-causes')).toMatchObject({
        status: 400,
        message: 'service is missing',
      });
      expect(await errorOf('/api/v1/root-causes?service=cart')).toMatchObject({
        ...{ status: 400, message: 'service is "cart": expected environment~namespace~name' },
      });
    });

    it.each(WITH_RANGE)('%s: a range that ends before it begins is 400', async (target) => {
      expect(await errorOf(withParameter(target, 'from=now-1m&to=now-1h'))).toMatchObject({
        status: 400,
        message: 'from (now-1m) is not before to (now-1h)',
      });
      expect((await errorOf(withParameter(target, 'from=1700000000&to=1700000000'))).status).toBe(400);
    });

    const asRead = WITH_RANGE.filter((path) => !/forecast|band|capacity|changes/.test(path));
    it.each(asRead)('%s: a time before or beyond all telemetry is a time like others', async (target) => {
      for (const range of ['from=now-999999d', 'from=0001-01-01T00:00:00Z', 'to=9999999999999999999']) {
        expect((await get(withParameter(target, range))).status).toBe(200);
        const wanted = asked
          .flatMap((value) => [value, (value as { range?: unknown } | undefined)?.range])
          .filter(isRange);
        expect(wanted).toHaveLength(1);
        expect(wanted[0]?.fromUnixNano).toBeGreaterThanOrEqual(0n);
        expect(wanted[0]?.toUnixNano).toBeLessThan(2n ** 63n);
      }
    });

    it.each(Object.values(ROUTES).filter((path) => !/status|ledger|expected|traces\/|logs\//.test(path)))(
      '%s: an unknown parameter is 400 and the known ones are named',
      async (target) => {
        for (const name of ['form', 'constructor', '__proto__']) {
          const error = await errorOf(withParameter(target, `${name}=now-1h`));
          expect(error).toMatchObject({ status: 400, message: `there is no parameter ${name}` });
          expect(error.cure).toMatch(/^use one of (from, to|service, since, until)/);
        }
      },
    );

    it.each(WITH_SERVICE)('%s: what is no service id is 400', async (target) => {
      for (const id of ['cart', 'a~b', 'a~b~c~d', '~~', '~~%25zz']) {
        const error = await errorOf(withParameter(target, `service=${id}`));
        expect(error).toMatchObject({
          status: 400,
          message: `service is ${JSON.stringify(decodeURIComponent(id))}: expected environment~namespace~name`,
        });
        expect(error.cure).toBe('take the id from /api/v1/services');
      }
    });

    it('a service id in the path is checked as well', async () => {
      expect(await errorOf('/api/v1/services/cart/operations')).toMatchObject({
        status: 400,
        message: 'service is "cart": expected environment~namespace~name',
      });
      expect(await errorOf('/api/v1/services/%zz/operations')).toMatchObject({
        status: 400,
        message: '"%zz" in the path is not percent-encoded',
      });
    });

    it.each(WITH_LIMIT)('%s: a limit that is none, or too large, is 400', async (target, most) => {
      for (const value of ['0', '-1', '1.5', 'many', String(most + 1), '1e99', 'Infinity', '']) {
        const error = await errorOf(withParameter(target, `limit=${value}`));
        expect(error.status).toBe(400);
        expect(error.message).toBe(
          `limit is ${JSON.stringify(value)}: expected a whole number from 1 to ${most}`,
        );
      }
      expect((await get(withParameter(target, `limit=${most}`))).status).toBe(200);
    });

    it('a wrong trace id is 400', async () => {
      for (const id of ['abc', `${HEX}00`, 'z'.repeat(32)]) {
        const expected = { status: 400, message: `traceId is "${id}": expected 32 hexadecimal digits` };
        expect(await errorOf(`/api/v1/traces/${id}`)).toMatchObject(expected);
        expect(await errorOf(`/api/v1/logs?traceId=${id}`)).toMatchObject(expected);
      }
    });

    it('a duration that is none is 400', async () => {
      for (const name of ['minDurationMs', 'maxDurationMs']) {
        for (const value of ['-1', 'slow', 'Infinity', 'NaN']) {
          const error = await errorOf(`/api/v1/traces?${name}=${value}`);
          expect(error.status).toBe(400);
          expect(error.message).toMatch(new RegExp(`^${name} is "${value}": .*expected `, 'i'));
        }
      }
    });

    it.each(['traces', 'logs'])('a search line of %s is told where it is wrong', async (kind) => {
      const response = await get(`/api/v1/${kind}?q=${encodeURIComponent('a (b OR')}`);
      expect(response.status).toBe(400);
      expect(JSON.parse(response.body as string)).toMatchObject({
        error: {
          code: 'BAD_REQUEST',
          message: expect.stringMatching(
            /^q is no search: at position 7: expected a term: .*, found the end$/,
          ) as string,
        },
      });
    });

    it('a duration longer than any is one like others', async () => {
      expect((await get('/api/v1/traces?minDurationMs=1e305&maxDurationMs=1e300')).status).toBe(200);
      const longest = 2n ** 63n - 1n;
      expect(asked).toContainEqual({ search: { type: 'duration', minNano: longest, maxNano: longest } });
    });

    it('a status, severity, label or name that is none is 400', async () => {
      expect(await errorOf('/api/v1/traces?status=bad')).toMatchObject({
        status: 400,
        message: expect.stringMatching(/^status is "bad": .*expected.*"error".*"ok"/i) as string,
      });
      for (const value of ['0', '25', 'ERROR', '1.5']) {
        const error = await errorOf(`/api/v1/logs?minSeverity=${value}`);
        expect(error.status).toBe(400);
        expect(error.message).toMatch(new RegExp(`^minSeverity is "${value}": .*expected`, 'i'));
      }
      const labelled = await errorOf('/api/v1/metrics/series?name=x&label=a=b&label=c');
      expect(labelled).toMatchObject({ status: 400, message: 'label is ["a=b","c"]: expected key=value' });
      expect(await errorOf('/api/v1/metrics/series')).toMatchObject({
        status: 400,
        message: 'name is missing',
      });
      expect((await errorOf('/api/v1/metrics/series?name=')).status).toBe(400);
    });

    it('a text that is too long is 400', async () => {
      for (const target of ['/api/v1/traces', '/api/v1/logs']) {
        const error = await errorOf(`${target}?text=${'x'.repeat(1_001)}`);
        expect(error.status).toBe(400);
        expect(error.message).toMatch(/^text is "x/);
        expect(error.message.length).toBeLessThan(400);
      }
    });

    it('a body that is too large is 413', () => {
      const response = answerTooLarge();
      expect(response.status).toBe(413);
      expect(bodyOf(response)).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
    });
  });

  describe('when a store cannot be reached', () => {
    // Patterns, shapes and causes are of what is in memory alone.
    const kept = /status|ledger|expected|shapes|patterns|root-causes/;
    it.each(Object.values(ROUTES).filter((path) => !kept.test(path)))(
      '%s answers 503, and tells nothing of the inside',
      async (target) => {
        failure = new StorageUnavailableError('ClickHouse', new Error('connect ECONNREFUSED 10.0.0.7:8123'));
        const response = await get(target);
        expect(response.status).toBe(503);
        expect(response.headers?.['retry-after']).toBe('5');
        const { error } = bodyOf(response) as ErrorBody;
        expect(error.code).toBe('STORAGE_UNAVAILABLE');
        expect(JSON.stringify(error)).not.toContain('10.0.0.7');
      },
    );

    it('shapes of traces are answered all the same: they are of what is in memory', async () => {
      failure = new StorageUnavailableError('ClickHouse', new Error('away'));
      expect((await get('/api/v1/traces/shapes')).status).toBe(200);
    });

    it('a bug is left to the server, which shows nothing of it', async () => {
      failure = new TypeError('x is not a function');
      await expect(get('/api/v1/services')).rejects.toThrow(failure);
    });
  });

  describe('with pages', () => {
    const HITS = [5n, 4n, 3n].map((startTimeUnixNano) => ({ traceId: HEX, startTimeUnixNano }));
    const firstCursor = async (target: string): Promise<string> => {
      hits = HITS.map((hit, i) => ({ ...hit, traceId: HEX.replace(/^0/, String(i)) }));
      const { nextCursor } = bodyOf(await get(target)) as { nextCursor: string };
      return nextCursor;
    };

    it('continues behind the last one, in the range and the data of the first page', async () => {
      const cursor = await firstCursor('/api/v1/traces?limit=2&from=now-1h');
      hits = [];
      expect((await get(`/api/v1/traces?limit=7&from=now-1h&cursor=${cursor}`)).status).toBe(200);
      const [, range, page] = asked as [unknown, TimeRange, Page<SpanHit>];
      const now = 1_700_000_000_000_000_000n;
      expect(range).toEqual({ fromUnixNano: now - 3_600_000_000_000n, toUnixNano: now + 60_000_000_000n });
      expect(page.after).toEqual({ traceId: HEX.replace(/^0/, '1'), startTimeUnixNano: 4n });
      expect(page.limit).toBe(8);
      expect(page.asOf).toEqual({ segment: 1, ordinal: 4_294_967_295 });
    });

    it('has the cursor in a header where the body has no place for it', async () => {
      const cursor = await firstCursor('/api/v1/traces?limit=2');
      const { headers } = await get('/api/v1/traces?limit=2', 'GET', { accept: 'text/csv' });
      expect(headers?.['x-ophion-next-cursor']).toBe(cursor);
    });

    it('a cursor that is none, is cut, or is of another search is 400', async () => {
      const cursor = await firstCursor('/api/v1/traces?limit=2');
      const changed = (content: unknown): string =>
        Buffer.from(JSON.stringify(content)).toString('base64url');
      const content = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
      for (const bad of [
        'x',
        '',
        cursor.slice(0, -4),
        changed([2, ...content.slice(1)]),
        changed([...content.slice(0, 6), ['5', 'not hex']]),
        changed([...content.slice(0, 6), ['99999999999999999999', HEX]]),
        changed([...content.slice(0, 4), -1, ...content.slice(5)]),
        changed({}),
      ]) {
        expect(await errorOf(`/api/v1/traces?limit=2&cursor=${bad}`)).toMatchObject({
          status: 400,
          message: 'cursor is none that this version gives out',
        });
      }
      expect(await errorOf(`/api/v1/traces?limit=2&status=error&cursor=${cursor}`)).toMatchObject({
        status: 400,
        message: 'cursor belongs to another search',
      });
      expect((await errorOf(`/api/v1/logs?cursor=${cursor}`)).status).toBe(400);
    });
  });

  describe('described by itself', () => {
    it('has an OpenAPI document whose references all lead somewhere', async () => {
      const response = await get('/api/openapi.json');
      const document = bodyOf(response) as OpenApiDocument;
      expect(document.openapi).toBe('3.1.0');
      expect(document.info.version).toBe('1.2.3');
      const names = Object.keys(document.components.schemas);
      const references = [...textOf(response).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
      expect(references.length).toBeGreaterThan(names.length / 2);
      for (const [, name] of references) expect(names).toContain(name);
      // Every reference is one of those.
      expect(textOf(response).split('"$ref"')).toHaveLength(references.length + 1);
    });

    it('names every endpoint, its parameters and its answers', async () => {
      const { paths } = bodyOf(await get('/api/openapi.json')) as OpenApiDocument;
      for (const { path, method, queryParameters } of TELEMETRY_ENDPOINTS) {
        const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
        const named = operation?.parameters.filter((parameter) => parameter.in === 'query');
        expect(named?.map(({ name }) => name).sort()).toEqual(Object.keys(queryParameters.shape).sort());
        expect(Object.keys(operation?.responses ?? {})).toEqual(
          expect.arrayContaining(['200', '400', '406', '422', '503', '504']) as string[],
        );
      }
      expect(new Set(TELEMETRY_ENDPOINTS.map(({ path }) => path)).size).toBe(TELEMETRY_ENDPOINTS.length);
      const ids = Object.values(paths).flatMap((methods) =>
        Object.values(methods).map(({ operationId }) => operationId),
      );
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('says what every parameter of a question is, and where the cursor of formats of rows is', async () => {
      const { paths } = bodyOf(await get('/api/openapi.json')) as OpenApiDocument;
      const undescribed = Object.entries(paths).flatMap(([path, methods]) =>
        Object.values(methods).flatMap(({ parameters }) =>
          parameters
            .filter(({ in: where, description = '' }) => where === 'query' && description === '')
            .map(({ name }) => `${path} ${name}`),
        ),
      );
      const isQuestion = (text: string): boolean => !/^\/api\/v1\/(insights|audit|settings|auth)/.test(text);
      expect(undescribed.filter(isQuestion)).toEqual([]);
      const paged = Object.keys(paths).filter((path) =>
        JSON.stringify(paths[path]?.['get']?.responses['200'] ?? {}).includes('X-Ophion-Next-Cursor'),
      );
      expect(paged).toEqual(expect.arrayContaining(['/api/v1/traces', '/api/v1/logs']) as string[]);
      expect(paged).not.toContain('/api/v1/services');
    });

    const pathsDescribed = async (): Promise<OpenApiDocument['paths']> =>
      (bodyOf(await get('/api/openapi.json')) as OpenApiDocument).paths;

    it('names the pages that are no endpoints', async () => {
      const paths = await pathsDescribed();
      // Not HTTP's to describe: what is below a path, and the WebSocket.
      const pages = Object.keys(PATH_NEEDS).filter((path) => !path.endsWith('*') && path !== '/live');
      for (const path of pages) expect([path, Object.keys(paths[path] ?? {})]).toEqual([path, ['get']]);
    });

    it('names all of the Prometheus API', async () => {
      const paths = await pathsDescribed();
      const unknown = bodyOf(await get('/prometheus/api/v1/nothing')) as { error: string };
      const answered = unknown.error.replace(/^.*there are /, '').split(', ');
      expect(answered.length).toBeGreaterThan(8);
      for (const path of answered) {
        const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.['get'];
        expect([path, operation?.tags]).toEqual([path, ['prometheus']]);
        expect(Object.keys(operation?.responses ?? {})).toEqual(
          expect.arrayContaining(['200', '400', '401', '403', '422', '429', '503']) as string[],
        );
      }
      const post = paths['/prometheus/api/v1/query_range']?.['post'];
      const form = post?.requestBody?.content['application/x-www-form-urlencoded'] as {
        schema: { properties: object; required: string[] };
      };
      expect(Object.keys(form.schema.properties)).toEqual(
        expect.arrayContaining(['lookback_delta', 'stats']),
      );
      expect(form.schema.required.sort()).toEqual(['end', 'query', 'start', 'step']);
    });

    it('has a reference without any script', async () => {
      const response = await get('/api/docs');
      const { status: code, headers } = response;
      const body = textOf(response);
      expect(code).toBe(200);
      expect(headers?.['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(body).not.toMatch(/<script|javascript:| on\w+=| style=/i);
      for (const { path } of TELEMETRY_ENDPOINTS) expect(body).toContain(path.replace(/:(\w+)/g, '{$1}'));
      for (const [, target] of body.matchAll(/href="#([^"]+)"/g)) {
        expect(body).toContain(`id="${target}"`);
      }
    });

    it.each(TELEMETRY_ENDPOINTS.filter(({ method }) => method === 'GET').map(({ example }) => example))(
      'the example %s is one',
      async (example) => {
        expect((await get(example)).status).toBe(200);
      },
    );
  });

  describe('in several formats', () => {
    const accepting = (accept: string, target = '/api/v1/services'): Promise<HttpResponse> =>
      get(target, 'GET', { accept });

    it('answers in the one that is liked best', async () => {
      for (const [accept, type] of [
        ['application/json', 'application/json'],
        ['*/*', 'application/json'],
        ['', 'application/json'],
        ['text/html, */*;q=0.1', 'application/json'],
        ['text/csv', 'text/csv; charset=utf-8; header=present'],
        ['text/*', 'text/csv; charset=utf-8; header=present'],
        ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
        ['application/json;q=0, */*', 'application/x-ndjson'],
        ['APPLICATION/VND.APACHE.ARROW.STREAM', 'application/vnd.apache.arrow.stream'],
      ] as const) {
        const { status: code, headers } = await accepting(accept);
        expect([accept, code, headers?.['content-type']]).toEqual([accept, 200, type]);
        expect(headers?.['vary']).toBe('accept');
      }
    });

    it('says which there are when none of them is accepted', async () => {
      for (const accept of ['text/html', 'application/json;q=0', 'image/*']) {
        const response = await accepting(accept);
        expect(response.status).toBe(406);
        expect(bodyOf(response)).toEqual({
          error: {
            code: 'NOT_ACCEPTABLE',
            message: `the answer cannot be had as ${accept}`,
            cure: 'accept application/json, application/x-ndjson, text/csv, application/vnd.apache.arrow.stream',
          },
        });
      }
      const whole = await accepting('text/csv', '/api/v1/status');
      expect(bodyOf(whole)).toMatchObject({ error: { cure: 'accept application/json' } });
    });
  });

  describe('with SQL', () => {
    const json = { 'content-type': 'application/json' };
    const ask = (body: unknown, headers: Readonly<Record<string, string>> = json): Promise<HttpResponse> =>
      get('/api/v1/sql', 'POST', headers, typeof body === 'string' ? body : JSON.stringify(body));

    it('is forbidden unless it is switched on', async () => {
      const response = await ask({ query: 'SELECT 1' });
      expect(response.status).toBe(403);
      expect(bodyOf(response)).toMatchObject({
        error: { code: 'FORBIDDEN', cure: expect.stringContaining('OPHION_SQL=on') as string },
      });
    });

    it('gives the result as it is written, in the format that is accepted', async () => {
      rights = ['sql:run'];
      for (const [accept, format] of [
        ['application/json', 'JSON'],
        ['text/csv', 'CSVWithNames'],
        ['application/vnd.apache.parquet', 'Parquet'],
        ['application/vnd.apache.arrow.stream', 'ArrowStream'],
        ['application/x-ndjson', 'JSONEachRow'],
      ] as const) {
        const { status: code, headers, body } = await ask({ query: 'SELECT 1' }, { ...json, accept });
        expect(code).toBe(200);
        expect(headers?.['content-type']).toContain(accept);
        const chunks: Uint8Array[] = [];
        for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
        expect(Buffer.concat(chunks).toString()).toBe(`${format}: SELECT 1`);
      }
    });

    it('a body that is none is 400 or 415, and GET is 405', async () => {
      rights = ['sql:run'];
      expect((await ask({ query: 'SELECT 1' }, { 'content-type': 'text/plain' })).status).toBe(415);
      for (const [body, message] of [
        ['{', /^the body is no JSON/],
        [{}, /^query: /],
        [{ query: '' }, /^query: /],
        [{ query: 'SELECT 1', more: 1 }, /more/],
        [{ query: 'x'.repeat(100_001) }, /^query: /],
      ] as const) {
        const response = await ask(body);
        expect(response.status).toBe(400);
        expect((bodyOf(response) as ErrorBody).error.message).toMatch(message);
      }
      const read = await get('/api/v1/sql');
      expect(read.status).toBe(405);
      expect(read.headers?.['allow']).toBe('POST');
    });
  });

  describe('with limits', () => {
    it.each(Object.values(ROUTES).filter((path) => !/status|ledger/.test(path)))(
      '%s: a timeout that is none is 400',
      async (target) => {
        for (const value of ['0', '-1s', 'soon', '5h', '']) {
          const error = await errorOf(withParameter(target, `timeout=${value}`));
          expect(error.status).toBe(400);
          expect(error.message).toBe(`timeout is "${value}": expected a duration such as 500ms, 10s or 1m`);
        }
      },
    );

    it('hands the deadline down, and a request can lower but not raise it', async () => {
      const deadlineOf = async (target: string): Promise<number | undefined> => {
        await get(target);
        return asked
          .map((value) => (value as Partial<QueryRun>).limits?.deadlineMs)
          .find((ms) => ms !== undefined);
      };
      expect(await deadlineOf('/api/v1/traces')).toBe(30_000);
      expect(await deadlineOf('/api/v1/traces?timeout=1.5s')).toBe(1_500);
      expect(await deadlineOf('/api/v1/traces?timeout=250ms')).toBe(250);
      expect(await deadlineOf('/api/v1/traces?timeout=10m')).toBe(30_000);
    });

    it('what costs too much is refused with the limit named', async () => {
      failure = QueryLimitError.rows(LIMITS);
      expect(await errorOf('/api/v1/traces')).toMatchObject({
        status: 422,
        code: 'QUERY_TOO_LARGE',
        message: expect.stringContaining('1000000 rows (OPHION_QUERY_MAX_ROWS)') as string,
      });
      failure = QueryLimitError.deadline(LIMITS);
      expect(await errorOf('/api/v1/traces')).toMatchObject({
        status: 504,
        code: 'DEADLINE_EXCEEDED',
        message: expect.stringContaining('OPHION_QUERY_TIMEOUT_SECONDS') as string,
      });
    });

    it('says what an answer cost', async () => {
      const { headers } = await get('/api/v1/traces');
      expect(JSON.parse(headers?.['x-ophion-stats'] ?? '')).toMatchObject({
        hot: { rows: 0, bytes: 0 },
        cold: { rows: 0, bytes: 0 },
        ms: { cold: expect.any(Number) as number, hot: expect.any(Number) as number },
      });
      expect(headers?.['x-ophion-stats']).not.toContain('waiting');
    });

    it.each([
      ...Object.values(ROUTES).filter((path) => !/status|ledger/.test(path)),
      '/prometheus/api/v1/query?query=x',
      '/prometheus/api/v1/query_range?query=x&start=1&end=2&step=1',
      '/prometheus/api/v1/query_exemplars?query=x',
      '/prometheus/api/v1/series?match[]=x',
      '/prometheus/api/v1/labels',
      '/prometheus/api/v1/label/job/values',
      '/prometheus/api/v1/label/__name__/values',
      '/prometheus/api/v1/metadata',
    ])('%s says for how long each stage took', async (target) => {
      const { headers } = await get(target);
      const { ms } = JSON.parse(headers?.['x-ophion-stats'] ?? '{}') as { ms?: object };
      expect(Object.keys(ms ?? {})).not.toEqual([]);
    });

    it('says how many items no answer shows yet', async () => {
      waitingItems = 1_200;
      const { headers } = await get('/api/v1/traces');
      expect(JSON.parse(headers?.['x-ophion-stats'] ?? '')).toMatchObject({ waitingItems: 1_200 });
    });
  });

  describe('health', () => {
    it('/healthz is ok as long as the process answers, /readyz until it stops', async () => {
      expect(bodyOf(await get('/healthz'))).toEqual({ status: 'ok' });
      expect(bodyOf(await get('/readyz'))).toEqual({ status: 'ready' });
      isReady = false;
      expect((await get('/healthz')).status).toBe(200);
      expect(await get('/readyz')).toMatchObject({ status: 503 });
    });

    it('is read with GET', async () => {
      expect((await errorOf('/healthz', 'POST')).status).toBe(405);
      expect((await errorOf('/readyz', 'DELETE')).status).toBe(405);
    });
  });

  // Last: what is delivered stays in the windows.
  describe('with telemetry', () => {
    it('answers are as their schemas describe them, with telemetry in every field', async () => {
      const traceId = 'cd'.repeat(16);
      domain.deliver(2, [
        ...spanBatches([
          { traceId, spanId: '01'.repeat(8), service: 'shown', durationMs: 10, attributes: { a: 'b' } },
          { traceId, spanId: '02'.repeat(8), parentSpanId: '01'.repeat(8), service: 'shown', durationMs: 5 },
        ]),
        ...logBatches([{ service: 'shown', body: 'hello', timeMs: 1_600_000_000_000 }]),
      ]);
      const wide = 'from=1000000000&to=now';
      for (const endpoint of TELEMETRY_ENDPOINTS) {
        if (endpoint.method !== 'GET' || endpoint.path === '/api/v1/status') continue;
        const target = ROUTES[endpoint.path].replaceAll(HEX, traceId);
        const answer = bodyOf(
          await get(
            /traces\/|ledger|context|patterns|expected|causes/.test(target)
              ? target
              : withParameter(target, wide),
          ),
        );
        const checked = endpoint.answer.safeParse(answer);
        expect([endpoint.path, checked.error?.issues]).toEqual([endpoint.path, undefined]);
      }
      const { logs } = bodyOf(await get(`/api/v1/logs?${wide}`)) as ApiAnswers['/api/v1/logs'];
      const context = bodyOf(await get(`/api/v1/logs/${logs[0]?.id ?? ''}/context`));
      expect(context).toEqual({ logs: [{ offset: 0, ...logs[0] }], moreBefore: false, moreAfter: false });
      const path = bodyOf(await get(`/api/v1/traces/${traceId}/critical-path`)) as CriticalPath;
      expect(path.sections.map(({ spanId }) => spanId.slice(0, 2))).toEqual(['01', '02']);
      expect(path.spans.map(({ selfNano }) => selfNano)).toEqual(['5000000', '5000000']);
      const compared = bodyOf(await get(`/api/v1/traces/${traceId}/compare?with=${traceId}`)) as Comparison;
      expect(compared.paths.map(({ change }) => change)).toEqual(['same', 'same']);
      const shapes = bodyOf(
        await get('/api/v1/traces/shapes?from=0000000000'),
      ) as ApiAnswers['/api/v1/traces/shapes'];
      const shown = shapes.shapes.find(({ exampleTraceId }) => exampleTraceId === traceId);
      expect(shown).toMatchObject({
        share: 1 / shapes.traces,
        spans: 2,
        steps: [{ depth: 0 }, { depth: 1 }],
      });
      const other = '/api/v1/traces/shapes?from=0000000000&service=~~nobody';
      expect(bodyOf(await get(other))).toEqual({ shapes: [], traces: 0, matching: 0, more: false });
    });
  });
});
