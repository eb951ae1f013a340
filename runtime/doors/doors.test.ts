import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditEvent } from '../audit/index.ts';
import { covers, sumGrants, visibleBy, type Principal } from '../auth/index.ts';
import type { Access } from '../receivers/otlp/index.ts';
import {
  AccessRefusedError,
  type Budget,
  HttpDoor,
  ingestDoor,
  isFromElsewhere,
  isLoopback,
  limitedAs,
  needsOfPath,
  plainAddress,
  RateLimits,
  RefusalLog,
  SlidingWindow,
  TrustedProxies,
} from './index.ts';

describe('where a request comes from', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);

  it.each([
    ['198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', '203.0.113.9', '203.0.113.9'],
    // What stands further left anybody may have written.
    ['10.1.2.3', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['10.1.2.3', '203.0.113.9, 192.0.2.1, 10.9.9.9', '203.0.113.9'],
    ['10.1.2.3', 'nonsense', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.9, nonsense', '10.1.2.3'],
    ['::ffff:10.1.2.3', '203.0.113.9:4711', '203.0.113.9'],
    ['fd12::1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['0000:0000:0000:0000:0000:ffff:7f00:0001', undefined, '127.0.0.1'],
  ])('peer %s with %s is %s', (peer, forwardedFor, client) => {
    expect(proxies.clientOf(peer, forwardedFor)).toBe(client);
  });

  it('is never what a stranger says', () => {
    fc.assert(
      fc.property(fc.string(), (said) => {
        expect(proxies.clientOf('198.51.100.7', said)).toBe('198.51.100.7');
      }),
    );
  });

  it('has one text for one address', () => {
    expect(plainAddress('2001:0DB8:0:0::0001')).toBe('2001:db8::1');
    expect(['127.0.0.1', '127.8.8.8', '::1'].map(isLoopback)).toEqual([true, true, true]);
    expect(['128.0.0.1', '::2', '1127.0.0.1', ''].map(isLoopback)).toEqual([false, false, false, false]);
    expect(limitedAs('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(limitedAs('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(limitedAs('198.51.100.7')).toBe('198.51.100.7');
  });

  it('names what is neither address nor network', () => {
    expect(() => new TrustedProxies(['proxy.example'])).toThrow('"proxy.example"');
  });
});

describe('a page of another origin', () => {
  const from = (headers: Readonly<Record<string, string>>): boolean =>
    isFromElsewhere({ header: (name) => headers[name] });

  it('is told by what its browser says, and by nothing that it could write itself', () => {
    expect(from({})).toBe(false);
    expect(
      from({ 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy', host: 'inner:8080' }),
    ).toBe(false);
    expect(from({ 'sec-fetch-site': 'cross-site', origin: 'https://o.example', host: 'o.example' })).toBe(
      true,
    );
    expect(from({ origin: 'https://o.example', host: 'o.example' })).toBe(false);
    for (const origin of [
      'null',
      'https://evil.example',
      'https://o.example:8443',
      'https://o.example.evil',
    ]) {
      expect(from({ origin, host: 'o.example' })).toBe(true);
    }
  });
});

describe('what a path needs', () => {
  it('is what the longest row says that fits', () => {
    expect(needsOfPath('/healthz')).toBe('nothing');
    expect(needsOfPath('/api/docs')).toBe('signed-in');
    expect(needsOfPath('/api/docs/more')).toBe('signed-in');
    expect(needsOfPath('/prometheus/api/v1/query')).toBe('metrics:read');
    expect(needsOfPath('/traces')).toBe('nothing');
    expect(needsOfPath('/live')).toBe('signed-in');
  });
});

describe('a sliding window', () => {
  it('lets no more through in any stretch of time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 200 }), (pauses) => {
        let nowMs = 0;
        const window = new SlidingWindow({ most: 5, windowMs: 1_000, mostKeys: 10, now: () => nowMs });
        const taken: number[] = [];
        for (const pause of pauses) {
          nowMs += pause;
          const waitMs = window.take('a');
          if (waitMs === 0) taken.push(nowMs);
          else {
            // After that time it may: not before, not later.
            expect(taken.filter((timeMs) => timeMs > nowMs - 1_000)).toHaveLength(5);
            expect(nowMs + waitMs).toBe((taken.at(-5) ?? 0) + 1_000);
          }
        }
        for (const timeMs of taken) {
          expect(
            taken.filter((other) => other > timeMs - 1_000 && other <= timeMs).length,
          ).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it('remembers no more than so many', () => {
    const window = new SlidingWindow({ most: 1, windowMs: 1_000, mostKeys: 10, now: () => 0 });
    for (let key = 0; key < 1_000; key += 1) window.take(String(key));
    expect(window.keyCount).toBe(10);
    expect(window.take('999')).toBeGreaterThan(0);
    expect(window.take('0')).toBe(0);
  });
});

/** So many a second, and twenty at once. */
function ratesOf(perSecond: Partial<Record<Budget, number>>): ConstructorParameters<typeof RateLimits>[0] {
  const rateOf = (budget: Budget) => ({ requests: perSecond[budget] ?? 0, seconds: 1, capacity: 20 });
  return { query: rateOf('query'), ingest: rateOf('ingest'), copilot: rateOf('copilot') };
}

describe('rate limits', () => {
  // Buckets fill by the clock.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const waits = (limits: RateLimits, times: number, key = 'a'): readonly number[] =>
    Array.from({ length: times }, () => limits.spend('query', key).retryAfterMs);
  const through = (all: readonly number[]): number => all.filter((waitMs) => waitMs === 0).length;

  it('let out what a bucket holds, then what comes in, for each key apart', () => {
    const limits = new RateLimits(ratesOf({ query: 2 }));
    expect(limits.spend('query', 'a')).toEqual({
      retryAfterMs: 0,
      headers: { 'ratelimit-limit': '20', 'ratelimit-remaining': '19', 'ratelimit-reset': '1' },
    });
    expect(through(waits(limits, 30))).toBe(19);
    expect(limits.spend('query', 'a')).toEqual({
      retryAfterMs: 500,
      headers: {
        'ratelimit-limit': '20',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '10',
        'retry-after': '1',
      },
    });
    vi.advanceTimersByTime(490);
    const [waitMs = 0] = waits(limits, 1);
    // Of 0.98 requests, in binary.
    expect([10, 11]).toContain(waitMs);
    vi.advanceTimersByTime(waitMs + 1);
    expect(waits(limits, 2).map((ms) => ms > 0)).toEqual([false, true]);
    vi.advanceTimersByTime(3_600_000);
    expect(through(waits(limits, 30))).toBe(20);
    expect(limits.spend('query', 'b').retryAfterMs).toBe(0);
    expect(limits.spend('ingest', 'a')).toEqual({ retryAfterMs: 0, headers: {} });
  });

  it('let no more through in any stretch of time than a bucket holds and has come in since, and no less', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 200 }), (pauses) => {
        const limits = new RateLimits({
          ...ratesOf({}),
          query: { requests: 7, seconds: 2, capacity: 5 },
        });
        const taken: number[] = [];
        let nowMs = 0;
        for (const pauseMs of pauses) {
          vi.advanceTimersByTime(pauseMs);
          nowMs += pauseMs;
          const { retryAfterMs } = limits.spend('query', 'a');
          if (retryAfterMs === 0) taken.push(nowMs);
          // Of what is refused, something came in less than that time ago: 2,000 ms by 7, rounded up.
          else expect(retryAfterMs).toBeLessThanOrEqual(286);
        }
        for (const [first, from] of taken.entries()) {
          for (const [last, to] of taken.entries()) {
            if (last < first) continue;
            expect(last - first + 1).toBeLessThanOrEqual(5 + ((to - from) * 7) / 2_000 + 1e-6);
          }
        }
      }),
    );
  });

  it('remember no more buckets than so many', () => {
    const limits = new RateLimits(ratesOf({ query: 1 }));
    expect(waits(limits, 21).at(-1)).toBeGreaterThan(0);
    for (let key = 0; key < 60_000; key += 1) limits.spend('query', String(key));
    expect(limits.bucketCount('query')).toBe(50_000);
    expect(waits(limits, 21, '59999').at(-1)).toBeGreaterThan(0);
    expect(waits(limits, 1)).toEqual([0]);
  });
});

/** What is not used here: so many from one full second to the next. */
class FixedWindow {
  private window = 0;
  private count = 0;

  take(most: number, nowMs: number): boolean {
    const window = Math.floor(nowMs / 1_000);
    this.count = window === this.window ? this.count + 1 : 1;
    this.window = window;
    return this.count <= most;
  }
}

describe('ten a second, twenty of them around the full second', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const buckets = new RateLimits({ ...ratesOf({}), query: { requests: 10, seconds: 1, capacity: 10 } });
  const fixed = new FixedWindow();
  it.each<readonly [string, number, () => (nowMs: number) => boolean]>([
    ['all pass a fixed window', 20, () => (nowMs) => fixed.take(10, nowMs)],
    ['ten pass a bucket', 10, () => () => buckets.spend('query', 'a').retryAfterMs === 0],
    [
      'ten pass a sliding window',
      10,
      () => {
        const options = { most: 10, windowMs: 1_000, mostKeys: 1, now: () => performance.now() };
        const window = new SlidingWindow(options);
        return () => window.take('a') === 0;
      },
    ],
  ])('%s', (_what, expected, make) => {
    const take = make();
    let passed = 0;
    for (const atMs of [990, 1_010]) {
      vi.advanceTimersByTime(atMs - performance.now());
      for (let request = 0; request < 10; request += 1) passed += take(performance.now()) ? 1 : 0;
    }
    expect(passed).toBe(expected);
  });
});

/** However slow the machine, no second comes in while a test runs. */
const SLOW = { requests: 1, seconds: 3_600, capacity: 11 };
const NO_REFUSALS = new RefusalLog({ append: () => Promise.resolve(), onError: () => undefined });

describe('who may send telemetry', () => {
  const key: Principal = {
    kind: 'key',
    id: 'k1',
    grants: sumGrants([{ permissions: ['ingest:write'], services: undefined }]),
  } as unknown as Principal;
  const reader = { ...key, id: 'k2', grants: sumGrants([]) } as Principal;
  const doorOf = (
    anonymous: 'loopback' | 'everywhere' | 'never',
    trusted: readonly string[] = [],
    limits = new RateLimits(ratesOf({})),
  ): ReturnType<typeof ingestDoor> =>
    ingestDoor({
      access: { holderOf: (text) => ({ good: key, other: reader })[text] },
      anonymous,
      proxies: new TrustedProxies(trusted),
      limits,
      refusals: NO_REFUSALS,
    });

  it.each([
    ['loopback', '127.0.0.1', undefined, [], undefined, 'granted'],
    ['loopback', '::1', undefined, [], undefined, 'granted'],
    ['loopback', '::ffff:127.0.0.1', undefined, [], undefined, 'granted'],
    ['loopback', '198.51.100.7', undefined, [], undefined, 'unknown'],
    ['loopback', '10.0.0.1', undefined, [], undefined, 'unknown'],
    // A proxy of this machine: not told of, it may speak for anybody; told of, its word counts.
    ['loopback', '127.0.0.1', '198.51.100.7', [], undefined, 'unknown'],
    ['loopback', '127.0.0.1', '127.0.0.1', [], undefined, 'unknown'],
    ['loopback', '127.0.0.1', '198.51.100.7', ['127.0.0.1'], undefined, 'unknown'],
    ['loopback', '127.0.0.1', '127.0.0.1', ['127.0.0.1'], undefined, 'granted'],
    ['loopback', '198.51.100.7', '127.0.0.1', [], undefined, 'unknown'],
    ['everywhere', '198.51.100.7', undefined, [], undefined, 'granted'],
    ['never', '127.0.0.1', undefined, [], undefined, 'unknown'],
    ['loopback', '198.51.100.7', undefined, [], 'good', 'granted'],
    ['never', '198.51.100.7', undefined, [], 'good', 'granted'],
    // Who shows a key means it.
    ['loopback', '127.0.0.1', undefined, [], 'bad', 'unknown'],
    ['everywhere', '127.0.0.1', undefined, [], 'other', 'forbidden'],
  ] as const)(
    '%s: from %s, for %s, proxies %j, key %s: %s',
    (mode, remoteAddress, forwardedFor, trusted, sent, expected) => {
      expect(doorOf(mode, trusted)({ key: sent, remoteAddress, forwardedFor }, 'traces')).toBe(expected);
    },
  );

  it('has a budget for each address and for each key', () => {
    const spendAll = (sender: (request: number) => Parameters<ReturnType<typeof ingestDoor>>[0]): number => {
      const door = doorOf('everywhere', [], new RateLimits({ ...ratesOf({}), ingest: SLOW }));
      const verdicts: Access[] = [];
      for (let request = 0; request < 20; request += 1) verdicts.push(door(sender(request), 'logs'));
      return verdicts.filter((verdict) => verdict !== 'granted').length;
    };
    const of = (remoteAddress: string, sent?: string) => ({
      key: sent,
      remoteAddress,
      forwardedFor: undefined,
    });
    expect(spendAll(() => of('198.51.100.7'))).toBe(9);
    expect(spendAll((request) => of(`198.51.100.${request}`))).toBe(0);
    expect(spendAll((request) => of(`198.51.100.${request}`, 'good'))).toBe(9);
  });
});

describe('the door of the API', () => {
  const session = { kind: 'session', id: 's1', login: 'ann', grants: sumGrants([]) } as unknown as Principal;
  const doorOf = (limits: RateLimits, trusted: readonly string[] = []): HttpDoor =>
    new HttpDoor({
      access: { principalOf: () => Promise.resolve(session) },
      proxies: new TrustedProxies(trusted),
      limits,
      refusals: NO_REFUSALS,
      isTls: false,
    });
  const request = (remoteAddress: string, headers: Readonly<Record<string, string>> = {}) => ({
    ...{ method: 'GET', path: '/api/docs', query: '', remoteAddress },
    header: (name: string): string | undefined => headers[name],
  });

  it('has a budget for each session, wherever it asks from', async () => {
    const door = doorOf(new RateLimits({ ...ratesOf({}), query: SLOW }));
    const codes: string[] = [];
    for (let at = 0; at < 15; at += 1) {
      const admitted: unknown = await door
        .admitPath(request(`198.51.100.${at}`, { authorization: 'Bearer x' }))
        .catch((error: unknown) => error);
      codes.push(admitted instanceof AccessRefusedError ? admitted.code : 'let in');
    }
    expect(codes.slice(0, 11)).toEqual(Array.from({ length: 11 }, () => 'let in'));
    expect(codes.slice(11)).toEqual(Array.from({ length: 4 }, () => 'RATE_LIMITED'));
  });

  it.each([
    [['10.0.0.1'], '10.0.0.1', { address: '203.0.113.9', isSecure: true }],
    [[], '10.0.0.1', { address: '10.0.0.1', isSecure: false }],
    [['10.0.0.1'], '198.51.100.7', { address: '198.51.100.7', isSecure: false }],
  ])('believes proxies that were named, and nobody else: %j, from %s', async (trusted, peer, expected) => {
    const door = doorOf(new RateLimits(ratesOf({})), trusted);
    const said = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      authorization: 'Bearer x',
    };
    expect(await door.admitPath(request(peer, said))).toMatchObject(expected);
    expect(door.isSecure(request(peer, said))).toBe(expected.isSecure);
  });
});

