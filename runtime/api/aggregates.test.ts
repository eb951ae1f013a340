import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_HISTORY, forgetfulArchive, logBatches, spanBatches } from '../../actors/fixtures/index.ts';
import type { AggregateJson, DiffJson, FacetsJson, StatusJson } from '../../proto/api/index.ts';
import { startDomain, type Domain } from '../domain/index.ts';
import { Ledger } from '../ingest/index.ts';
import { createLog } from '../log/index.ts';
import { NO_CHANGES, NO_CONTROL_PLANE, NO_INSIGHTS, NO_SETTINGS, openDoor } from './fixtures/index.ts';
import { answerApi } from './router.ts';

const DAY_MS = 86_400_000;
let domain: Domain;

beforeAll(async () => {
  domain = startDomain({
    archive: forgetfulArchive(),
    history: EMPTY_HISTORY,
    source: { read: () => Readable.from([]), has: () => false },
    archivedThrough: 0,
    onArchived: () => undefined,
    publish: () => undefined,
    windowMaxBytes: 2 ** 24,
    windowMaxAgeMs: 60_000,
    log: createLog('silent'),
  });
  const spans = Array.from({ length: 100 }, (_, index) => ({
    service: index % 2 === 0 ? 'cart' : 'pay',
    name: 'GET /',
    startMs: DAY_MS + 100 * index,
    durationMs: index + 1,
    isError: index >= 90,
    attributes: { version: index >= 90 ? 'new' : 'old', 'user.id': String(index) },
  }));
  domain.deliver(1, spanBatches(spans));
  domain.deliver(1, logBatches([{ body: 'declined', severityNumber: 17, timeMs: DAY_MS }]));
  await domain.system.idle();
});
afterAll(() => domain.stop());

async function get(path: string, query: string): Promise<{ status: number; body: unknown }> {
  const response = await answerApi(
    {
      query: domain.query,
      prometheus: domain.prometheus,
      outlook: domain.outlook,
      capacity: domain.capacity,
      listPatterns: domain.listPatterns,
      readExpected: domain.readExpected,
      findCauses: domain.findCauses,
      door: openDoor(),
      access: NO_CONTROL_PLANE,
      settings: NO_SETTINGS,
      insights: NO_INSIGHTS,
      changes: NO_CHANGES,
      sql: { select: () => Promise.reject(new Error('not asked')) },
      rights: { granted: new Set<never>(), noteRefusal: () => undefined },
      version: 'test',
      limits: { deadlineMs: 30_000, maxRowsRead: 1_000_000, maxBytesRead: 1_000_000_000 },
      status: () => ({ version: 'test' }) as StatusJson,
      waitingItems: () => 0,
      ledger: () => new Ledger(1).toJson(),
      nowUnixNano: () => BigInt(DAY_MS + 10_000) * 1_000_000n,
      isReady: () => true,
    },
    {
      method: 'GET',
      path,
      query,
      header: () => undefined,
      remoteAddress: '',
      body: new Uint8Array(0),
      reserve: () => true,
      signal: new AbortController().signal,
    },
  );
  return { status: response.status, body: JSON.parse(response.body as string) as unknown };
}

