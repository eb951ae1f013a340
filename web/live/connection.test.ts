import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage, LiveTopic } from '../../proto/live/index.ts';
import { LiveTopics } from '../e2e/live-topics.ts';
import { NodeWebSocket, WebSocketServer } from '../e2e/sockets.ts';
import { backOffMs } from './back-off.ts';
import { makeLiveConnection, type LiveConnection } from './connection.ts';
import type { Frame } from './frame.ts';
import { makeRedStore, slotOf } from './red-store.ts';

const T = Math.floor(Date.now() / 1_000) - 100;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Server {
  readonly live: LiveTopics;
  readonly url: string;
  readonly accepted: () => number;
}

async function startServer(): Promise<Server> {
  const live = new LiveTopics();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let accepted = 0;
  server.on('connection', (socket) => {
    accepted += 1;
    live.connect(socket);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    live.stop();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { live, url: `ws://127.0.0.1:${port}`, accepted: () => accepted };
}

function connect(url: string, silenceLimitMs?: number): LiveConnection {
  const connection = makeLiveConnection({
    url,
    openSocket: (to) => new NodeWebSocket(to) as unknown as globalThis.WebSocket,
    ...(silenceLimitMs !== undefined && { silenceLimitMs }),
  });
  closing.push(() => {
    connection.close();
  });
  return connection;
}

function watch(connection: LiveConnection, topic: LiveTopic) {
  const frames: Frame[] = [];
  const store = makeRedStore({ keyColumn: 'service', maxSeries: 100 });
  const stop = connection.subscribe(topic, {
    onFrame(frame) {
      frames.push(frame);
      if (topic.kind === 'overview') store.apply(frame);
    },
  });
  return { frames, store, stop };
}

const overview = { kind: 'overview' } as const;
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 });
const subscribes = (messages: readonly ClientMessage[]) =>
  messages.filter(({ type }) => type === 'subscribe');

