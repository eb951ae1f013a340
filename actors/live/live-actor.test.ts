import { describe, expect, it, vi } from 'vitest';
import type { InsightJson } from '../../proto/api/index.ts';
import { logBatches, spanBatches } from '../fixtures/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnLiveActor } from './live-actor.ts';
import { RecordingClient, rowsOf, setUpLive } from './fixtures/live-stage.ts';

describe('the live actor', () => {
  it('sends a snapshot to who subscribes, and one frame a second to all after it', async () => {
    const { system, live, client, tick, append, settle } = setUpLive();
    await append(spanBatches([{ startMs: 1_000_000, durationMs: 20, isError: true }]));
    await tick();
    const a = client();
    system.tell(live, {
      type: 'subscribe',
      client: a,
      subscription: 7,
      visible: 'all',
      topic: { kind: 'overview' },
    });
    await settle();
    expect(a.texts).toEqual([{ type: 'subscribed', subscription: 7, topicKey: '{"kind":"overview"}' }]);
    const snapshot = rowsOf(a.frames[0]);
    expect(snapshot.head).toMatchObject({ mode: 'snapshot', topicKey: '{"kind":"overview"}' });
    expect(snapshot.rows).toMatchObject([
      { service: '~~cart', operation: '', second: 1_000_000, requests: 1, errors: 1, spans: 1 },
    ]);
    await append(spanBatches([{ service: 'pay', startMs: 1_001_000, durationMs: 1 }]));
    await tick();
    const change = rowsOf(a.frames[1]);
    expect(change.head).toMatchObject({ mode: 'change' });
    expect(change.rows).toMatchObject([{ service: '~~pay', second: 1_001_000, requests: 1 }]);
    await tick();
    expect(a.frames).toHaveLength(2);
    system.stop();
  });

  it('gives a client that comes back exactly what it missed', async () => {
    const { system, live, client, tick, append, settle } = setUpLive();
    const a = client();
    system.tell(live, {
      type: 'subscribe',
      client: a,
      subscription: 1,
      visible: 'all',
      topic: { kind: 'overview' },
    });
    await append(spanBatches([{ startMs: 1_000_000 }]));
    await tick();
    const since = Number(rowsOf(a.frames.at(-1)).head['sequence']);
    system.tell(live, { type: 'closed', client: a });
    await append(spanBatches([{ startMs: 1_001_000 }]));
    await tick();
    await append(spanBatches([{ startMs: 1_002_000 }, { startMs: 1_000_500 }]));
    await tick();
    const b = client();
    system.tell(live, {
      type: 'subscribe',
      client: b,
      subscription: 1,
      visible: 'all',
      topic: { kind: 'overview' },
      since,
    });
    await settle();
    const missed = rowsOf(b.frames[0]);
    expect(missed.head['mode']).toBe('change');
    expect(missed.rows.map(({ second, requests }) => [second, requests])).toEqual([
      [1_000_000, 2],
      [1_001_000, 1],
      [1_002_000, 1],
    ]);
    system.stop();
  });

  it('shows operations on the topic of a service only', async () => {
    const { system, live, client, tick, append } = setUpLive();
    const a = client();
    const topic = { kind: 'service', service: '~~cart' } as const;
    system.tell(live, { type: 'subscribe', client: a, subscription: 1, visible: 'all', topic });
    await append(spanBatches([{ startMs: 1_000_000, name: 'GET /a' }, { service: 'pay' }]));
    await tick();
    expect(rowsOf(a.frames.at(-1)).rows.map(({ service, operation }) => [service, operation])).toEqual([
      ['~~cart', ''],
      ['~~cart', 'GET /a'],
    ]);
    system.stop();
  });

  it('tails what a search line means, and refuses one that is none', async () => {
    const { system, live, client, append, settle } = setUpLive();
    const a = client();
    const subscribe = (subscription: number, q: string): void => {
      system.tell(live, {
        type: 'subscribe',
        client: a,
        subscription,
        visible: 'all',
        topic: { kind: 'spans', q },
      });
    };
    subscribe(1, 'http.route:/checkout* -name:health');
    subscribe(2, 'duration>5');
    const attributes = { 'http.route': '/checkout/7' };
    await append(
      spanBatches([{ name: 'pay', attributes }, { name: 'health', attributes }, { name: 'other' }]),
    );
    await append(spanBatches([{ name: 'pay again', attributes }]));
    system.tell(live, { type: 'flush-tails' });
    await settle();
    expect(rowsOf(a.frames[0]).rows.map(({ name }) => name)).toEqual(['pay', 'pay again']);
    expect(a.texts).toContainEqual({
      type: 'refused',
      subscription: 2,
      code: 'BAD_REQUEST',
      message: 'q is no search: at position 9: expected a duration such as 500ms, 1.5s or 2m, found 5',
    });
    system.stop();
  });

  it('tails spans and logs by filter, and says what it left out', async () => {
    const { system, live, client, append, settle } = setUpLive();
    const spans = client();
    const logs = client();
    system.tell(live, {
      type: 'subscribe',
      client: spans,
      subscription: 1,
      visible: 'all',
      topic: { kind: 'spans', errorsOnly: true, text: 'CHECK' },
    });
    system.tell(live, {
      type: 'subscribe',
      client: logs,
      subscription: 1,
      visible: 'all',
      topic: { kind: 'logs', service: '~~pay', minSeverity: 13 },
    });
    await append(
      spanBatches([
        ...Array.from({ length: 250 }, () => ({ name: 'checkout', isError: true, durationMs: 2.5 })),
        { name: 'checkout' },
        { name: 'other', isError: true },
        { name: 'other', isError: true, attributes: { 'http.route': '/Checkout/:id' } },
      ]),
    );
    await append(
      logBatches([
        { service: 'pay', body: 'declined', severityNumber: 17 },
        { service: 'pay', body: 'fine', severityNumber: 9 },
        { service: 'cart', body: 'declined', severityNumber: 17 },
      ]),
    );
    system.tell(live, { type: 'flush-tails' });
    await settle();
    const frame = rowsOf(spans.frames[0]);
    expect(frame.rows).toHaveLength(200);
    expect(frame.head['dropped']).toBe('51');
    expect(frame.rows[0]).toMatchObject({
      service: '~~cart',
      name: 'checkout',
      statusCode: 2,
      durationMs: 2.5,
    });
    expect(rowsOf(logs.frames[0]).rows).toMatchObject([
      { service: '~~pay', body: 'declined', severityNumber: 17 },
    ]);
    system.tell(live, { type: 'flush-tails' });
    await settle();
    expect(spans.frames).toHaveLength(1);
    system.stop();
  });

  it('catches a lagging client up when it has room again, and closes one that stays behind', async () => {
    const { system, live, client, tick, append } = setUpLive();
    const slow = client();
    system.tell(live, {
      type: 'subscribe',
      client: slow,
      subscription: 1,
      visible: 'all',
      topic: { kind: 'overview' },
    });
    await tick();
    slow.bufferedBytes = 5_000_000;
    await append(spanBatches([{ startMs: 1_001_000 }]));
    await tick();
    slow.frames.length = 0;
    slow.bufferedBytes = 0;
    await tick();
    await vi.waitFor(() => {
      expect(slow.frames.flatMap((frame) => rowsOf(frame).rows)).toMatchObject([{ second: 1_001_000 }]);
    });
    slow.bufferedBytes = 5_000_000;
    for (let i = 0; i < 25; i += 1) await tick();
    expect(slow.closed[0]?.[0]).toBe(4408);
    system.stop();
  });

  it('asks again when the services could not answer, and does not fall with them', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const clock = { nowMs: 1_000_000 };
    let isBroken = true;
    const system = startActorSystem(() => undefined);
    const services = system.spawn<undefined, ServicesMessage>({
      ...{ name: 'services', kind: 'services', capacity: 10, onCrash: 'resume' },
      initialState: () => undefined,
      receive(state, message) {
        if (isBroken) throw new Error('on purpose');
        if ('reply' in message) message.reply([]);
        return state;
      },
    });
    const live = spawnLiveActor(system, {
      ...{ services, budget: { goneThrough: 0 }, now: () => clock.nowMs, publish: () => undefined },
    });
    const a = new RecordingClient();
    const overview = { kind: 'overview' } as const;
    system.tell(live, { type: 'subscribe', client: a, subscription: 1, visible: 'all', topic: overview });
    const tick = async (): Promise<void> => {
      clock.nowMs += 1_000;
      system.tell(live, { type: 'tick' });
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await tick();
    expect(a.frames).toEqual([]);
    isBroken = false;
    await tick();
    expect(rowsOf(a.frames[0]).head['mode']).toBe('snapshot');
    expect(unhandled).toEqual([]);
    expect(system.stats().find(({ kind }) => kind === 'services')?.crashes).toBeGreaterThanOrEqual(2);
    process.off('unhandledRejection', note);
    system.stop();
  });

  it('forgets topics nobody listens to and refuses too many subscriptions', async () => {
    const { system, live, client, settle } = setUpLive();
    const a = client();
    for (let subscription = 0; subscription < 65; subscription += 1) {
      const topic = { kind: 'logs', text: String(subscription) } as const;
      system.tell(live, { type: 'subscribe', client: a, subscription, visible: 'all', topic });
    }
    await settle();
    expect(a.texts.at(-1)).toMatchObject({ type: 'refused', subscription: 64, code: 'OVERLOADED' });
    expect(a.joined.size).toBe(64);
    system.tell(live, { type: 'closed', client: a });
    await settle();
    expect(a.joined.size).toBe(0);
    system.stop();
  });

  it('shows insights at once, to who subscribes those that hold, and to who comes back what they missed', async () => {
    const { system, live, client, settle } = setUpLive();
    const service = { id: '~~cart', environment: '', namespace: '', name: 'cart' };
    const made = (id: string, state: InsightJson['state'] = 'open'): InsightJson => ({
      ...{ id, kind: 'anomaly', state, severity: 'info', title: '', explanation: '', service, services: [] },
      ...{ startedUnixMs: 1, detectedUnixMs: 1, updatedUnixMs: 1, endedUnixMs: null, score: 1, evidence: [] },
      ...{ rootCauses: [], saturation: null, tip: null },
    });
    const change = async (...changed: InsightJson[]): Promise<void> => {
      system.tell(live, { type: 'insights-changed', changed });
      await settle();
    };
    const subscribe = async (since?: number): Promise<RecordingClient> => {
      const one = client();
      system.tell(live, {
        ...{ type: 'subscribe', client: one, subscription: 1, visible: 'all', topic: { kind: 'insights' } },
        ...(since !== undefined && { since }),
      });
      await settle();
      return one;
    };
    const shown = (one: RecordingClient) =>
      one.frames.map((frame) => {
        const { head, rows } = rowsOf(frame);
        return `${head['mode'] ?? ''} ${rows.map((row) => `${String(row['id'])} ${String(row['state'])}`).join()}`;
      });
    await change(made('a'));
    const a = await subscribe();
    await change(made('b'), made('a', 'over'));
    expect(shown(a)).toEqual(['snapshot a open', 'change b open,a over']);
    const since = Number(rowsOf(a.frames.at(-1)).head['sequence']);
    system.tell(live, { type: 'closed', client: a });
    await change(made('c'));
    expect(shown(await subscribe(since))).toEqual(['change c open']);
    expect(shown(await subscribe())).toEqual(['snapshot b open,c open']);
    system.stop();
  });
});