describe('the copilot', () => {
  it('has a budget of its own, and leaves that of questions alone', async () => {
    const door = new HttpDoor({
      access: { principalOf: () => Promise.resolve(undefined) },
      proxies: new TrustedProxies([]),
      limits: new RateLimits({ ...ratesOf({}), copilot: SLOW }),
      refusals: new RefusalLog({ append: () => Promise.resolve(), onError: () => undefined }),
      isTls: false,
    });
    const ask = async (path: string): Promise<string> => {
      const request = {
        method: 'GET',
        path,
        query: '',
        remoteAddress: '198.51.100.7',
        header: () => undefined,
      };
      const refusal: unknown = await door.admitPath(request).catch((error: unknown) => error);
      return refusal instanceof AccessRefusedError ? refusal.code : 'let in';
    };
    const codes = new Set<string>();
    for (let request = 0; request < 11; request += 1) codes.add(await ask('/api/v1/copilot/questions'));
    expect([...codes]).toEqual(['UNAUTHENTICATED']);
    expect(await ask('/api/v1/copilot/questions')).toBe('RATE_LIMITED');
    expect(await ask('/api/v1/services')).toBe('UNAUTHENTICATED');
  });
});

describe('the record of refusals', () => {
  it('has the first of what is alike at once, and the others as a number', async () => {
    const events: AuditEvent[] = [];
    const log = new RefusalLog({
      append: (event) => Promise.resolve(void events.push(event)),
      onError: (error) => {
        throw error;
      },
    });
    const refusal = { actor: 'user:a', target: 'GET /x', address: '1.1.1.1', reason: 'no' };
    for (let times = 0; times < 10; times += 1) log.note(refusal);
    log.note({ ...refusal, target: 'GET /y' });
    // At once.
    expect(events.map(({ target, detail }) => [target, detail['more']])).toEqual([
      ['GET /x', undefined],
      ['GET /y', undefined],
    ]);
    await log.flush();
    expect(events.slice(2).map(({ target, detail }) => [target, detail['more']])).toEqual([['GET /x', 9]]);
    // Of different ones no more than a hundred a period.
    for (let index = 0; index < 5_000; index += 1) log.note({ ...refusal, actor: `user:${index}` });
    await log.flush();
    expect(events).toHaveLength(3 + 100 + 1);
    expect(events.at(-1)).toMatchObject({ target: 'many', detail: { more: 4_900 } });
  });

  it('is whole once it is flushed, however long the database takes', async () => {
    const events: AuditEvent[] = [];
    const log = new RefusalLog({
      append: async (event) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push(event);
      },
      onError: (error) => {
        throw error;
      },
    });
    log.note({ actor: 'user:a', target: 'GET /x', address: '1.1.1.1', reason: 'no' });
    expect(events).toEqual([]);
    await log.flush();
    expect(events).toHaveLength(1);
  });
});