describe('aggregates over HTTP', () => {
  it('group, count and give quantiles, by time', async () => {
    const { status, body } = await get(
      '/api/v1/traces/aggregate',
      'from=now-10s&by=service&number=duration&distinct=user.id&stepSeconds=5&limit=2&histogram=true',
    );
    expect(status).toBe(200);
    const { groups, count, groupCount } = body as AggregateJson;
    expect({ count, groupCount }).toEqual({ count: 100, groupCount: 2 });
    expect(groups.map(({ key, count: of }) => [key, of])).toEqual([
      [[{ field: 'service', value: 'cart' }], 50],
      [[{ field: 'service', value: 'pay' }], 50],
    ]);
    const [first] = groups[0]?.buckets ?? [];
    expect(first).toMatchObject({ timeUnixNano: `${DAY_MS}000000`, count: 25, ratePerSecond: 5 });
    expect(first?.numbers[0]).toMatchObject({ field: 'duration', count: 25, min: 1e6, max: 49e6, avg: 25e6 });
    expect(Math.abs(Number(first?.numbers[0]?.p50) - 25e6)).toBeLessThan(25e4);
    expect(first?.numbers[0]?.histogram?.reduce((sum, bin) => sum + bin.count, 0)).toBe(25);
    expect(first?.distincts).toEqual([{ field: 'user.id', count: 25 }]);
  });

  it.each([
    // Ten items a second, whatever part of a bucket has been and is in the range.
    ['from=now-10s', [10]],
    ['from=now-10s&stepSeconds=4', [10, 10, 10]],
    ['from=now-10s&to=now-1s&stepSeconds=4', [10, 10, 10]],
    ['from=now-20s&to=now-10s', []],
  ])('give rates over the time that has been: %s', async (query, rates) => {
    const { body } = await get('/api/v1/traces/aggregate', `${query}&limit=2`);
    const { groups } = body as AggregateJson;
    expect(groups.flatMap(({ buckets }) => buckets.map(({ ratePerSecond }) => ratePerSecond))).toEqual(rates);
  });

  it('count the values of fields', async () => {
    const { body } = await get('/api/v1/traces/facets', 'from=now-10s&q=status:error&values=2');
    const { count, fields } = body as FacetsJson;
    expect(count).toBe(10);
    expect(fields).toContainEqual({
      field: 'version',
      present: 10,
      values: [{ value: 'new', count: 10 }],
      more: false,
    });
    expect(fields.find(({ field }) => field === 'user.id')).toMatchObject({ present: 10, more: true });
  });

  it('rank what differs between two selections', async () => {
    const { body } = await get('/api/v1/traces/diff', 'from=now-10s&q=duration>90ms'.replace('>', '%3E'));
    const { counts, fields } = body as DiffJson;
    expect(counts).toEqual({ selection: 10, baseline: 90 });
    expect(fields[0]).toMatchObject({
      difference: expect.closeTo(0.9, 2) as number,
      present: { selection: 1, baseline: 1 },
    });
    expect(fields.find(({ field }) => field === 'user.id')?.difference).toBe(0);
    expect(
      fields
        .slice(0, 2)
        .map(({ field }) => field)
        .sort(),
    ).toEqual(['status', 'version']);
    const own = await get('/api/v1/traces/diff', 'from=now-10s&q=service:cart&baseline=service:pay');
    expect((own.body as DiffJson).counts).toEqual({ selection: 50, baseline: 50 });
    const earlier = 'from=now-5s&q=service:cart&baseline=service:pay&baselineFrom=now-10s';
    const { counts: of } = (await get('/api/v1/traces/diff', earlier)).body as DiffJson;
    expect(of.baseline).toBe(50);
    expect(of.selection).toBeLessThan(50);
    expect(of.selection).toBeGreaterThan(0);
    const before = 'from=now-5s&q=service:cart&baseline=service:cart&baselineFrom=now-10s&baselineTo=now-5s';
    const apart = (await get('/api/v1/traces/diff', before)).body as DiffJson;
    expect(apart.counts.selection).toBe(of.selection);
    expect(apart.counts).toEqual({ selection: 25, baseline: 25 });
  });

  it('of logs too', async () => {
    const { body } = await get('/api/v1/logs/aggregate', 'from=now-1h&by=level&q=declined');
    expect((body as AggregateJson).groups).toMatchObject([
      { key: [{ field: 'level', value: 'error' }], count: 1 },
    ]);
    const facets = await get('/api/v1/logs/facets', 'from=now-1h');
    expect((facets.body as FacetsJson).fields).toContainEqual({
      field: 'level',
      present: 1,
      values: [{ value: 'error', count: 1 }],
      more: false,
    });
  });

  it.each([
    ['by=event.x', 'by is "event.x": expected a field that an item has once'],
    ['by=a&by=b&by=c&by=d&by=e', 'by is'],
    ['stepSeconds=0.001&from=now-1h', 'time buckets'],
    ['q=a+(', 'q is no search: at position 3'],
    ['limit=0', 'limit is "0"'],
    ['fields=3', 'there is no parameter fields'],
  ])('refuse %s', async (query, message) => {
    const { status, body } = await get('/api/v1/traces/aggregate', query);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: { code: 'BAD_REQUEST', message: expect.stringContaining(message) as string },
    });
  });
});
