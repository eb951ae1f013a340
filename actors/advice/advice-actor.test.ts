import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insight as insightSchema, type InsightJson } from '../../proto/api/index.ts';
import { serviceIdOf } from '../../proto/columns/index.ts';
import { TIP_CATEGORIES, type TipCategory } from '../../workers/kernels/tips/index.ts';
import { InlineRunner, TASKS } from '../../workers/pool/index.ts';
import type { CapacityAnswer, ResourceOutlook } from '../capacity/index.ts';
import {
  EMPTY_HISTORY,
  engineOver,
  logBatches,
  pointBatches,
  spanBatches,
  unboundedRun,
  type PointFixture,
  type SpanFixture,
} from '../fixtures/index.ts';
import { AskedMetrics } from '../query/index.ts';
import { spawnServicesActor, WindowBudget, type ServicesRef } from '../services/index.ts';
import { startActorSystem, type ActorSystem } from '../system/index.ts';
import { SIZE_HABITS, sizePoints } from './fixtures/size-habits.ts';
import { SIZE_CATEGORIES } from './size-json.ts';
import { spawnAdviceActor, type AdviceMessage, type AdviceOptions, type AdviceRef } from './index.ts';

const START_MS = 1_700_000_000_000;
const NEVER = { deadlineMs: 10_000, maxRowsRead: 1e9, maxBytesRead: 1e12 };
const SHOP = {
  id: serviceIdOf({ namespace: '', name: 'shop', environment: '' }),
  namespace: '',
  name: 'shop',
  environment: '',
};

let system: ActorSystem;
let services: ServicesRef;
let advice: AdviceRef;
let asked: AskedMetrics;
let nowMs = START_MS;
let resources: readonly ResourceOutlook[] = [];
let segment = 0;
const shown: InsightJson[] = [];
const kept = new Map<string, InsightJson>();
const missed: string[] = [];
const documents = new Map<string, string>();
let isAway = false;
const learned: AdviceOptions['learned'] = {
  read(name) {
    const text = documents.get(name);
    return Promise.resolve(text === undefined ? undefined : (JSON.parse(text) as unknown));
  },
  write(name, value) {
    documents.set(name, JSON.stringify(value));
    return Promise.resolve();
  },
};
const store: AdviceOptions['store'] = {
  readOpen: () => Promise.resolve([...kept.values()].filter(({ state }) => state === 'open')),
  save(insights: readonly InsightJson[]) {
    if (isAway) return Promise.reject(new Error('away'));
    for (const each of insights) kept.set(each.id, each);
    return Promise.resolve();
  },
  readFeedback: () => Promise.resolve([]),
  readVerdicts: () => Promise.resolve({ useful: 0, notUseful: 0 }),
};

function start(): void {
  system = startActorSystem(({ error }) => {
    throw error;
  });
  const budget = new WindowBudget({ maxBytes: 2 ** 30, maxAgeMs: 3_600_000 });
  services = spawnServicesActor(system, { budget, now: () => nowMs });
  asked = new AskedMetrics(() => nowMs);
  advice = spawnAdviceActor(system, {
    ...{ services, store, learned, asked, limits: NEVER },
    ...{ sizes: { bytesPerRow: () => Promise.resolve(10) }, self: { ...SHOP, name: 'ophion' } },
    threads: new InlineRunner(TASKS),
    capacity: { make: () => Promise.resolve(answerOf(resources)) },
    onChanged: (changed) => shown.push(...changed),
    onMiss: (part) => missed.push(part),
    now: () => nowMs,
    idOf: (key) => `id of ${key}`,
  });
}

beforeEach(() => {
  nowMs = START_MS;
  resources = [];
  shown.length = 0;
  kept.clear();
  documents.clear();
  missed.length = 0;
  isAway = false;
  start();
});
afterEach(() => {
  system.stop();
});

async function tick(): Promise<void> {
  nowMs += 600_000;
  await system.ask<AdviceMessage, undefined>(advice, (reply) => ({
    type: 'tick',
    reply: () => {
      reply(undefined);
    },
  }));
}

async function stopped(): Promise<void> {
  await system.ask<AdviceMessage, undefined>(advice, (reply) => ({
    type: 'stop',
    reply: () => {
      reply(undefined);
    },
  }));
  system.stop();
}

function send(batches: ReturnType<typeof spanBatches>): void {
  segment += 1;
  system.tell(services, { type: 'append', segment, batches });
}