describe('what roles come to', () => {
  const cart = { permissions: ['traces:read', 'logs:read'], services: [{ name: 'cart' }] } as const;
  const pay = { permissions: ['traces:read'], services: [{ name: 'pay' }] } as const;
  const wholeLogs = { permissions: ['logs:read'], services: undefined } as const;
  const sql = { permissions: ['sql:run', 'ingest:write'], services: undefined } as const;

  it('is, of each permission, for what any of them is for', () => {
    const grants = sumGrants([cart, pay, wholeLogs]);
    expect(visibleBy(grants, 'traces:read')).toEqual([{ name: 'cart' }, { name: 'pay' }]);
    expect(visibleBy(grants, 'logs:read')).toBe('all');
    expect(visibleBy(grants, 'metrics:read')).toEqual([]);
  });

  it('is no SQL where any reading is narrowed', () => {
    expect(sumGrants([sql]).permissions.has('sql:run')).toBe(true);
    const grants = sumGrants([sql, cart]);
    expect(grants.permissions.has('sql:run')).toBe(false);
    expect(grants.permissions.has('ingest:write')).toBe(true);
    expect(sumGrants([{ ...sql, services: [{ name: 'cart' }] }]).permissions.size).toBe(0);
  });

  it('covers only what is no wider', () => {
    const own = sumGrants([cart]);
    expect(covers(own, own)).toBe(true);
    expect(covers(own, sumGrants([pay]))).toBe(false);
    expect(covers(own, sumGrants([wholeLogs]))).toBe(false);
    expect(covers(sumGrants([wholeLogs]), sumGrants([{ ...cart, permissions: ['logs:read'] }]))).toBe(true);
  });
});
