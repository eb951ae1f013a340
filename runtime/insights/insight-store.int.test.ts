import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../proto/settings/index.ts';
import { AuditLog } from '../audit/index.ts';
import { Users } from '../auth/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import { madeInsight, madePattern, madeService, madeSignal } from './fixtures/index.ts';
import type { KeptWatch } from '../../actors/ports/index.ts';
import type { PatternMinerState } from '../../workers/kernels/log-patterns/index.ts';
import {
  PostgresAdviceStore,
  PostgresInsightStore,
  PostgresLogTemplateStore,
  startInsightRetention,
  type InsightReader,
} from './index.ts';

const T = 1_750_000_000_000;
const DAY_MS = 86_400_000;
const AUTHOR = { actor: 'user:ada', address: '192.0.2.1' };
const ALL_TIME = { fromMs: 0, toMs: T * 2 };

describe.each(CONTROL_ENGINES)('insights, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let audit: AuditLog;
  let store: PostgresInsightStore;
  let nowMs = T;
  let ada: InsightReader;
  let bob: InsightReader;

  beforeAll(async () => {
    engine = await start();
    audit = new AuditLog(engine.database);
    store = new PostgresInsightStore(engine.database, audit, () => nowMs);
    const users = await Users.open(engine.database);
    const make = async (login: string): Promise<InsightReader> => ({
      userId: await users.change((query) =>
        users.create(query, { login, kind: 'person', name: login, roles: [], mustChangePassword: false }),
      ),
      visible: 'all',
    });
    [ada, bob] = [await make('ada'), await make('bob')];
  });
  afterAll(() => engine.end());
  beforeEach(async () => {
    nowMs = T;
    await engine.database.query('DELETE FROM insights');
  });

  const ids = (found: readonly { readonly insight: { readonly id: string } }[]): number[] =>
    found.map(({ insight }) => Number(insight.id.slice(-4)));
  const list = async (filter: object = {}, reader = ada, limit = 100): Promise<number[]> =>
    ids(await store.list({ ...ALL_TIME, ...filter }, { limit }, reader));

  it('have templates of log lines and what is known of them beside them, which are replaced whole', async () => {
    const templates = new PostgresLogTemplateStore(engine.database);
    expect(await templates.read()).toBeUndefined();
    const state: PatternMinerState = {
      ...{ version: 1, lines: 7 },
      patterns: [
        { id: 'a', tokens: ['order', '<*>'], count: 7, lastSeen: 7, samples: ['NUL \u0000 \ud800'] },
      ],
    };
    await templates.write({ templates: state, watch: undefined });
    expect(await templates.read()).toEqual({ templates: state, watch: undefined });
    const watch: KeptWatch = {
      ...{ version: 1, services: [], patterns: [], signals: [], open: [] },
      told: [['new\n\u0000\ud800', T]],
    };
    await templates.write({ templates: { ...state, lines: 8 }, watch });
    expect(await templates.read()).toEqual({ templates: { ...state, lines: 8 }, watch });
    // A platform that is older than what it finds.
    await engine.database.query(`UPDATE log_templates SET watch = '{"version":2}'`);
    expect(await templates.read()).toEqual({ templates: { ...state, lines: 8 }, watch: undefined });
  });

  it('have what advice is learned from beside them, a document each', async () => {
    const documents = new PostgresAdviceStore(engine.database);
    expect(await documents.read('usage')).toBeUndefined();
    await documents.write('usage', ['NUL \u0000 \ud800']);
    await documents.write('series', { a: 1.5 });
    await documents.write('usage', [['b', null]]);
    expect(await documents.read('usage')).toEqual([['b', null]]);
    expect(await documents.read('series')).toEqual({ a: 1.5 });
  });

  it('are kept whole, each in the place of what it was, and told at the next start for as long as they hold', async () => {
    await store.save([]);
    const [first, second] = [
      madeInsight(1),
      madeInsight(2, { explanation: 'NUL \u0000, half of a pair \ud800' }),
    ];
    await store.save([first, second]);
    await store.save([first]);
    expect(await store.readOpen()).toEqual([first, second]);
    const over = { ...first, state: 'over', endedUnixMs: T + 60_000, severity: 'critical' } as const;
    await store.save([over]);
    expect(await store.readOpen()).toEqual([second]);
    expect((await store.one(first.id, ada))?.insight).toEqual(over);
    expect(await store.one(madeInsight(9).id, ada)).toBeUndefined();
  });

  it('are written all or none', async () => {
    const broken = { ...madeInsight(2), id: 'no uuid' };
    await expect(store.save([madeInsight(1), broken])).rejects.toThrow('uuid');
    expect(await store.readOpen()).toEqual([]);
  });

  it('are found by time, kind, state, severity and who is affected', async () => {
    const [cart, payment] = [madeService('cart'), madeService('payment')];
    await store.save([
      madeInsight(1, { state: 'over', endedUnixMs: T + 60_000, severity: 'info' }),
      madeInsight(2, { kind: 'forecast', startedUnixMs: T + 30_000, severity: 'critical' }),
      madeInsight(3, { startedUnixMs: T + 120_000, service: payment, services: [payment, cart] }),
      // It is over, but does not say since when.
      madeInsight(4, { state: 'over', service: payment, updatedUnixMs: T + 10_000 }),
    ]);
    expect(await list()).toEqual([3, 2, 4, 1]);
    expect(await list({ fromMs: T + 60_001 })).toEqual([3, 2]);
    expect(await list({ fromMs: T + 60_000 })).toEqual([3, 2, 1]);
    expect(await list({ toMs: T + 30_000 })).toEqual([4, 1]);
    expect(await list({ toMs: T + 30_001 })).toEqual([2, 4, 1]);
    expect(await list({ kind: 'forecast' })).toEqual([2]);
    expect(await list({ state: 'open' })).toEqual([3, 2]);
    expect(await list({ state: 'over' })).toEqual([4, 1]);
    expect(await list({ severity: 'warning' })).toEqual([3, 2, 4]);
    expect(await list({ service: cart.id })).toEqual([3, 2, 1]);
    expect(await list({ service: payment.id })).toEqual([3, 4]);
    expect(await list({ service: madeService('nobody').id })).toEqual([]);
  });

  it('come in pages that stay as they are, whatever is found or changes meanwhile', async () => {
    const many = Array.from({ length: 7 }, (_, i) =>
      madeInsight(i, { startedUnixMs: T + Math.floor(i / 3) }),
    );
    await store.save(many);
    const seen: number[] = [];
    let after: { detectedMs: number; id: string } | undefined;
    for (let page = 0; page < 4; page++) {
      const found = await store.list(ALL_TIME, { limit: 2, ...(after && { after }) }, ada);
      seen.push(...ids(found));
      const last = found.at(-1)?.insight;
      if (last) after = { detectedMs: last.detectedUnixMs, id: last.id };
      await store.save([
        madeInsight(100 + page, { startedUnixMs: T + 1_000 }),
        ...many.map((one) => ({ ...one, updatedUnixMs: T + 5_000 + page, severity: 'info' as const })),
      ]);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });

  it('of services that one may not see are not there', async () => {
    const [cart, payment] = [madeService('cart'), madeService('payment')];
    await store.save([
      madeInsight(1),
      madeInsight(2, { service: payment, services: [payment, cart] }),
      madeInsight(3, { services: [cart, payment] }),
      madeInsight(4, { service: madeService('cart', 'staging') }),
    ]);
    const cartTeam: InsightReader = { ...ada, visible: [{ name: 'ca*', environment: 'production' }] };
    expect(await list({}, cartTeam)).toEqual([3, 1]);
    expect(await list({ service: cart.id }, cartTeam)).toEqual([3, 1]);
    // Whether an insight affects a service that is hidden is hidden, too.
    expect(await list({ service: payment.id }, cartTeam)).toEqual([]);
    expect(await list({}, { ...ada, visible: [] })).toEqual([]);
    expect(await store.one(madeInsight(2).id, cartTeam)).toBeUndefined();
    expect(await store.one(madeInsight(3).id, cartTeam)).toBeDefined();
    expect(await store.judge(madeInsight(2).id, 'useful', cartTeam, AUTHOR)).toBeUndefined();
    await store.judge(madeInsight(2).id, 'useful', ada, AUTHOR);
    await store.judge(madeInsight(1).id, 'not-useful', ada, AUTHOR);
    expect(await store.precision(ALL_TIME, 'all')).toEqual({ useful: 1, notUseful: 1 });
    expect(await store.readVerdicts()).toEqual({ useful: 1, notUseful: 1 });
    expect(await store.precision(ALL_TIME, cartTeam.visible)).toEqual({ useful: 0, notUseful: 1 });
  });

  it('are judged once by each person, who may think again, and each change of mind is on record', async () => {
    const { id } = madeInsight(1);
    await store.save([madeInsight(1)]);
    const before = await audit.head();
    expect(await store.judge(id, 'useful', ada, AUTHOR)).toEqual({ useful: 1, notUseful: 0, mine: 'useful' });
    expect(await store.judge(id, 'useful', ada, AUTHOR)).toEqual({ useful: 1, notUseful: 0, mine: 'useful' });
    expect(await store.judge(id, 'useful', bob, AUTHOR)).toEqual({ useful: 2, notUseful: 0, mine: 'useful' });
    expect(await store.judge(id, 'not-useful', ada, AUTHOR)).toEqual({
      ...{ useful: 1, notUseful: 1, mine: 'not-useful' },
    });
    expect((await store.one(id, bob))?.feedback).toEqual({ useful: 1, notUseful: 1, mine: 'useful' });
    expect(await store.judge(id, null, ada, AUTHOR)).toEqual({ useful: 1, notUseful: 0, mine: null });
    expect(await store.judge(madeInsight(9).id, 'useful', ada, AUTHOR)).toBeUndefined();
    expect((await audit.head()) - before).toBe(4);
    const [newest] = await audit.list({ action: 'insight.judge' }, 1);
    expect(newest).toMatchObject({
      ...AUTHOR,
      target: `insight:${id}`,
      detail: { before: 'not-useful', after: null },
    });
    // What is found out later does not take the verdict away.
    await store.save([{ ...madeInsight(1), score: 1 }]);
    expect((await store.one(id, bob))?.feedback).toEqual({ useful: 1, notUseful: 0, mine: 'useful' });
  });

  it('tell of each series what was said of insights about it', async () => {
    const cart = madeService('cart');
    await store.save([
      madeInsight(1, {
        evidence: [madeSignal(cart, 'a'), madeSignal(cart, 'a'), madeSignal(cart, 'b\u0000')],
      }),
      madeInsight(2, { evidence: [madeSignal(cart, 'a')] }),
      madeInsight(3, { evidence: [madeSignal(cart, 'c')] }),
      madeInsight(4, { kind: 'pattern', evidence: [madePattern(cart, 'p'), madePattern(cart)] }),
    ]);
    expect(await store.readFeedback()).toEqual([]);
    await store.judge(madeInsight(1).id, 'useful', ada, AUTHOR);
    await store.judge(madeInsight(1).id, 'not-useful', bob, AUTHOR);
    await store.judge(madeInsight(2).id, 'not-useful', ada, AUTHOR);
    await store.judge(madeInsight(4).id, 'not-useful', ada, AUTHOR);
    expect(await store.readFeedback()).toEqual([
      { seriesKey: 'a', useful: 1, notUseful: 2 },
      { seriesKey: 'b\u0000', useful: 1, notUseful: 1 },
      { seriesKey: 'p', useful: 0, notUseful: 1 },
    ]);
  });

  it('go when their time is over, with their feedback, and those that hold stay', async () => {
    await store.save([
      madeInsight(1, { state: 'over', endedUnixMs: T - 31 * DAY_MS }),
      madeInsight(2, { state: 'over', endedUnixMs: T - 29 * DAY_MS }),
      madeInsight(3, { startedUnixMs: T - 400 * DAY_MS }),
    ]);
    await store.judge(madeInsight(1).id, 'useful', ada, AUTHOR);
    const listeners = new Set<() => void>();
    let current: Settings = DEFAULT_SETTINGS;
    const told: unknown[] = [];
    const stop = startInsightRetention({
      insights: store,
      changes: { prune: () => Promise.resolve(0) },
      settings: {
        get current() {
          return current;
        },
        onChange(listener) {
          const call = (): void => {
            listener(current, current);
          };
          listeners.add(call);
          return () => listeners.delete(call);
        },
      },
      log: { info: (what: unknown) => told.push(what), error: (what: unknown) => told.push(what) },
    });
    current = { ...current, insights: { retentionDays: 30 } };
    for (const listener of listeners) listener();
    await stop();
    expect(told).toEqual([{ removed: 1, retentionDays: 30 }]);
    expect(await list()).toEqual([2, 3]);
    expect(await store.readFeedback()).toEqual([]);
  });

  it('are no more than a hundred thousand', async () => {
    await store.save([madeInsight(1), madeInsight(2, { state: 'over', startedUnixMs: T + 1 })]);
    await engine.database.query(
      `INSERT INTO insights SELECT gen_random_uuid(), 'anomaly', 0, service, services, started_at,
         detected_at + interval '1 second', now(), '[]', '{}' FROM insights, generate_series(1, 100000) WHERE ended_at IS NULL`,
    );
    nowMs = Date.now();
    expect(await store.prune(90)).toBe(1);
    expect(await store.one(madeInsight(1).id, ada)).toBeDefined();
    expect(await store.one(madeInsight(2).id, ada)).toBeUndefined();
    expect(await store.prune(90)).toBe(0);
  });
});
