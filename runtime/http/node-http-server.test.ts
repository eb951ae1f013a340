import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { listenNodeHttp, type HttpServer, type HttpServerOptions } from './index.ts';

/** What uWebSockets.js does by itself, at times of its own: its twin must do it, too. */
describe('node:http with clients that are there and do nothing', () => {
  const servers: HttpServer[] = [];
  const errors: unknown[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    expect(errors.splice(0)).toEqual([]);
  });

  const start = async (
    options: Partial<HttpServerOptions> & Pick<HttpServerOptions, 'handle'>,
  ): Promise<HttpServer> => {
    const server = await listenNodeHttp({
      ...{ host: '127.0.0.1', port: 0, maxBodyBytes: 1_000, requestTimeoutMs: 400 },
      tooLarge: () => ({ status: 413 }),
      onError: (error) => errors.push(error),
      ...options,
    });
    servers.push(server);
    return server;
  };

  it('gives up one that takes nothing of its answer', async () => {
    let ended = false;
    let taken = 0;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for (; taken < 1_000_000; taken += 1) yield Promise.resolve(new Uint8Array(10_000));
      } finally {
        ended = true;
      }
    }
    const server = await start({ handle: () => ({ status: 200, body: chunks() }) });
    const socket = connect(server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.on('error', () => undefined);
    socket.pause();
    await expect.poll(() => ended, { timeout: 10_000 }).toBe(true);
    expect(taken).toBeLessThan(10_000);
    socket.destroy();
  });

  it('gives up none that waits for us', async () => {
    const server = await start({
      handle: async () => {
        await sleep(1_200);
        return { status: 200, body: 'late' };
      },
    });
    expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe('late');
  });

  it('closes a socket that answers no pings, and none that does', async () => {
    let open = 0;
    const server = await start({
      handle: () => ({ status: 200 }),
      sockets: {
        ...{ path: '/live', maxBufferedBytes: 1_000, pingEveryMs: 400 },
        events: {
          opened: () => (open += 1),
          closed: () => (open -= 1),
          message: () => undefined,
          drained: () => undefined,
        },
      },
    });
    const living = new WebSocket(`ws://127.0.0.1:${server.port}/live`);
    const cable = await muteCable(server.port);
    const dead = new WebSocket(`ws://127.0.0.1:${cable.port}/live`);
    dead.on('error', () => undefined);
    await expect.poll(() => open).toBe(2);
    cable.cut();
    await expect.poll(() => open, { timeout: 5_000 }).toBe(1);
    await sleep(1_300);
    expect([open, living.readyState]).toEqual([1, WebSocket.OPEN]);
    living.close();
    cable.close();
  });
});

/** Between a client and a port; once cut, nothing passes, and neither end is told. */
async function muteCable(port: number): Promise<{ readonly port: number; cut(): void; close(): void }> {
  const ends: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const end of [near, far]) end.on('error', () => undefined);
    ends.push(near, far);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const end of ends) end.unpipe().pause();
    },
    close() {
      for (const end of ends) end.destroy();
      server.close();
    },
  };
}
