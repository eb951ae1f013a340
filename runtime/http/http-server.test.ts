import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  ByteBudget,
  chooseHttpEngine,
  listenNodeHttp,
  PortUnavailableError,
  type HttpRequestHead,
  type HttpResponse,
  type HttpServer,
  type HttpServerOptions,
  type SocketEvents,
  type SocketPeer,
} from './index.ts';

const chosen = chooseHttpEngine();
const engines = [
  ['node:http', listenNodeHttp],
  ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
] as const;

function answerOf(
  response: IncomingMessage,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      });
    });
  });
}

function send(
  port: number,
  method: string,
  path: string,
  body?: Buffer,
  headers: Record<string, string> = {},
): ReturnType<typeof answerOf> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      void answerOf(response).then(resolve);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function onceOpen(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve();
    });
    socket.on('error', reject);
  });
}

function nextMessage(socket: WebSocket): Promise<{ data: Buffer; isBinary: boolean }> {
  return new Promise((resolve) => {
    socket.once('message', (data: Buffer, isBinary) => {
      resolve({ data, isBinary });
    });
  });
}

function onceClosed(socket: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(engines)('HttpServer on %s', (_name, listen) => {
  const servers: HttpServer[] = [];
  const errors: unknown[] = [];
  const start = async (
    handle: HttpServerOptions['handle'],
    more: Partial<HttpServerOptions> = {},
  ): Promise<HttpServer> => {
    const server = await listen({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_000_000,
      tooLarge: () => ({ status: 413, body: 'too large' }),
      handle,
      onError: (error) => errors.push(error),
      ...more,
    });
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    errors.length = 0;
  });

  it('gives method, path, query, headers and the whole body to the handler', async () => {
    const body = randomBytes(700_000);
    const server = await start((request) => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-more': 'yes' },
      body: JSON.stringify({
        method: request.method,
        path: request.path,
        query: request.query,
        kind: request.header('x-kind'),
        absent: request.header('x-absent') ?? null,
        same: Buffer.compare(body, request.body),
        peer: request.remoteAddress,
      }),
    }));
    const answer = await send(server.port, 'POST', '/a/b%20c?x=1&y=2', body, { 'X-Kind': 'test' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['x-more']).toBe('yes');
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'POST',
      path: '/a/b%20c',
      query: 'x=1&y=2',
      kind: 'test',
      absent: null,
      same: 0,
    });
    expect((JSON.parse(answer.body) as { peer: string }).peer).toMatch(
      /127\.0\.0\.1|0:0:0:0:0:ffff:7f00:0001/,
    );
  });

  it('sets every cookie in a line of its own', async () => {
    const server = await start(() => ({ status: 200, cookies: ['a=1; HttpOnly', 'b=2'], body: 'x' }));
    expect((await send(server.port, 'GET', '/')).headers['set-cookie']).toEqual(['a=1; HttpOnly', 'b=2']);
  });

  it.each([
    ['whose head never ends', 'GET / HTTP/1.1\r\nhost: x\r\nx-slow: '],
    ['whose body never comes', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n'],
    ['whose body comes by and by', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nx'],
    [
      'that is refused and goes on sending',
      'POST /no HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nx',
    ],
  ])('does not wait for a request %s', async (_what, begin) => {
    let handled = 0;
    const server = await start(
      () => {
        handled += 1;
        return { status: 200 };
      },
      {
        requestTimeoutMs: 400,
        admit: ({ path }) => (path === '/no' ? { status: 403 } : undefined),
      },
    );
    const socket = connect(server.port, '127.0.0.1', () => socket.write(begin));
    // Every byte is a sign of life, and none of them buys time.
    const dripping = setInterval(() => socket.write('y'), 50);
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(dripping);
    expect(handled).toBe(0);
    // The server lives on.
    expect((await send(server.port, 'GET', '/')).status).toBe(200);
  });

  it('reads a chunked body and keeps the body apart from later requests', async () => {
    const bodies: Uint8Array[] = [];
    const server = await start((request) => {
      bodies.push(request.body);
      return { status: 204 };
    });
    await send(server.port, 'POST', '/', Buffer.from('first'), { 'transfer-encoding': 'chunked' });
    await send(server.port, 'POST', '/', Buffer.from('other'));
    expect(bodies.map((body) => Buffer.from(body).toString())).toEqual(['first', 'other']);
  });

  it('leaves a body alone until its handler is done, though the client leaves and others come', async () => {
    const held: { body: Uint8Array; gone: boolean }[] = [];
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const server = await start(async ({ body, path, signal }) => {
      if (path === '/held') {
        const mine = { body, gone: false };
        held.push(mine);
        signal.addEventListener('abort', () => (mine.gone = true));
        await released;
      }
      return { status: 200, body: String(body[0]) };
    });
    const large = (fill: number): Buffer => Buffer.alloc(300_000, fill);
    const leaving = httpRequest({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/held' });
    leaving.on('error', () => undefined);
    leaving.end(large(1));
    const staying = send(server.port, 'POST', '/held', large(2));
    await until(() => held.length === 2);
    leaving.destroy();
    await until(() => held.some(({ gone }) => gone));
    for (let fill = 3; fill < 9; fill += 1) {
      expect((await send(server.port, 'POST', '/', large(fill))).body).toBe(String(fill));
    }
    for (const { body } of held) expect(Buffer.from(body).equals(large(body[0] ?? 0))).toBe(true);
    expect(held.map(({ body }) => body[0]).sort()).toEqual([1, 2]);
    release();
    expect((await staying).body).toBe('2');
  });

  it('answers 413 to a body over the limit, announced or not, and goes on serving', async () => {
    const server = await start((request) => ({ status: 200, body: String(request.body.length) }), {
      maxBodyBytes: 1_000,
    });
    expect((await send(server.port, 'POST', '/', Buffer.alloc(1_001))).status).toBe(413);
    const chunked = await send(server.port, 'POST', '/', Buffer.alloc(300_000), {
      'transfer-encoding': 'chunked',
    });
    expect(chunked).toMatchObject({ status: 413, body: 'too large' });
    expect(await send(server.port, 'POST', '/', Buffer.alloc(1_000))).toMatchObject({
      status: 200,
      body: '1000',
    });
  });

  it('lets `admit` answer before the body counts', async () => {
    let handled = 0;
    const server = await start(
      () => {
        handled += 1;
        return { status: 200 };
      },
      { admit: (head) => (head.path === '/no' ? { status: 404, body: 'none' } : undefined) },
    );
    expect(await send(server.port, 'POST', '/no', Buffer.alloc(500_000))).toMatchObject({
      status: 404,
      body: 'none',
    });
    expect(handled).toBe(0);
    expect((await send(server.port, 'POST', '/yes')).status).toBe(200);
  });

  it('answers 500 without detail when the handler throws, and tells `onError`', async () => {
    const server = await start(() => {
      throw new Error('secret');
    });
    const answer = await send(server.port, 'GET', '/');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(String(errors[0])).toContain('secret');
  });

  it('gives CONNECT to the handler like any other method', async () => {
    const server = await start(({ method, path }) => ({ status: 401, body: `${method} ${path}` }));
    const socket = connect(server.port, '127.0.0.1');
    socket.write('CONNECT /api HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const text = await new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).includes('CONNECT /api')) resolve(Buffer.concat(chunks).toString());
      });
      socket.on('error', reject);
      socket.on('end', () => {
        reject(new Error(`ended after ${Buffer.concat(chunks).toString()}`));
      });
    });
    socket.destroy();
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('answers HEAD with headers only', async () => {
    const server = await start(() => ({ status: 200, body: 'four' }));
    const answer = await send(server.port, 'HEAD', '/');
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['content-length']).toBe('4');
  });

  it('aborts the signal when the client goes away, and survives it', async () => {
    let aborted = false;
    let started = false;
    const server = await start(
      (request) =>
        new Promise<HttpResponse>((resolve) => {
          if (request.path === '/ok') {
            resolve({ status: 200 });
            return;
          }
          started = true;
          request.signal.addEventListener('abort', () => {
            aborted = true;
            resolve({ status: 200 });
          });
        }),
    );
    const raw = connect(server.port, '127.0.0.1');
    raw.write('GET /wait HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => started);
    raw.destroy();
    await until(() => aborted);
    const half = connect(server.port, '127.0.0.1');
    half.write('POST /half HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nonly this');
    await new Promise((resolve) => setTimeout(resolve, 50));
    half.destroy();
    expect((await send(server.port, 'GET', '/ok')).status).toBe(200);
  });

  it('serves pipelined requests in order', async () => {
    const server = await start((request) => ({ status: 200, body: request.path }));
    const raw = connect(server.port, '127.0.0.1');
    let received = '';
    raw.on('data', (chunk: Buffer) => (received += chunk.toString()));
    raw.write('GET /1 HTTP/1.1\r\nhost: x\r\n\r\nGET /2 HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => received.includes('/2'));
    expect(received.indexOf('/1')).toBeGreaterThan(0);
    expect(received.indexOf('/1')).toBeLessThan(received.indexOf('/2'));
    raw.destroy();
  });

  it('refuses a port in use, naming it', async () => {
    const server = await start(() => ({ status: 200 }));
    await expect(start(() => ({ status: 200 }), { port: server.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `port ${server.port} on 127.0.0.1 is in use by another process`,
    });
  });

  it.each([
    // TEST-NET-1, which no machine has, and a name that cannot be.
    ['192.0.2.1', 'ADDRESS_UNAVAILABLE', 'this machine has no such address'],
    ['no-such-host.invalid', 'ADDRESS_UNKNOWN', 'the name of the address cannot be resolved'],
  ])('does not call %s a port in use', async (host, code, reason) => {
    const failed = start(() => ({ status: 200 }), { host, port: 4318 });
    await expect(failed).rejects.toThrow(PortUnavailableError);
    await expect(failed).rejects.toMatchObject({
      code,
      message: `port 4318 on ${host} cannot be opened: ${reason}`,
    });
  });

  describe('with an answer in chunks', () => {
    const CHUNK = Buffer.alloc(64 * 1024, 'x');

    /** Says how many chunks were taken, and whether it was given up. */
    function source(count: number, failAfter = Infinity) {
      const state = { taken: 0, ended: false };
      async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
        try {
          for (let i = 0; i < count; i += 1) {
            if (i === failAfter) throw new Error('the source failed');
            state.taken += 1;
            await new Promise((resolve) => setImmediate(resolve));
            yield Buffer.from(`${i};`);
            yield CHUNK;
          }
        } finally {
          state.ended = true;
        }
      }
      return { state, chunks };
    }

    it('sends them in order, without a length', async () => {
      const { chunks } = source(100);
      const server = await start(() => ({ status: 200, headers: { 'x-more': 'yes' }, body: chunks() }));
      const answer = await send(server.port, 'GET', '/');
      expect(answer.headers['x-more']).toBe('yes');
      expect(answer.headers['content-length']).toBeUndefined();
      expect(answer.body.replaceAll('x', '')).toBe(Array.from({ length: 100 }, (_, i) => `${i};`).join(''));
      expect(answer.body.length).toBeGreaterThan(100 * CHUNK.length);
    });

    it('serves the next request on the same connection', async () => {
      const server = await start(({ path }) => ({
        status: 200,
        body: path === '/' ? source(3).chunks() : 'whole',
      }));
      const socket = connect(server.port, '127.0.0.1');
      const received: Buffer[] = [];
      socket.on('data', (data) => received.push(data));
      const head = 'HTTP/1.1\r\nhost: x\r\n\r\n';
      socket.write(`GET / ${head}`);
      await until(() => Buffer.concat(received).includes('\r\n0\r\n\r\n'));
      socket.write(`GET /next ${head}`);
      await until(() => Buffer.concat(received).includes('whole'));
      socket.destroy();
      expect(Buffer.concat(received).toString().split('HTTP/1.1 200')).toHaveLength(3);
    });

    it('takes no more from the source than a slow client has room for', async () => {
      const { state, chunks } = source(10_000);
      const server = await start(() => ({ status: 200, body: chunks() }));
      const request = httpRequest({ host: '127.0.0.1', port: server.port });
      request.on('error', () => undefined);
      const response = await new Promise<IncomingMessage>((resolve) => {
        request.on('response', resolve).end();
      });
      response.pause();
      let before = -1;
      while (before !== state.taken) {
        before = state.taken;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      expect(state.taken).toBeLessThan(1_000);
      request.destroy();
      await until(() => state.ended);
    });

    it('gives the source up when the client goes away', async () => {
      const { state, chunks } = source(1_000_000);
      let signal: AbortSignal | undefined;
      const server = await start((request) => {
        ({ signal } = request);
        return { status: 200, body: chunks() };
      });
      const request = httpRequest({ host: '127.0.0.1', port: server.port }, (response) => {
        response.on('error', () => undefined);
        response.once('data', () => {
          request.destroy();
        });
      });
      request.on('error', () => undefined);
      request.end();
      await until(() => state.ended);
      expect(signal?.aborted).toBe(true);
      expect(errors).toEqual([]);
      expect((await send(server.port, 'HEAD', '/')).status).toBe(200);
    });

    it('closes the connection when the source fails, and tells `onError`', async () => {
      const { chunks } = source(10, 5);
      const server = await start(() => ({ status: 200, body: chunks() }));
      const outcome = await new Promise<string>((resolve) => {
        httpRequest({ host: '127.0.0.1', port: server.port }, (response) => {
          response.on('error', () => {
            resolve('broken');
          });
          response.on('end', () => {
            resolve('complete');
          });
          response.resume();
        })
          .on('error', () => {
            resolve('broken');
          })
          .end();
      });
      expect(outcome).toBe('broken');
      await until(() => errors.length > 0);
      expect(errors).toEqual([new Error('the source failed')]);
    });

    it('answers HEAD without beginning', async () => {
      const { state, chunks } = source(10);
      const server = await start(() => ({ status: 200, headers: { 'x-more': 'yes' }, body: chunks() }));
      const answer = await send(server.port, 'HEAD', '/');
      expect(answer).toMatchObject({ status: 200, body: '' });
      expect(answer.headers['x-more']).toBe('yes');
      expect(state.taken).toBe(0);
    });
  });

  describe('with a budget of bytes', () => {
    const budget = new ByteBudget(300_000);
    const bodies = { budget, noRoom: () => ({ status: 503, body: 'busy' }) };

    it('answers what has no room, goes on serving, and has all of it back', async () => {
      const server = await start((request) => ({ status: 200, body: String(request.body.length) }), {
        bodies,
      });
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        expect(await send(server.port, 'POST', '/', Buffer.alloc(400_000), headers)).toMatchObject({
          status: 503,
          body: 'busy',
        });
        await until(() => budget.usedBytes === 0);
      }
      expect(await send(server.port, 'POST', '/', Buffer.alloc(200_000))).toMatchObject({ status: 200 });
      await until(() => budget.usedBytes === 0);
    });

    it('counts what a handler reserves until it is done, and no longer', async () => {
      const seen: unknown[] = [];
      const server = await start(
        (request) => {
          seen.push(request.reserve(250_000), request.reserve(250_000), budget.usedBytes);
          return { status: 200 };
        },
        { bodies },
      );
      await send(server.port, 'POST', '/', Buffer.alloc(1_000));
      expect(seen).toEqual([true, false, 251_000]);
      await until(() => budget.usedBytes === 0);
    });

    it('keeps nothing of a client that leaves in mid-body', async () => {
      const server = await start(() => ({ status: 200 }), { bodies });
      const raw = connect(server.port, '127.0.0.1');
      raw.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n');
      raw.write(Buffer.alloc(100_000));
      await until(() => budget.usedBytes >= 100_000);
      raw.destroy();
      await until(() => budget.usedBytes === 0);
      expect(errors).toEqual([]);
    });
  });

  describe('with sockets', () => {
    const peers: SocketPeer[] = [];
    const log: string[] = [];
    const drained = new Set<SocketPeer>();
    const events: SocketEvents = {
      admit: (head) => (head.query === 'no' ? { status: 403 } : undefined),
      opened: (peer) => peers.push(peer),
      message: (_peer, text) => log.push(text),
      drained: (peer) => {
        drained.add(peer);
      },
      closed: () => log.push('closed'),
    };
    const startSockets = (): Promise<HttpServer> => {
      drained.clear();
      peers.length = 0;
      log.length = 0;
      return start(() => ({ status: 200 }), {
        sockets: { path: '/live', maxBufferedBytes: 1_000_000, events },
      });
    };
    const open = async (server: HttpServer): Promise<{ socket: WebSocket; peer: SocketPeer }> => {
      const count = peers.length;
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live`);
      await onceOpen(socket);
      await until(() => peers.length > count);
      const peer = peers[count];
      if (!peer) throw new Error('no peer');
      return { socket, peer };
    };

    it('carries text both ways, and binary to those subscribed', async () => {
      const server = await startSockets();
      const a = await open(server);
      const b = await open(server);
      a.socket.send('hello');
      await until(() => log.includes('hello'));
      a.peer.subscribe('news');
      b.peer.subscribe('news');
      const both = Promise.all([nextMessage(a.socket), nextMessage(b.socket)]);
      server.publish('news', Uint8Array.of(1, 2, 3));
      for (const { data, isBinary } of await both) {
        expect([...data]).toEqual([1, 2, 3]);
        expect(isBinary).toBe(true);
      }
      b.peer.unsubscribe('news');
      const toA = nextMessage(a.socket);
      const toB = nextMessage(b.socket);
      server.publish('news', Uint8Array.of(4));
      expect([...(await toA).data]).toEqual([4]);
      expect(b.peer.send('only you')).toBe(true);
      expect((await toB).data.toString()).toBe('only you');
    });

    it('waits for who decides, and tells which request was admitted', async () => {
      const asked: HttpRequestHead[] = [];
      const openedBy: HttpRequestHead[] = [];
      const server = await start(() => ({ status: 200 }), {
        sockets: {
          path: '/live',
          maxBufferedBytes: 1_000,
          events: {
            ...events,
            async admit(request) {
              asked.push(request);
              await new Promise((resolve) => setTimeout(resolve, 10));
              if (request.query === 'bug') throw new Error('a bug');
              return request.query === 'no' ? { status: 401 } : undefined;
            },
            opened: (_peer, request) => openedBy.push(request),
          },
        },
      });
      const url = `ws://127.0.0.1:${server.port}/live`;
      await onceOpen(new WebSocket(url, { headers: { authorization: 'me' } }));
      await until(() => openedBy.length === 1);
      expect(openedBy[0]).toBe(asked[0]);
      expect(openedBy[0]?.header('authorization')).toBe('me');
      await expect(onceOpen(new WebSocket(`${url}?no`))).rejects.toThrow('401');
      await expect(onceOpen(new WebSocket(`${url}?bug`))).rejects.toThrow('500');
      expect(errors).toHaveLength(1);
      // One that goes away while it is decided.
      const gone = new WebSocket(url);
      gone.on('error', () => undefined);
      await until(() => asked.length === 4);
      gone.terminate();
      await new Promise((resolve) => setTimeout(resolve, 30));
      await onceOpen(new WebSocket(url));
    });

    it('stops once, however often it is told', async () => {
      const server = await startSockets();
      const { socket } = await open(server);
      const closed = onceClosed(socket);
      await Promise.all([server.close(), server.close()]);
      await server.close();
      expect((await closed).code).toBe(1001);
    });

    it('refuses an upgrade elsewhere or not admitted', async () => {
      const server = await startSockets();
      await expect(onceOpen(new WebSocket(`ws://127.0.0.1:${server.port}/other`))).rejects.toThrow();
      await expect(onceOpen(new WebSocket(`ws://127.0.0.1:${server.port}/live?no`))).rejects.toThrow('403');
    });

    it('says with a refused upgrade what the refusal says', async () => {
      const refusal = { status: 401, headers: { 'x-why': 'nobody' }, body: '{"error":1}' };
      const server = await start(() => ({ status: 200 }), {
        sockets: { path: '/live', maxBufferedBytes: 1_000, events: { ...events, admit: () => refusal } },
      });
      const answer = await send(server.port, 'GET', '/live', undefined, {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      });
      expect(answer).toMatchObject({ status: 401, body: '{"error":1}' });
      expect(answer.headers['x-why']).toBe('nobody');
    });

    it('closes a socket that sends binary, one that sends too much, and all when it stops', async () => {
      const server = await startSockets();
      const a = await open(server);
      const b = await open(server);
      const c = await open(server);
      a.socket.send(Buffer.from([1]));
      expect((await onceClosed(a.socket)).code).toBe(1003);
      b.socket.on('error', () => undefined);
      b.socket.send('x'.repeat(100_000));
      await onceClosed(b.socket);
      const closed = onceClosed(c.socket);
      await server.close();
      expect((await closed).code).toBe(1001);
      await until(() => log.filter((entry) => entry === 'closed').length === 3);
      expect(a.peer.send('late')).toBe(false);
      expect(a.peer.bufferedBytes).toBe(0);
    });

    it('cuts a reason that is longer than a close frame carries, between characters', async () => {
      const server = await startSockets();
      const { socket, peer } = await open(server);
      const closed = onceClosed(socket);
      peer.close(4000, '\u00e4'.repeat(100));
      expect(await closed).toEqual({ code: 4000, reason: `${'\u00e4'.repeat(60)}\u2026` });
    });

    it('drops for a socket that does not read, and says when there is room again', async () => {
      const server = await startSockets();
      const { socket, peer } = await open(server);
      let received = 0;
      socket.on('message', () => (received += 1));
      socket.pause();
      let refusals = 0;
      for (let i = 0; i < 200; i += 1) if (!peer.send(new Uint8Array(100_000))) refusals += 1;
      expect(refusals).toBeGreaterThan(0);
      expect(peer.bufferedBytes).toBeLessThan(3_000_000);
      socket.resume();
      await until(() => drained.has(peer));
      expect(peer.send('again')).toBe(true);
      // What was sent comes whole.
      await until(() => received === 200 - refusals + 1);
    });
  });
});