const CONTAINER = {
  ...{ 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'shop-1', 'k8s.container.name': 'shop' },
};

/** What a container uses of a memory limit of 4 GiB, in the minutes before the next tick. */
function use(mebibytes: number): void {
  segment += 1;
  const point = (name: string, value: number, minute: number): PointFixture => ({
    ...{ service: 'shop', resource: CONTAINER, kind: 'gauge', name, value: value * 2 ** 20 },
    timeMs: nowMs + minute * 60_000,
  });
  const points = [1, 2, 3, 4].flatMap((minute) => [
    point('container.memory.working_set', mebibytes, minute),
    point('k8s.container.memory.limit', 4_096, minute),
  ]);
  system.tell(services, { type: 'append', segment, batches: pointBatches(points) });
}

/** What a request calls, so many ms after it began. */
interface CallFixture {
  readonly atMs: number;
  readonly ms: number;
  readonly name: string;
  readonly isError?: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Requests of 90 ms that make these calls, in the minutes before the next tick. Returns the ids of the calls. */
function request(requests: number, callsOf: (request: number) => readonly CallFixture[]): readonly string[] {
  const spans: SpanFixture[] = [];
  const callIds: string[] = [];
  for (let at = 0; at < requests; at += 1) {
    const startMs = nowMs + 300_000 + at * 100;
    const id = (call: number): string =>
      ((segment + 1) * 1e6 + at * 100 + call + 1).toString(16).padStart(16, '0');
    const traceId = id(0).padStart(32, 'a');
    const root = { spanId: id(0), name: 'GET /cart', kind: 2, startMs, durationMs: 90 };
    const calls = callsOf(at).map(({ atMs, ms, ...call }, index) => ({
      ...{ spanId: id(index + 1), parentSpanId: id(0), kind: 3, ...call },
      ...{ startMs: startMs + atMs, durationMs: ms },
    }));
    spans.push(...[root, ...calls].map((span) => ({ service: 'shop', traceId, ...span })));
    callIds.push(...calls.map(({ spanId }) => `${traceId} ${spanId}`));
  }
  send(spanBatches(spans));
  return callIds;
}

/** Requests that each make so many queries. */
function visit(requests: number, queries: number): readonly string[] {
  return request(requests, (at) =>
    Array.from({ length: queries }, (_, index) => ({
      ...{ atMs: index * 9, ms: 8, name: 'SELECT shop' },
      attributes: query(`SELECT name FROM items WHERE id = ${at + index}`),
    })),
  );
}

const query = (text: string): CallFixture['attributes'] => ({
  ...{ 'db.system.name': 'postgresql', 'db.query.text': text },
});

const http = (peer: string, more: CallFixture['attributes'] = {}): CallFixture['attributes'] => ({
  ...{ 'http.request.method': 'GET', 'server.address': peer, ...more },
});

interface Habit {
  readonly category: TipCategory;
  readonly title: string;
  readonly note: string;
  /** In ms, or in bytes, of an operation that shows it. */
  readonly saving: number;
  readonly savingUnit?: 'By';
  readonly severalOf: (request: number) => readonly CallFixture[];
  /** The same without the habit. */
  readonly twinOf: (request: number) => readonly CallFixture[];
}

const STOCK: CallFixture = { atMs: 0, ms: 8, name: 'GET', attributes: http('stock') };
const ROWS = ['a', 'b', 'c'].map((table, at): CallFixture => ({
  ...{
    atMs: 21 * at,
    ms: 20,
    name: 'SELECT shop',
    attributes: query(`SELECT ${table} FROM ${table} LIMIT 1`),
  },
}));
const LOOKUP: CallFixture = {
  ...{ atMs: 0, ms: 1, name: 'GET', attributes: { 'db.system.name': 'redis', 'db.operation.name': 'GET' } },
};
const READ: CallFixture = {
  ...{ atMs: 2, ms: 40, name: 'SELECT shop' },
  attributes: query('SELECT a FROM b LIMIT 1'),
};
const slowly = (ms: number): CallFixture => ({
  ...{ atMs: 0, ms, name: 'SELECT shop', attributes: query("SELECT * FROM items WHERE lower(name) = 'x'") },
});
const answered = (bytes: number): CallFixture => ({
  ...STOCK,
  attributes: http('stock', { 'http.response.body.size': String(bytes) }),
});

const HABITS: readonly Habit[] = [
  {
    category: 'n-plus-one',
    title: 'GET /cart asks 10 times for what one query could',
    note: 'SELECT a FROM b WHERE c = ?',
    saving: 72,
    severalOf: (at) =>
      Array.from({ length: 10 }, (_, index) => ({
        ...{ ...READ, atMs: 9 * index, ms: 8 },
        attributes: query(`SELECT a FROM b WHERE c = ${at + index}`),
      })),
    twinOf: () => [{ ...READ, ms: 8, attributes: query('SELECT a FROM b WHERE c IN (1, 2, 3)') }],
  },
  {
    category: 'chatty-calls',
    title: 'GET /cart makes the same call 8 times',
    note: 'GET → stock',
    saving: 56,
    severalOf: () => Array.from({ length: 8 }, (_, index) => ({ ...STOCK, atMs: 9 * index })),
    twinOf: () => [STOCK, { ...STOCK, atMs: 9 }],
  },
  {
    category: 'serial-calls',
    title: 'GET /cart waits for 3 reads one after another',
    note: ['a', 'b', 'c'].map((table) => `SELECT ${table} FROM ${table} LIMIT ?`).join(', then '),
    saving: 40,
    severalOf: () => ROWS,
    twinOf: () => ROWS.map((row) => ({ ...row, atMs: 0 })),
  },
  {
    category: 'slow-statement',
    title: 'A statement of GET /cart takes 180 ms',
    note: 'SELECT * FROM items WHERE lower(name) = ?',
    saving: 80,
    severalOf: () => [slowly(180)],
    twinOf: () => [slowly(20)],
  },
  {
    category: 'retries',
    title: 'GET /cart tries a call 3 times',
    note: 'GET → stock',
    saving: 16,
    severalOf: () => [0, 1, 2].map((attempt) => ({ ...STOCK, atMs: 20 * attempt, isError: attempt < 2 })),
    twinOf: () => [STOCK],
  },
  {
    category: 'cache-misses',
    title: 'The cache of GET /cart misses 60 % of lookups',
    note: 'GET → redis',
    // Of 40 ms, as if nine lookups in ten hit.
    saving: 40 * (1 - 0.1 / 0.6),
    severalOf: (at) => (at % 10 < 6 ? [LOOKUP, READ] : [LOOKUP]),
    twinOf: (at) => (at % 10 < 1 ? [LOOKUP, READ] : [LOOKUP]),
  },
  {
    category: 'large-payloads',
    title: 'GET /cart moves 5.0 MB in one call',
    note: 'GET → stock',
    ...{ saving: 4_000_000, savingUnit: 'By' },
    severalOf: () => [answered(5_000_000)],
    twinOf: () => [answered(50_000)],
  },
];

describe('advice', () => {
  it('is given of queries in a loop, once, with examples, and is over when they are gone', async () => {
    visit(40, 10);
    await tick();
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({
      ...{ kind: 'tip', state: 'open', severity: 'info', service: SHOP },
      title: 'shop: GET /cart asks 10 times for what one query could',
      tip: { category: 'n-plus-one', saving: 72, savingUnit: 'ms' },
    });
    expect(shown[0]?.explanation).toContain('SELECT name FROM items WHERE id = ?');
    expect(shown[0]?.evidence).toHaveLength(3);
    expect(kept.get(shown[0]?.id ?? '')).toEqual(shown[0]);
    visit(40, 10);
    await tick();
    expect(shown).toHaveLength(1);
    for (let round = 0; round < 3; round += 1) {
      visit(40, 1);
      await tick();
    }
    expect(shown.map(({ state }) => state)).toEqual(['open', 'over']);
    expect(kept.get(shown[0]?.id ?? '')?.state).toBe('over');
  });

  it('of traces is tested of every category', () => {
    expect(HABITS.map(({ category }) => category)).toEqual(TIP_CATEGORIES);
  });

  it.each(HABITS)(
    'is given of $category, with examples and a saving, and not of what does without',
    async ({ category, title, note, saving, savingUnit = 'ms', severalOf, twinOf }) => {
      request(100, twinOf);
      await tick();
      expect(shown).toEqual([]);
      const callIds = request(100, severalOf);
      await tick();
      expect(shown).toMatchObject([
        {
          ...{ kind: 'tip', state: 'open', severity: 'info', service: SHOP, services: [SHOP] },
          ...{ title: `shop: ${title}`, tip: { category, savingUnit } },
        },
      ]);
      const [tip] = shown;
      expect(insightSchema.parse(tip)).toEqual(tip);
      expect(tip?.tip?.saving).toBeCloseTo(saving, 6);
      const examples = (tip?.evidence ?? []).flatMap((each) => (each.type === 'trace' ? [each] : []));
      expect(examples).toHaveLength(3);
      for (const { traceId, spanId, ...example } of examples) {
        expect(callIds).toContain(`${traceId} ${spanId}`);
        expect(example).toMatchObject({ note, service: SHOP });
      }
      expect(kept.get(tip?.id ?? '')).toEqual(tip);
    },
  );

  it('stays while nothing comes that could say otherwise', async () => {
    visit(40, 10);
    await tick();
    for (let round = 0; round < 5; round += 1) await tick();
    expect(shown.map(({ state }) => state)).toEqual(['open']);
  });

  it('goes on after a restart', async () => {
    visit(40, 10);
    await tick();
    system.stop();
    start();
    visit(40, 10);
    await tick();
    expect(shown.map(({ id }) => id)).toEqual([shown[0]?.id, shown[0]?.id]);
    expect(shown[1]?.detectedUnixMs).toBe(shown[0]?.detectedUnixMs);
  });

  it('is kept once the store is back', async () => {
    visit(40, 10);
    await tick();
    kept.clear();
    isAway = true;
    resources = [resourceOf(3 * 3_600_000)];
    await tick();
    expect(kept.size).toBe(0);
    expect(shown.at(-1)?.kind).toBe('forecast');
    isAway = false;
    await tick();
    expect([...kept.values()].map(({ kind }) => kind)).toEqual(['forecast']);
    expect(missed).toEqual([]);
  });

  it('says after a day, over a restart, what is kept and never used, until somebody needs it', async () => {
    for (let round = 0; round < 130; round += 1) {
      use(300);
      await tick();
    }
    expect(shown).toEqual([]);
    await stopped();
    start();
    for (let round = 0; round < 20; round += 1) {
      use(300);
      await tick();
    }
    // Once an hour it is said again.
    expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
    const [tip] = shown;
    expect(tip).toMatchObject({
      ...{ kind: 'tip', state: 'open', severity: 'info', service: SHOP },
      title: 'shop: 4 GiB of memory are kept and 300 MiB used (shop)',
      tip: { category: 'memory-too-large', saving: (4_096 - 368) * 2 ** 20, savingUnit: 'By' },
    });
    expect(tip?.explanation).toContain('368 MiB would do');
    expect(tip?.evidence[0]).toMatchObject({ type: 'signal', name: 'container.memory.working_set' });
    for (let round = 0; round < 4; round += 1) {
      use(3_000);
      await tick();
    }
    expect(shown.at(-1)).toMatchObject({ state: 'over' });
    expect(missed).toEqual([]);
  });

  it('warns of what is near its limit within the hour', async () => {
    for (let round = 0; round < 8; round += 1) {
      use(4_000);
      await tick();
    }
    expect(shown).toMatchObject([
      { severity: 'warning', title: 'shop: Memory is near its limit (shop)', tip: { saving: null } },
    ]);
  });

  it('is given of CPU, memory, heaps and pools of every category after a day, and of no healthy twin', async () => {
    expect(SIZE_HABITS.map(({ category }) => category)).toEqual(SIZE_CATEGORIES);
    for (let round = 0; round < 6 * 25; round += 1) {
      const points = [2, 4].flatMap((minute) => sizePoints(10 * round + minute, nowMs + minute * 60_000));
      segment += 1;
      system.tell(services, { type: 'append', segment, batches: pointBatches(points) });
      await tick();
    }
    const latest = new Map(shown.map((tip) => [tip.service.name, tip]));
    expect([...latest.keys()].sort()).toEqual([...SIZE_CATEGORIES].sort());
    for (const { category, title, saving, savingUnit, example } of SIZE_HABITS) {
      const tip = latest.get(category);
      const [name, observed] = example;
      expect(tip).toMatchObject({
        ...{ kind: 'tip', state: 'open', severity: saving === null ? 'warning' : 'info' },
        ...{ title: `${category}: ${title}`, services: [{ name: category }] },
        tip: { category, saving: saving === null ? null : (expect.closeTo(saving, 6) as number), savingUnit },
        evidence: [{ type: 'signal', name, observed: expect.closeTo(observed, 6) as number }],
      });
      expect(insightSchema.parse(tip)).toEqual(tip);
      const [shownAs] = tip?.evidence ?? [];
      // What was used in each hour, under what there is of it.
      const chart = shownAs?.type === 'signal' ? shownAs.chart : undefined;
      expect(chart?.values.length).toBeGreaterThan(20);
      expect(Math.max(...(chart?.values.map((value) => value ?? 0) ?? []))).toBeCloseTo(observed, 6);
    }
    expect(missed).toEqual([]);
  });

  it('says which metric has many series, and by which attribute, and nothing of many processes with a few each', async () => {
    const orders = (service: string, series: number, of: (index: number) => Partial<PointFixture>) =>
      Array.from({ length: series }, (_, index) => ({
        ...{ service, name: 'orders', kind: 'gauge' as const, timeMs: nowMs + 300_000 },
        ...of(index),
      }));
    const byUser = orders('shop', 6_000, (index) => ({
      attributes: { 'user.id': `u${index % 3_000}`, route: `r${Math.floor(index / 3_000)}` },
    }));
    const byProcess = orders('fleet', 6_000, (index) => ({
      instance: `fleet-${index % 400}`,
      attributes: { route: `r${Math.floor(index / 400)}` },
    }));
    send(pointBatches([...byUser, ...byProcess]));
    await tick();
    expect(shown).toMatchObject([
      {
        ...{
          severity: 'info',
          service: SHOP,
          title: expect.stringMatching(/ series by user\.id$/) as string,
        },
        tip: { category: 'many-series', savingUnit: 'By/d' },
        evidence: [{ type: 'signal', name: 'orders' }],
      },
    ]);
    // 6,000 points in ten minutes, of ten bytes; all but a 3,000th would be saved.
    expect(shown[0]?.tip?.saving).toBeCloseTo((1 - 1 / 3_000) * 6_000 * 144 * 10, -3);
    expect(insightSchema.parse(shown[0])).toEqual(shown[0]);
  });

  it('says nothing of a metric whose attributes have as many values as ever', async () => {
    for (let round = 0; round < 6 * 9; round += 1) {
      const points = Array.from({ length: 120 }, (_, index) => ({
        ...{ service: 'shop', name: 'orders', kind: 'gauge' as const, timeMs: nowMs + 300_000 },
        attributes: { 'user.class': `c${index % 40}`, route: `r${index % 3}` },
      }));
      send(pointBatches(points));
      await tick();
    }
    expect(shown).toEqual([]);
  });

  it('says which metric gets series without end, and by which attribute', async () => {
    for (let round = 0; round < 6 * 9; round += 1) {
      const points = Array.from({ length: 120 }, (_, index) => ({
        ...{ service: 'shop', name: 'orders', kind: 'gauge' as const, timeMs: nowMs + 300_000 },
        attributes: { 'user.id': `u${round}-${index}`, route: `r${index % 3}` },
      }));
      send(pointBatches(points));
      await tick();
    }
    expect(new Set(shown.map(({ title }) => title))).toEqual(
      new Set([expect.stringContaining('by user.id')]),
    );
    expect(shown[0]).toMatchObject({
      ...{ severity: 'warning', service: SHOP, tip: { category: 'endless-series', savingUnit: 'By/d' } },
    });
    // 120 points in ten minutes, of ten bytes; all but a 120th would be saved.
    expect(shown[0]?.tip?.saving).toBeCloseTo(119 * 144 * 10);
    expect(shown[0]?.evidence[0]).toMatchObject({ type: 'signal', name: 'orders' });
  });

  it('names metrics that nobody asks for once people ask for others', async () => {
    const { prometheus, query, stop } = engineOver(EMPTY_HISTORY, [], 0);
    const engine = asked.watchPrometheus(prometheus);
    const request = {
      ...{ query: 'rate(used_total[5m])', lookbackMs: 300_000, limit: 0 },
      window: { startMs: START_MS, endMs: START_MS, stepMs: 1_000 },
    };
    await engine.evaluate({ ...request, query: 'sum(' }, unboundedRun()).catch(() => undefined);
    for (let question = 0; question < 60; question += 1) await engine.evaluate(request, unboundedRun());
    const filter = { name: 'queue.size', labels: [] };
    const range = { fromUnixNano: 0n, toUnixNano: 1n };
    await asked.watchQueries(query).series(filter, range, 1, unboundedRun());
    const minute = (name: string): PointFixture[] =>
      Array.from({ length: 4_000 }, (_, index) => ({
        ...{ service: 'shop', name, timeMs: nowMs + 300_000, attributes: { at: `${index % 50}` } },
      }));
    const round = async (): Promise<void> => {
      send(pointBatches([...minute('used'), ...minute('queue.size'), ...minute('idle')]));
      await tick();
    };
    await round();
    expect(shown).toEqual([]);
    nowMs += 6 * 86_400_000;
    await engine.evaluate(request, unboundedRun());
    stop();
    await stopped();
    start();
    nowMs += 2 * 86_400_000;
    await round();
    expect(shown).toMatchObject([
      {
        title: 'shop: Nobody has asked for 2 of its metrics in 8 days',
        tip: { category: 'metrics-not-asked-for', saving: 8_000 * 144 * 10, savingUnit: 'By/d' },
        // Each can be opened, with how much of it comes.
        evidence: ['queue.size', 'idle'].map((name) => ({
          ...{ type: 'signal', name, service: SHOP, observed: 4_000 * 144, unit: '{point}/d' },
        })),
      },
    ]);
    expect(insightSchema.parse(shown[0])).toEqual(shown[0]);
    expect(shown[0]?.explanation).toContain('idle');
    expect(shown[0]?.explanation).not.toContain('used');
  });

  it('sees the same line logged again and again, and not lines that tell something', async () => {
    const lines = (service: string, bodyAt: (index: number) => string) =>
      Array.from({ length: 900 }, (_, index) => ({
        ...{ service, body: bodyAt(index), timeMs: nowMs + 200_000 + index },
      }));
    const different = lines('shop', (index) => `order ${index}`);
    send(logBatches([...different, ...lines('shop', () => 'still waiting'), ...lines('pay', String)]));
    await tick();
    expect(shown).toMatchObject([
      {
        title: 'shop: The same line is logged 90 times a minute',
        tip: { category: 'repeated-lines', saving: expect.closeTo(900 * 144 * 10, -5) as number },
        evidence: [{ type: 'log-pattern', template: 'still waiting' }],
      },
    ]);
  });

  it('foresees what runs out, the sooner the worse', async () => {
    for (const [hours, severity] of [
      [200, 'info'],
      [50, 'warning'],
      [3, 'critical'],
    ] as const) {
      resources = [resourceOf(hours * 3_600_000)];
      await tick();
      expect(shown.at(-1)).toMatchObject({
        ...{ kind: 'forecast', severity, title: 'disk / of shop: full' },
        // What draws its forecast, and where it is looked for.
        saturation: { query: 'up', metric: 'system.filesystem.utilization' },
      });
    }
    expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
    // Nobody said that it is the limit, and it was there before.
    resources = [resourceOf(3 * 3_600_000, 'learned')];
    await tick();
    expect(shown.at(-1)).toMatchObject({
      severity: 'info',
      explanation: expect.stringMatching(
        /cut off again and again .* no metric says what its limit is/,
      ) as string,
    });
    const said = shown.length;
    resources = [{ ...resourceOf(3 * 3_600_000, 'learned'), share: 0.99 }];
    await tick();
    expect(shown).toHaveLength(said);
    resources = [resourceOf(undefined)];
    for (let round = 0; round < 3; round += 1) await tick();
    expect(shown.at(-1)).toMatchObject({ state: 'over' });
  });
});

function resourceOf(inMs: number | undefined, limit = 'whole'): ResourceOutlook {
  const reachedUnixMs = inMs === undefined ? undefined : nowMs + 600_000 + inMs;
  return {
    metric: { name: 'system.filesystem.utilization', unit: '1', kind: 'disk', limit: { type: limit } },
    ...{ labels: { job: 'shop', mountpoint: '/' }, query: 'up', current: 0.8, limit: 1, share: 0.8 },
    ...{ name: 'disk / of shop', service: SHOP, text: 'disk / of shop: full', refusal: undefined },
    ...{ reachedUnixMs, earliestUnixMs: reachedUnixMs, latestUnixMs: undefined },
  } as unknown as ResourceOutlook;
}

function answerOf(found: readonly ResourceOutlook[]): CapacityAnswer {
  return { resources: found, resourcesLeftOut: 0, loads: [], loadsLeftOut: 0 };
}
