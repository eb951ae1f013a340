import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Permission, ServiceMatcher } from '../../proto/access/index.ts';
import { TELEMETRY_ENDPOINTS, type ApiAnswers, type StatusJson } from '../../proto/api/index.ts';
import { TOPIC_NEEDS } from '../../proto/live/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import { PostgresChangeStore } from '../insights/index.ts';
import { madeInsight, madeService, madeSignal } from '../insights/fixtures/index.ts';
import type { Platform } from '../platform/index.ts';
import { makeUser, tokenOf } from './access-people.ts';
import { readApi, startTestPlatform } from './test-platform.ts';
import { warmPatterns } from './warm-patterns.ts';

/** Stands in everything that the hidden service ever said, and in nothing else. */
const MARK = 'hidden';
const TRACE = '5b8efff798038103d269b633813fc60c';
const nowMs = Date.now();

let folder: string;
let platform: Platform;
/** Tokens: of who may see all, and of who may see `cart` in production alone. */
let all: string;
let some: string;

const SEES_CART: readonly ServiceMatcher[] = [{ name: 'ca*t', environment: 'production' }];
const READS: readonly Permission[] = [
  ...([
    'services:read',
    'traces:read',
    'logs:read',
    'metrics:read',
    'insights:read',
    'insights:judge',
  ] as const),
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-narrowed-'));
  platform = await start();
  const { users } = platform.access;
  await users.change((query) =>
    users.putRole(query, 'cart-team', { permissions: [...READS, 'platform:read'], services: SEES_CART }),
  );
  // A role of nothing but SQL, for all services: it must not be a way around the other.
  await users.change((query) =>
    users.putRole(query, 'asks-sql', { permissions: ['sql:run'], services: undefined }),
  );
  await signIn();
  await warmPatterns(platform, `${MARK}-warm`);
  for (const service of ['cart', MARK]) await send(service, 'production');
  // The same name elsewhere is another service.
  await send('cart', `staging-${MARK}`);
  // A change is one a minute after a service was first seen: too late for a test.
  await new PostgresChangeStore(platform.access.database).save(
    [`production~~${MARK}`, 'production~~cart'].map((serviceId) => ({
      ...{ serviceId: serviceId as ServiceId, kind: 'deploy', name: serviceId, atMs: nowMs },
    })),
  );
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(): Promise<Platform> {
  return startTestPlatform(folder, {
    OPHION_ARCHIVE_MAX_AGE_SECONDS: '3600',
    OPHION_SQL: 'on',
    OPHION_QUERY_RATE: '0',
    OPHION_TELEMETRY_SECONDS: '1',
    OPHION_RECOGNISE_RETRIES: 'off',
  });
}

async function signIn(): Promise<void> {
  const { users } = platform.access;
  const idOf = async (login: string, roles: readonly string[]): Promise<string> =>
    users.byLogin(login)?.id ?? makeUser(platform, login, roles);
  all = await tokenOf(platform, await idOf('everything', ['admin']));
  some = await tokenOf(platform, await idOf('cart-only', ['cart-team', 'asks-sql']));
}

const attributes = (values: Readonly<Record<string, string>>): unknown =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** Everything there is of each signal; of the hidden ones every text has the mark. */
async function send(service: string, environment: string): Promise<void> {
  const isHidden = service === MARK || environment.includes(MARK);
  const word = (text: string): string => (isHidden ? `${MARK}-${text}` : text);
  const resource = {
    attributes: attributes({
      'service.name': service,
      'deployment.environment.name': environment,
      [word('host')]: word('box'),
    }),
  };
  const spanId = isHidden ? (service === MARK ? '2'.repeat(16) : '3'.repeat(16)) : '1'.repeat(16);
  const at = (afterMs: number): string => `${nowMs - 60_000 + afterMs}000000`;
  const spans = [
    {
      traceId: TRACE,
      spanId,
      ...(service === MARK && { parentSpanId: '1'.repeat(16) }),
      name: word('GET /'),
      kind: 2,
      startTimeUnixNano: at(10),
      endTimeUnixNano: at(20),
      attributes: attributes({ [word('route')]: word('value') }),
      status: { code: 2, message: word('broke') },
      events: [{ timeUnixNano: at(12), name: word('event') }],
    },
  ];
  const logRecords = [
    {
      timeUnixNano: at(15),
      severityNumber: 17,
      severityText: word('ERROR'),
      body: { stringValue: word('body') },
      attributes: attributes({ [word('key')]: word('value') }),
      traceId: TRACE,
      spanId,
    },
  ];
  const dataPoints = [
    {
      timeUnixNano: at(15),
      asInt: isHidden ? '7' : '3',
      attributes: attributes({ [word('label')]: word('value') }),
      exemplars: [{ timeUnixNano: at(15), asInt: '1', traceId: TRACE, spanId }],
    },
  ];
  const metrics = [
    { name: word('size'), description: word('text'), unit: word('By'), gauge: { dataPoints } },
    ...['shared', 'pool.used', 'pool.limit'].map((name) => ({ name, gauge: { dataPoints } })),
  ];
  for (const [path, body] of [
    ['traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }],
    ['logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }],
    ['metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }],
  ] as const) {
    const response = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(await response.json()).toEqual({});
  }
}

async function ask(token: string, target: string, accept = 'application/json'): Promise<Response> {
  return fetch(`http://127.0.0.1:${platform.ports.api}${target}`, {
    headers: { authorization: `Bearer ${token}`, accept },
  });
}

const WIDE = `from=${nowMs - 3_600_000}&to=now`;
const SPAN = `start=${Math.floor(nowMs / 1_000) - 600}&end=${Math.floor(nowMs / 1_000) + 60}`;
const hiddenId = `production~~${MARK}`;
const [CART, HIDDEN] = [madeService('cart', 'production', ''), madeService(MARK, 'production', '')];
const HIDDEN_INSIGHT = madeInsight(2, { service: HIDDEN, services: [HIDDEN, CART] });
/** In place of the id of the hidden service's record, which is known once it was sent. */
const HIDDEN_LOG = 'HIDDEN-LOG';

async function idOfHiddenLog(): Promise<string> {
  const { logs } = (await (await ask(all, `/api/v1/logs?${WIDE}&service=${hiddenId}`)).json()) as {
    readonly logs: readonly { readonly id: string }[];
  };
  return logs[0]?.id ?? expect.unreachable();
}

const EVERY = encodeURIComponent('sum by (__name__, job) ({__name__=~".*size|.*shared"})');

/** One question at least of each endpoint about services; more where what one asks for could go around. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/services': [`?${WIDE}`],
  '/api/v1/services/:service/operations': [`/${hiddenId}/operations?${WIDE}`],
  '/api/v1/services/:service/expected': [`/${hiddenId}/expected`],
  '/api/v1/traces': [
    `?${WIDE}`,
    `?${WIDE}&service=${hiddenId}`,
    `?${WIDE}&q=service:${MARK}`,
    `?${WIDE}&text=${MARK}`,
    `?${WIDE}&q=-service:cart`,
  ],
  '/api/v1/traces/aggregate': [
    `?${WIDE}&by=service&by=name`,
    `?${WIDE}&by=environment`,
    `?${WIDE}&by=${MARK}-route`,
  ],
  '/api/v1/traces/facets': [`?${WIDE}`],
  '/api/v1/traces/diff': [`?${WIDE}&q=service:cart`, `?${WIDE}&q=service:${MARK}&baseline=service:cart`],
  '/api/v1/traces/shapes': [`?${WIDE}`, `?${WIDE}&service=${hiddenId}`, `?${WIDE}&operation=${MARK}`],
  '/api/v1/traces/:traceId': [`/${TRACE}`],
  '/api/v1/traces/:traceId/critical-path': [`/${TRACE}/critical-path`],
  '/api/v1/traces/:traceId/compare': [`/${TRACE}/compare?with=${TRACE}`],
  '/api/v1/logs': [
    `?${WIDE}`,
    `?${WIDE}&service=${hiddenId}`,
    `?${WIDE}&traceId=${TRACE}`,
    `?${WIDE}&q=${MARK}`,
  ],
  '/api/v1/logs/:logId/context': [`/${HIDDEN_LOG}/context`],
  '/api/v1/logs/patterns': ['', `?service=${hiddenId}`, `?text=${MARK}`, '?severity=error&limit=1000'],
  '/api/v1/logs/aggregate': [`?${WIDE}&by=service&by=severity.text`],
  '/api/v1/logs/facets': [`?${WIDE}`],
  '/api/v1/logs/diff': [`?${WIDE}&q=service:cart`],
  '/api/v1/metrics': [`?${WIDE}`, `?${WIDE}&service=${hiddenId}`],
  '/api/v1/metrics/series': [
    `?${WIDE}&name=shared`,
    `?${WIDE}&name=${MARK}-size`,
    `?${WIDE}&name=shared&service=${hiddenId}`,
  ],
  '/api/v1/metrics/catalogue': [`?${WIDE}`, `?${WIDE}&service=${hiddenId}`, `?${WIDE}&text=${MARK}`],
  '/api/v1/metrics/exemplars': [
    `?${WIDE}&name=shared`,
    `?${WIDE}&name=${MARK}-size`,
    `?${WIDE}&name=shared&service=${hiddenId}`,
  ],
  '/api/v1/metrics/forecast': [`?${WIDE}&query=${EVERY}`, `?${WIDE}&query=shared`],
  '/api/v1/metrics/band': [`?${WIDE}&query=${EVERY}`, `?${WIDE}&query=shared`],
  '/api/v1/capacity': [`?${WIDE}&horizon=1h`],
  '/api/v1/graph': [`?${WIDE}`],
  '/api/v1/root-causes': [`?service=${hiddenId}`, `?service=${hiddenId}&signal=${MARK}-size`],
  '/api/v1/changes': [`?${WIDE}`, `?${WIDE}&service=${hiddenId}`, `?${WIDE}&kind=deploy&limit=1`],
};

const PROMETHEUS: readonly string[] = [
  `query?query=${encodeURIComponent('{__name__=~".+"}')}&lookback_delta=1h`,
  `query_range?query=${encodeURIComponent('{__name__=~".+"}')}&${SPAN}&step=15`,
  // Not all there is: of each metric it would be a question of its own.
  `query_exemplars?query=${encodeURIComponent('{__name__=~".*size|shared"}')}&${SPAN}`,
  `series?${encodeURIComponent('match[]')}=${encodeURIComponent('{__name__=~".+"}')}&${SPAN}`,
  `labels?${SPAN}`,
  `label/__name__/values?${SPAN}`,
  `label/job/values?${SPAN}`,
  `label/${MARK}_label/values?${SPAN}`,
  'metadata',
];

describe.each(['windows', 'archive'] as const)('who may see one service, asking the %s', (tier) => {
  beforeAll(async () => {
    if (tier === 'archive') {
      await platform.stop();
      platform = await start();
      await signIn();
      await vi.waitFor(
        async () => {
          const { archivedThrough, segment } = await readApi<StatusJson>(platform, '/api/v1/status');
          expect(archivedThrough).toBeGreaterThan(0);
          expect(archivedThrough).toBe(segment);
        },
        { timeout: 30_000, interval: 100 },
      );
    }
    // The service graph is made of what was matched, and reported as metrics a little later; patterns are read every two seconds.
    await vi.waitFor(
      async () => {
        expect(await (await ask(all, `/api/v1/graph?${WIDE}`)).text()).toContain(MARK);
        expect(await (await ask(all, `/api/v1/logs/patterns?text=${MARK}`)).text()).toContain(hiddenId);
      },
      { timeout: 20_000, interval: 200 },
    );
  });

  it('has a question here for every endpoint about services', () => {
    const about = TELEMETRY_ENDPOINTS.filter(({ needs }) => needs !== 'platform:read' && needs !== 'sql:run');
    expect(Object.keys(QUESTIONS).sort()).toEqual(about.map(({ path }) => path).sort());
  });

  it.each(Object.entries(QUESTIONS))('%s', async (path, questions) => {
    const shown: boolean[] = [];
    const base = path.split('/:')[0] ?? path;
    const hiddenLog = await idOfHiddenLog();
    for (const asked of questions) {
      const question = asked.replace(HIDDEN_LOG, hiddenLog);
      for (const accept of ['application/json', 'text/csv']) {
        const whole = await ask(all, `${base}${question}`, accept);
        const part = await ask(some, `${base}${question}`, accept);
        expect([question, whole.status, part.status]).toEqual([question, 200, 200]);
        shown.push((await whole.text()).includes(MARK));
        expect([question, saysMark(await part.text(), question)]).toEqual([question, false]);
      }
    }
    // Or the test could not fail. An answer of figures alone has no text of anybody.
    if (!/operations|expected$/.test(path)) expect(shown).toContain(true);
  });

  it('sees its own', async () => {
    for (const [target, own] of [
      [`/api/v1/services?${WIDE}`, '"cart"'],
      [`/api/v1/traces/${TRACE}`, 'GET /'],
      [`/api/v1/logs?${WIDE}`, 'body'],
      [`/api/v1/metrics/series?${WIDE}&name=shared`, '"asInt":"3"'],
      [`/prometheus/api/v1/query?query=shared&lookback_delta=1h`, '"3"'],
    ] as const) {
      expect(await (await ask(some, target)).text()).toContain(own);
    }
  });

  it.each([
    ['services', `/api/v1/services?${WIDE}`, 1],
    ['traces', `/api/v1/traces/${TRACE}`, 1],
    ['logs', `/api/v1/logs?${WIDE}`, 1],
    ['groups', `/api/v1/traces/aggregate?${WIDE}&by=service`, 1],
    ['patterns', '/api/v1/logs/patterns', 1],
  ])('counts of %s no more than its own', async (_what, target, most) => {
    const answer = (await (await ask(some, target)).json()) as Record<string, unknown>;
    const list = Object.values(answer).find((value) => Array.isArray(value)) as unknown[];
    expect(list).toHaveLength(most);
    if ('count' in answer) expect(answer['count']).toBe(1);
  });

  it.each(PROMETHEUS)('Prometheus %s', async (question) => {
    const target = `/prometheus/api/v1/${question}`;
    const [whole, part] = [await ask(all, target), await ask(some, target)];
    expect([whole.status, part.status]).toEqual([200, 200]);
    expect(await whole.text()).toContain(MARK);
    expect(await part.text()).not.toContain(MARK);
  });

  it('sees insights of its own, without what they say of others, and judges no other', async () => {
    const seenCause = { service: CART, signal: 'errors', score: 0.4, explanation: 'own', evidence: [] };
    const cause = { ...seenCause, service: HIDDEN, explanation: `${MARK} is slow` };
    await platform.insights.save([
      madeInsight(1, {
        ...{ service: CART, services: [CART, HIDDEN], startedUnixMs: nowMs },
        explanation: `because of ${MARK}`,
        evidence: [madeSignal(HIDDEN), madeSignal(CART)],
        rootCauses: [cause, seenCause],
      }),
      { ...HIDDEN_INSIGHT, startedUnixMs: nowMs },
    ]);
    const questions = ['', `&service=${hiddenId}`, '&kind=anomaly&state=open', `&service=${CART.id}`];
    for (const question of questions) {
      for (const accept of ['application/json', 'text/csv']) {
        const [whole, part] = [
          await ask(all, `/api/v1/insights?${WIDE}${question}`, accept),
          await ask(some, `/api/v1/insights?${WIDE}${question}`, accept),
        ];
        expect([whole.status, part.status]).toEqual([200, 200]);
        expect(await whole.text()).toContain(MARK);
        expect(await part.text()).not.toContain(MARK);
      }
    }
    const before = (await (
      await ask(some, `/api/v1/insights?${WIDE}`)
    ).json()) as ApiAnswers['/api/v1/insights'];
    expect(before.insights).toMatchObject([
      { id: madeInsight(1).id, services: [CART], evidence: [madeSignal(CART)], rootCauses: [seenCause] },
    ]);
    const judge = (token: string, id: string, verdict: string | null): Promise<Response> =>
      fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/insights/${id}/feedback`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ verdict }),
      });
    const answers = [
      await ask(some, `/api/v1/insights/${HIDDEN_INSIGHT.id}`),
      await ask(some, `/api/v1/insights/${madeInsight(3).id}`),
      await judge(some, HIDDEN_INSIGHT.id, 'useful'),
      await judge(some, madeInsight(3).id, 'useful'),
    ];
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    // What is hidden and what is not there are the same.
    expect(new Set(texts).size).toBe(1);
    expect((await judge(some, madeInsight(1).id, 'useful')).status).toBe(200);
    expect((await judge(all, HIDDEN_INSIGHT.id, 'useful')).status).toBe(200);
    const after = (await (await ask(some, `/api/v1/insights?${WIDE}`)).json()) as typeof before;
    expect(after.precision).toEqual({ useful: 1, notUseful: 0 });
  });

  it('may not ask in SQL, whatever other role allows it', async () => {
    const response = await fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/sql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${some}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'SELECT ServiceName FROM otel_traces' }),
    });
    expect(response.status).toBe(403);
  });
});

describe('live topics of who may see one service', () => {
  it.each(Object.keys(TOPIC_NEEDS))('%s', async (kind) => {
    const topics = kind === 'service' ? [{ kind, service: hiddenId }] : [{ kind }];
    const [whole, part] = [listen(all, topics), listen(some, topics)];
    await Promise.all([whole.ready, part.ready]);
    // Twice: what is shown to one is not held back for the other.
    for (let round = 0; round < 2; round += 1) {
      await send('cart', 'production');
      await send(MARK, 'production');
      const changed = [madeInsight(1, { service: CART, services: [CART, HIDDEN] }), HIDDEN_INSIGHT];
      platform.domain.system.tell(platform.domain.live, { type: 'insights-changed', changed });
    }
    await vi.waitFor(
      () => {
        expect(whole.received()).toContain(MARK);
      },
      { timeout: 10_000, interval: 100 },
    );
    if (kind !== 'service') {
      await vi.waitFor(
        () => {
          expect(part.received()).toContain('cart');
        },
        { timeout: 10_000, interval: 100 },
      );
    }
    expect(part.received()).not.toContain(MARK);
    whole.close();
    part.close();
  });
});

/** Whether an answer has the mark anywhere but where it only says again what was asked. */
function saysMark(text: string, question: string): boolean {
  if (question.includes(`by=${MARK}-route`)) return text.replaceAll(`${MARK}-route`, '').includes(MARK);
  return text.includes(MARK);
}

function listen(
  token: string,
  topics: readonly object[],
): { readonly ready: Promise<void>; readonly received: () => string; readonly close: () => void } {
  const socket = new WebSocket(`ws://127.0.0.1:${platform.ports.api}/live`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const frames: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      for (const [subscription, topic] of topics.entries()) {
        socket.send(JSON.stringify({ type: 'subscribe', subscription, topic }));
      }
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      // The first answer says which topic it is, the mark included where it was asked for.
      if (isBinary) frames.push(withoutHead(data.toString('latin1')));
      else resolve();
    });
  });
  return {
    ready,
    received: () => frames.join('\n'),
    close: () => {
      socket.close();
    },
  };
}

/** A frame repeats the topic that was asked for. */
function withoutHead(frame: string): string {
  return frame.replaceAll(/\{"kind":[^}]*\}(?:\]\})?/g, '');
}
