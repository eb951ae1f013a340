import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { spawnLiveActor } from '../../actors/live/index.ts';
import { spawnServicesActor, WindowBudget } from '../../actors/services/index.ts';
import { startActorSystem, type ActorSystem } from '../../actors/system/index.ts';
import { CloseCode } from '../../proto/live/index.ts';
import { chooseHttpEngine, listenNodeHttp, type HttpServer } from '../http/index.ts';
import { liveSockets } from './live-sockets.ts';

const chosen = chooseHttpEngine();
const engines = [
  ['node:http', listenNodeHttp],
  ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
] as const;

describe.each(engines)('live sockets on %s', (_name, listen) => {
  let system: ActorSystem;
  let server: HttpServer;

  beforeAll(async () => {
    system = startActorSystem(() => undefined);
    const budget = new WindowBudget({ maxBytes: 2 ** 20, maxAgeMs: 60_000 });
    const services = spawnServicesActor(system, { budget, now: Date.now });
    const live = spawnLiveActor(system, { services, publish: () => undefined, now: Date.now });
    server = await listen({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_000,
      tooLarge: () => ({ status: 413 }),
      handle: () => ({ status: 404 }),
      onError: () => undefined,
      sockets: { path: '/live', maxBufferedBytes: 1_000_000, events: liveSockets(system, live) },
    });
  });
  afterAll(async () => {
    await server.close();
    system.stop();
  });

  const open = (headers: Record<string, string> = {}): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`, { headers });
      socket.on('open', () => {
        resolve(socket);
      });
      socket.on('error', reject);
    });
  const say = async (text: string): Promise<{ code: number; reason: string }> => {
    const socket = await open();
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.send(text);
    return closed;
  };
  const subscribe = (topic: object): string => JSON.stringify({ type: 'subscribe', subscription: 1, topic });

  it('answers a subscription', async () => {
    const socket = await open();
    const answer = new Promise<string>((resolve) => {
      socket.once('message', (data: Buffer) => {
        resolve(data.toString());
      });
    });
    socket.send(subscribe({ kind: 'overview' }));
    expect(JSON.parse(await answer)).toMatchObject({ type: 'subscribed', subscription: 1 });
    socket.close();
  });

  it.each([
    ['no JSON', '{', ''],
    ['no object', '1', ''],
    ['an unknown type', '{"type":"explode"}', 'type'],
    ['an unknown topic', subscribe({ kind: 'secrets' }), 'topic'],
    ['a wrong filter', subscribe({ kind: 'spans', minDurationMs: -1 }), 'topic.minDurationMs'],
    ['an unknown field', subscribe({ kind: 'overview', more: 1 }), 'more'],
    // A close reason holds 123 bytes, not characters.
    ['a long unknown field', subscribe({ kind: 'overview', ['ключ€'.repeat(60)]: 1 }), 'topic'],
    ['a field of half characters', subscribe({ kind: 'overview', ['😀'.repeat(60)]: 1 }), 'topic'],
  ])('closes a socket that sends %s and says where', async (_what, text, named) => {
    const { code, reason } = await say(text);
    expect(code).toBe(CloseCode.badMessage);
    expect(reason).toContain(named);
    expect(reason).not.toContain('\uFFFD');
    // The server lives on.
    (await open()).close();
  });

  it('opens to its own pages and to no other', async () => {
    const own = await open({ origin: `http://127.0.0.1:${server.port}` });
    own.close();
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${server.port + 1}`]) {
      await expect(open({ origin })).rejects.toThrow('403');
    }
  });
});