describe('live connection', () => {
  it('gets a snapshot, then changes', async () => {
    const server = await startServer();
    server.live.publish([{ service: 'a', second: T, requests: 5 }]);
    const seen = watch(connect(server.url), overview);
    await until(() => {
      expect(seen.frames).toHaveLength(1);
    });
    server.live.publish([{ service: 'a', second: T + 1, requests: 6 }]);
    await until(() => {
      expect(seen.frames.map(({ mode }) => mode)).toEqual(['snapshot', 'change']);
    });
    expect(server.live.received).toEqual([{ type: 'subscribe', subscription: 1, topic: overview }]);
  });

  it('comes back with since, and what happened meanwhile is there without a gap', async () => {
    const server = await startServer();
    const connection = connect(server.url);
    const seen = watch(connection, overview);
    const second = (at: number) => [{ service: 'a', second: T + at, requests: at + 1 }];
    for (let at = 0; at < 10; at++) server.live.publish(second(at));
    await until(() => {
      expect(seen.store.newestSecond).toBe(T + 9);
    });
    const lastSequence = seen.frames.at(-1)?.sequence;

    server.live.goAway();
    await until(() => {
      expect(connection.state().kind).toBe('waiting');
    });
    const state = connection.state();
    expect(state.kind === 'waiting' && Math.abs(Date.now() - (state.staleSinceMs ?? 0))).toBeLessThan(5_000);
    for (let at = 10; at < 20; at++) server.live.publish(second(at));
    server.live.comeBack();

    await until(() => {
      expect(seen.store.newestSecond).toBe(T + 19);
    });
    expect(connection.state().kind).toBe('open');
    expect(server.live.received.at(-1)).toEqual({
      type: 'subscribe',
      subscription: 1,
      topic: overview,
      since: lastSequence,
    });
    const series = seen.store.get('a');
    const requests = Array.from({ length: 20 }, (_, at) => series?.requests[slotOf(series, T + at)]);
    expect(requests).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    expect(seen.frames.filter(({ mode }) => mode === 'snapshot')).toHaveLength(1);
  });

  it('comes back to a tail where it was, and hands on what it missed once', async () => {
    const server = await startServer();
    const connection = connect(server.url);
    const tail = watch(connection, { kind: 'logs' });
    const bodies = () => tail.frames.flatMap((frame) => Array.from(frame.strings('body')));
    const log = (body: string) => {
      server.live.sendTail('logs', [
        {
          timeUnixNano: '1',
          service: 'a',
          severityNumber: 9,
          severityText: '',
          body,
          traceId: '',
          spanId: '',
        },
      ]);
    };
    const cut = async () => {
      server.live.goAway();
      await until(() => {
        expect(connection.state().kind).toBe('waiting');
      });
    };
    await until(() => {
      expect(subscribes(server.live.received)).toHaveLength(1);
    });
    await cut();
    log('before anything was shown');
    server.live.comeBack();
    await until(() => {
      expect(bodies()).toEqual(['before anything was shown']);
    });
    log('live');
    await until(() => {
      expect(bodies()).toHaveLength(2);
    });
    await cut();
    log('missed');
    server.live.comeBack();
    await until(() => {
      expect(bodies()).toEqual(['before anything was shown', 'live', 'missed']);
    });
    expect(subscribes(server.live.received).map((one) => 'after' in one && one.after)).toEqual([
      false,
      '1.0',
      '1.2',
    ]);
    await cut();
    server.live.restart();
    log('of another start');
    server.live.comeBack();
    await until(() => {
      expect(tail.frames.at(-1)).toMatchObject({ gap: 'restarted', rowCount: 0, cursor: '2.1' });
    });
  });

  it('carries several subscriptions over one socket and ends each alone', async () => {
    const server = await startServer();
    const connection = connect(server.url);
    const all = watch(connection, overview);
    const one = watch(connection, { kind: 'service', service: 'a' });
    await until(() => {
      expect(all.frames.length + one.frames.length).toBe(2);
    });
    one.stop();
    await until(() => {
      expect(server.live.received.at(-1)).toEqual({ type: 'unsubscribe', subscription: 2 });
    });
    server.live.publish([{ service: 'a', second: T, requests: 1 }]);
    await until(() => {
      expect(all.frames).toHaveLength(2);
    });
    expect(one.frames).toHaveLength(1);
    expect(server.accepted()).toBe(1);
  });

  it('asks tails anew after the last frame, and never with since', async () => {
    const server = await startServer();
    const connection = connect(server.url);
    const seen = watch(connection, { kind: 'logs', minSeverity: 17 });
    await until(() => {
      expect(subscribes(server.live.received)).toHaveLength(1);
    });
    const row = {
      timeUnixNano: '1',
      service: 'a',
      severityNumber: 17,
      severityText: '',
      body: 'x',
      traceId: '',
      spanId: '',
    };
    server.live.sendTail('logs', [row], 3);
    await until(() => {
      expect(seen.frames[0]?.dropped).toBe(3);
    });
    server.live.goAway();
    server.live.comeBack();
    await until(() => {
      expect(subscribes(server.live.received)).toHaveLength(2);
    });
    expect(server.live.received.at(-1)).toEqual({
      type: 'subscribe',
      subscription: 1,
      topic: { kind: 'logs', minSeverity: 17 },
      after: '1.1',
    });
  });

  it('does not knock again where it is not understood', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    let accepted = 0;
    server.on('connection', (socket) => {
      accepted += 1;
      socket.close(4400, 'topic: unknown');
    });
    await new Promise((resolve) => server.once('listening', resolve));
    closing.push(() => {
      server.close();
    });
    const address = server.address();
    const connection = connect(`ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
    await until(() => {
      expect(connection.state()).toEqual({ kind: 'outdated', reason: 'topic: unknown' });
    });
    connection.retryNow();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(accepted).toBe(1);
  });

  it('counts what it cannot read and goes on', async () => {
    const server = await startServer();
    const connection = connect(server.url);
    const seen = watch(connection, overview);
    await until(() => {
      expect(seen.frames).toHaveLength(1);
    });
    server.live.sendRaw(new Uint8Array([1, 2, 3]));
    server.live.sendRaw('{"type":');
    server.live.publish([{ service: 'a', second: T, requests: 1 }]);
    await until(() => {
      expect(seen.frames).toHaveLength(2);
    });
    expect(connection.unreadable()).toBe(2);
  });

  it('asks a silent server whether it lives, and leaves it alone while it answers', async () => {
    const server = await startServer();
    const connection = connect(server.url, 200);
    const seen = watch(connection, overview);
    await until(() => {
      expect(subscribes(server.live.received).length).toBeGreaterThan(4);
    });
    expect(server.accepted()).toBe(1);
    expect(seen.frames.length).toBeGreaterThan(0);
  });

  it('opens a new socket when the old one is dead', async () => {
    const server = await startServer();
    const connection = connect(server.url, 200);
    const seen = watch(connection, overview);
    await until(() => {
      expect(seen.frames.length).toBeGreaterThan(0);
    });
    server.live.isMute = true;
    await until(() => {
      expect(server.accepted()).toBe(2);
    });
    server.live.isMute = false;
    server.live.publish([{ service: 'a', second: T, requests: 1 }]);
    await until(() => {
      expect(seen.store.newestSecond).toBe(T);
    });
  });
});

describe('backOffMs', () => {
  it('doubles to ten seconds, half of it random', () => {
    expect([0, 1, 2, 10, 1_000].map((attempt) => backOffMs(attempt, 1))).toEqual([
      250, 500, 1_000, 10_000, 10_000,
    ]);
    expect(backOffMs(2, 0)).toBe(500);
  });
});
