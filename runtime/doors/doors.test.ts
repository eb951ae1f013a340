import { setTimeout as sleep } from 'node:timers/promises';
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

function ratesOf(perSecond: Partial<Record<Budget, number>>): ConstructorParameters<typeof RateLimits>[0] {
  const rateOf = (budget: Budget) => ({ requests: perSecond[budget] ?? 0, seconds: 1 });
  return { query: rateOf('query'), ingest: rateOf('ingest'), copilot: rateOf('copilot') };
}

describe('rate limits', () => {
  it('take a burst, then wait, for each key apart', async () => {
    const limits = new RateLimits(ratesOf({ query: 2 }));
    const waits: number[] = [];
    for (let request = 0; request < 30; request += 1) {
      waits.push((await limits.spend('query', 'a')).retryAfterMs);
    }
    // Two of the rate and twenty of the burst; a second may end in between.
    const through = waits.filter((waitMs) => waitMs === 0).length;
    expect(through).toBeGreaterThanOrEqual(22);
    expect(through).toBeLessThanOrEqual(26);
    const refused = await limits.spend('query', 'a');
    expect(refused.headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1',
      'retry-after': '1',
    });
    expect((await limits.spend('query', 'b')).retryAfterMs).toBe(0);
    expect(await limits.spend('ingest', 'a')).toEqual({ retryAfterMs: 0, headers: {} });
  });

  it('answer telemetry at once', async () => {
    const limits = new RateLimits(ratesOf({ ingest: 1 }));
    const waits: number[] = [];
    for (let request = 0; request < 40; request += 1) {
      waits.push(limits.spendAtOnce('ingest', ['a'], performance.now()).retryAfterMs);
      await sleep(0);
    }
    expect(waits[0]).toBe(0);
    expect(waits.at(-1)).toBeGreaterThan(0);
    expect(limits.spendAtOnce('ingest', ['a'], performance.now()).headers).toEqual({
      'ratelimit-limit': '1',
      'ratelimit-remaining': '0',
      'ratelimit-reset': expect.stringMatching(/^\d+$/) as string,
      'retry-after': expect.stringMatching(/^\d+$/) as string,
    });
    expect(limits.spendAtOnce('ingest', ['b'], performance.now())).toEqual({ retryAfterMs: 0, headers: {} });
  });
});

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
      now: () => 0,
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

  it('has a budget for each address and for each key', async () => {
    const spendAll = async (sender: (request: number) => Parameters<ReturnType<typeof ingestDoor>>[0]) => {
      const door = doorOf(
        'everywhere',
        [],
        new RateLimits({ ...ratesOf({}), ingest: { requests: 1, seconds: 60 } }),
      );
      const verdicts: Access[] = [];
      for (let request = 0; request < 20; request += 1) {
        verdicts.push(door(sender(request), 'logs'));
        await sleep(0);
      }
      return verdicts.filter((verdict) => verdict !== 'granted').length;
    };
    const of = (remoteAddress: string, sent?: string) => ({
      key: sent,
      remoteAddress,
      forwardedFor: undefined,
    });
    expect(await spendAll(() => of('198.51.100.7'))).toBeGreaterThan(5);
    expect(await spendAll((request) => of(`198.51.100.${request}`))).toBe(0);
    expect(await spendAll((request) => of(`198.51.100.${request}`, 'good'))).toBeGreaterThan(5);
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
    const door = doorOf(new RateLimits({ ...ratesOf({}), query: { requests: 1, seconds: 60 } }));
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
      limits: new RateLimits({ ...ratesOf({}), copilot: { requests: 1, seconds: 60 } }),
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
    // One of the rate and ten of the burst, and some that are too many.
    for (let request = 0; request < 11; request += 1) codes.add(await ask('/api/v1/copilot/questions'));
    expect([...codes]).toEqual(['UNAUTHENTICATED']);
    expect(await ask('/api/v1/copilot/questions')).toBe('RATE_LIMITED');
    expect(await ask('/api/v1/services')).toBe('UNAUTHENTICATED');
  });
});

describe('buckets that are closed', () => {
  // Buckets fill by the clock, which a busy machine lets run ahead of the test.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are remembered as long as they are, and no more than so many', async () => {
    const limits = new RateLimits(ratesOf({ ingest: 1 }));
    const close = async (keys: readonly string[], nowMs: number): Promise<void> => {
      // However slow the machine: until rate and burst of each are gone.
      let open = keys;
      while (open.length > 0) {
        open = open.filter((key) => limits.spendAtOnce('ingest', [key], nowMs).retryAfterMs === 0);
        await sleep(0);
      }
    };
    const many = (prefix: string) => Array.from({ length: 10_000 }, (_, index) => `${prefix}${index}`);
    await close(many('a'), 0);
    expect(limits.closedCount).toBe(10_000);
    expect(limits.spendAtOnce('ingest', ['a9999'], 0).retryAfterMs).toBeGreaterThan(0);
    // All of them at a time, none of them open yet: the oldest make room.
    await close(['late'], 0);
    expect(limits.closedCount).toBe(9_001);
    expect(limits.spendAtOnce('ingest', ['late'], 0).retryAfterMs).toBeGreaterThan(0);
    // Whoever never came back is forgotten once their time is over.
    await close(many('b').slice(0, 1_000), 120_000);
    expect(limits.closedCount).toBeLessThanOrEqual(1_000);
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
