import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseHttpEngine, listenNodeHttp, type HttpServer } from './index.ts';

const chosen = chooseHttpEngine();
const engines = [
  ['node:http', listenNodeHttp],
  ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
] as const;

describe.each(engines)('where a request ends, on %s', (_name, listen) => {
  let server: HttpServer;
  afterEach(() => server.close());

  /** Paths that were handled, once the server has closed the connection. */
  async function handled(request: string): Promise<readonly string[]> {
    const paths: string[] = [];
    server = await listen({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_000_000,
      requestTimeoutMs: 400,
      tooLarge: () => ({ status: 413 }),
      handle: ({ path }) => {
        paths.push(path);
        return { status: 200, headers: { connection: 'close' }, body: path };
      },
      onError: () => undefined,
    });
    const socket = connect(server.port, '127.0.0.1', () => socket.write(request));
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    await new Promise<void>((resolve) => {
      socket.on('close', () => {
        resolve();
      });
      // What is kept open has been answered by then.
      socket.setTimeout(1_500, () => socket.destroy());
    });
    return paths;
  }

  const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';

  it.each([
    [
      'a length and chunks',
      `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    [
      'chunks and a length that covers more',
      `POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n5c\r\n${SMUGGLED}`,
    ],
    ['a length below nothing', `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n${SMUGGLED}`],
    ['a length that is no number', `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 0x0\r\n\r\n${SMUGGLED}`],
  ])('is not for the sender to say in two ways: %s', async (_what, request) => {
    expect(await handled(request)).not.toContain('/smuggled');
  });

  it('is where its body ends, when that is said once', async () => {
    const body = `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`;
    expect(await handled(body)).toEqual(['/a']);
  });
});
