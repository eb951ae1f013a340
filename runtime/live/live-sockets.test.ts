import { tableFromIPC } from '@uwdata/flechette';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { spawnLiveActor } from '../../actors/live/index.ts';
import { spawnServicesActor, WindowBudget } from '../../actors/services/index.ts';
import { startActorSystem, type ActorSystem } from '../../actors/system/index.ts';
import { ALL_PERMISSIONS } from '../../proto/access/index.ts';
import { CloseCode } from '../../proto/live/index.ts';
import { chooseHttpEngine, listenNodeHttp, type HttpServer } from '../http/index.ts';
import { AccessRefusedError, type Refusal } from '../doors/index.ts';
import type { Principal } from '../auth/index.ts';
import { liveSockets, type LiveSockets } from './live-sockets.ts';

const ADMIN_PRINCIPAL: Principal = {
  kind: 'session',
  id: 'admin',
  userId: 'u1',
  login: 'admin',
  grants: { permissions: new Set(ALL_PERMISSIONS), narrowed: new Map() },
  mustChangePassword: false,
  mustSetUpSecondFactor: false,
};
const VIEWER: Principal = {
  ...ADMIN_PRINCIPAL,
  ...{ id: 'viewer', login: 'viewer' },
  grants: { permissions: new Set(['services:read']), narrowed: new Map() },
};
/** Who counts just now, by credential and id alike. */
const known = new Map<string, Principal>();

const chosen = chooseHttpEngine();
const engines = [
  ['node:http', listenNodeHttp],
  ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
] as const;

describe.each(engines)('live sockets on %s', (_name, listen) => {
  let system: ActorSystem;
  let server: HttpServer;
  let sockets: LiveSockets;
  const refusals: Refusal[] = [];

  beforeAll(async () => {
    system = startActorSystem(() => undefined);
    const budget = new WindowBudget({ maxBytes: 2 ** 20, maxAgeMs: 60_000 });
    const services = spawnServicesActor(system, { budget, now: Date.now });
    const live = spawnLiveActor(system, { services, budget, publish: () => undefined, now: Date.now });
    sockets = liveSockets({
      system,
      live,
      door: {
        admitPath: (request) => {
          const principal = known.get(request.header('authorization') ?? '');
          if (principal) return Promise.resolve({ principal, address: '127.0.0.1' });
          return Promise.reject(new AccessRefusedError('UNAUTHENTICATED', 'nobody is signed in', 'sign in'));
        },
        renewed: (principal) => known.get(principal.id),
        noteRefusal: (refusal) => refusals.push(refusal),
        addressOf: () => '127.0.0.1',
      },
    });
    server = await listen({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_000,
      tooLarge: () => ({ status: 413 }),
      handle: () => ({ status: 404 }),
      onError: () => undefined,
      sockets: { path: '/live', maxBufferedBytes: 1_000_000, events: sockets },
    });
  });
  afterAll(async () => {
    await server.close();
    system.stop();
  });

  beforeEach(() => {
    known.clear();
    for (const who of [ADMIN_PRINCIPAL, VIEWER]) known.set(who.id, who);
    refusals.length = 0;
  });

  const open = (headers: Record<string, string> = { authorization: 'admin' }): Promise<WebSocket> =>
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

  it.each([
    ['garbage', 'BAD_REQUEST'],
    ['9'.repeat(100), 'BAD_REQUEST'],
    ['1.1', undefined],
  ])('answers a tail that is to go on after %j', async (after, code) => {
    const socket = await open();
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer) => messages.push(data));
    const topic = { kind: 'logs' };
    socket.send(JSON.stringify({ type: 'subscribe', subscription: 1, topic, after }));
    await vi.waitFor(() => {
      expect(messages).toHaveLength(code === undefined ? 2 : 1);
    });
    expect(JSON.parse(String(messages[0]))).toMatchObject(
      code === undefined ? { type: 'subscribed' } : { type: 'refused', code },
    );
    if (messages[1]) {
      expect(tableFromIPC(messages[1]).schema.metadata).toContainEqual(['gap', 'restarted']);
    }
    socket.close();
  });

  it('closes a socket whose cursor is no text, or too long', async () => {
    for (const after of [-1, 1e300, null, { a: 1 }, '1'.repeat(101)]) {
      const said = JSON.stringify({ type: 'subscribe', subscription: 1, topic: { kind: 'logs' }, after });
      expect(await say(said)).toMatchObject({
        code: CloseCode.badMessage,
        reason: expect.stringContaining('after') as unknown,
      });
    }
  });

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

  const answerTo = async (socket: WebSocket, message: string): Promise<unknown> => {
    const answer = new Promise<string>((resolve) => {
      socket.once('message', (data: Buffer) => {
        resolve(data.toString());
      });
    });
    socket.send(message);
    return JSON.parse(await answer) as unknown;
  };
  const closingOf = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
    new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });

  it('opens to nobody who is not known', async () => {
    await expect(open({})).rejects.toThrow('401');
    await expect(open({ authorization: 'somebody' })).rejects.toThrow('401');
  });

  it('refuses a topic that whoever asks may not see, and puts it on record', async () => {
    const socket = await open({ authorization: 'viewer' });
    expect(await answerTo(socket, subscribe({ kind: 'overview' }))).toMatchObject({ type: 'subscribed' });
    expect(await answerTo(socket, subscribe({ kind: 'spans' }))).toMatchObject({
      type: 'refused',
      code: 'FORBIDDEN',
      message: 'this topic needs the permission traces:read',
    });
    expect(refusals).toMatchObject([{ actor: 'user:viewer', target: 'topic spans' }]);
    socket.close();
  });

  it('closes, with a reason, when the session ends or what it may see changes', async () => {
    const [admin, viewer] = [await open(), await open({ authorization: 'viewer' })];
    // An answer shows that the server has opened it as well.
    for (const socket of [admin, viewer]) await answerTo(socket, subscribe({ kind: 'overview' }));
    const closings = Promise.all([closingOf(admin), closingOf(viewer)]);
    known.delete('admin');
    known.set('viewer', { ...VIEWER, grants: { ...VIEWER.grants, permissions: new Set(['logs:read']) } });
    sockets.review();
    expect(await closings).toMatchObject([
      { code: CloseCode.signedOut, reason: 'the session has ended, or the key counts no more' },
      { code: CloseCode.accessChanged, reason: 'what you may see has changed' },
    ]);
  });

  it('opens to its own pages and to no other', async () => {
    const own = await open({ authorization: 'admin', origin: `http://127.0.0.1:${server.port}` });
    own.close();
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${server.port + 1}`]) {
      await expect(open({ authorization: 'admin', origin })).rejects.toThrow('403');
    }
  });
});
