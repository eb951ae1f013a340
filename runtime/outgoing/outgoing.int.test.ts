import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  mayReach,
  NOTHING_ALLOWED,
  OUTGOING_ERROR_CODES,
  OutgoingClient,
  OutgoingError,
  outgoingFetch,
  parseAllowList,
  allowEntryProblem,
} from './index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return (server.address() as AddressInfo).port;
}

const serving = (handler: RequestListener): Promise<number> => listening(createServer(handler));

const LOOPBACK = parseAllowList(['127.0.0.0/8']);
const local = new OutgoingClient({ allowed: () => LOOPBACK });
const strict = new OutgoingClient({ allowed: () => NOTHING_ALLOWED });

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (error instanceof OutgoingError ? error.code : String(error)),
  );

describe('where requests may go', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.8.9.10/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://172.16.3.4/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/',
    'http://100.64.0.1/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://192.0.0.192/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::a00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:53aa:64c:0:0:80ff:fffe]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://[4000::1]/',
    'http://localhost/',
    'http://ⓛocalhost/',
    'http://①②⑦.0.0.1/',
  ])('refuses %s', async (url) => {
    expect(await codeOf(strict.send({ url }))).toBe('OUTGOING_FORBIDDEN');
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://a/',
    'data:,a',
    'javascript:1',
    '//a',
    '',
    'x',
  ])('sends nothing to %s', async (url) => {
    expect(await codeOf(strict.send({ url }))).toBe('OUTGOING_INVALID');
  });

  it('lets the public internet be reached, and what a range allows', () => {
    for (const address of ['1.1.1.1', '8.8.8.8', '2606:4700:4700::1111']) {
      expect(mayReach('example.com', address, NOTHING_ALLOWED)).toBe(true);
    }
    const allowed = parseAllowList(['10.1.0.0/16', 'fd12::/16', '192.168.7.7', 'hooks.internal']);
    expect(mayReach('a', '10.1.255.1', allowed)).toBe(true);
    expect(mayReach('a', '::ffff:10.1.255.1', allowed)).toBe(true);
    expect(mayReach('a', '10.2.0.1', allowed)).toBe(false);
    expect(mayReach('a', 'fd12::5', allowed)).toBe(true);
    expect(mayReach('a', 'fd13::5', allowed)).toBe(false);
    expect(mayReach('a', '192.168.7.7', allowed)).toBe(true);
    expect(mayReach('a', '192.168.7.8', allowed)).toBe(false);
    expect(mayReach('Hooks.Internal.', '192.168.7.8', allowed)).toBe(true);
  });

  it('keeps a host that is allowed by name from a cloud’s metadata', () => {
    const byName = parseAllowList(['hooks.internal']);
    expect(mayReach('hooks.internal', '169.254.169.254', byName)).toBe(false);
    expect(mayReach('hooks.internal', 'fd00:ec2::254', byName)).toBe(false);
    expect(mayReach('hooks.internal', '168.63.129.16', byName)).toBe(false);
    expect(mayReach('x', '169.254.169.254', parseAllowList(['169.254.169.254']))).toBe(true);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '0177.0.0.1',
    '1.2.3',
    '2130706433',
    'http://a',
    'a b',
    '-a.example',
    '*',
    '*.example',
  ])('takes %j for no entry of the allow list', (entry) => {
    expect(allowEntryProblem(entry)).toContain('expected');
    expect(() => parseAllowList([entry])).toThrow('expected');
  });
});

describe('a host that changes its address', () => {
  it('is looked up once, and connected to where it was', async () => {
    const port = await serving((_request, response) => response.end('the first'));
    const answers = ['127.0.0.1', '127.0.0.66'];
    let asked = 0;
    const client = new OutgoingClient({
      allowed: () => parseAllowList(['127.0.0.1/32']),
      resolve: () => Promise.resolve([{ address: answers[asked++] ?? '', family: 4 }]),
    });
    const { body } = await client.send({ url: `http://rebinding.example:${port}/` });
    expect(body.toString()).toBe('the first');
    expect(asked).toBe(1);
    expect(await codeOf(client.send({ url: `http://rebinding.example:${port}/` }))).toBe(
      'OUTGOING_FORBIDDEN',
    );
  });

  it('is refused when only one of its addresses is private', async () => {
    const client = new OutgoingClient({
      allowed: () => NOTHING_ALLOWED,
      resolve: () =>
        Promise.resolve([
          { address: '192.88.0.1', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ]),
    });
    expect(await codeOf(client.send({ url: 'http://both.example/' }))).toBe('OUTGOING_FORBIDDEN');
  });

  it('is checked again at a redirect', async () => {
    const hits: string[] = [];
    const port = await serving((request, response) => {
      hits.push(request.url ?? '');
      response.writeHead(302, { location: '/second' }).end();
    });
    let asked = 0;
    const client = new OutgoingClient({
      allowed: () => parseAllowList(['127.0.0.1/32']),
      resolve: () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]),
    });
    expect(await codeOf(client.send({ url: `http://rebinding.example:${port}/first` }))).toBe(
      'OUTGOING_FORBIDDEN',
    );
    expect(hits).toEqual(['/first']);
  });

  it('counts a changed allow list at once', async () => {
    const port = await serving((_request, response) => response.end());
    let allowed = LOOPBACK;
    const client = new OutgoingClient({ allowed: () => allowed });
    const url = `http://127.0.0.1:${port}/`;
    expect(await codeOf(client.send({ url }))).toBe('answered');
    allowed = NOTHING_ALLOWED;
    expect(await codeOf(client.send({ url }))).toBe('OUTGOING_FORBIDDEN');
  });

  it('that has no address, or whose look-up fails, is named', async () => {
    const none = new OutgoingClient({ allowed: () => LOOPBACK, resolve: () => Promise.resolve([]) });
    expect(await codeOf(none.send({ url: 'http://a.example/' }))).toBe('OUTGOING_UNREACHABLE');
    const failing = new OutgoingClient({
      allowed: () => LOOPBACK,
      resolve: () => Promise.reject(new Error('ENOTFOUND')),
    });
    await expect(failing.send({ url: 'http://a.example/secret-path' })).rejects.toThrow(
      'a.example has no address',
    );
  });
});

describe('a redirect', () => {
  it.each([
    ['this machine', (_port: number, other: number) => `http://127.0.0.1:${other}/`],
    ['another host', () => 'http://example.com/'],
    ['the same host by another name', (port: number) => `http://localhost:${port}/`],
    ['a file', () => 'file:///etc/passwd'],
    ['nowhere', () => 'http://['],
  ])('to %s is not followed', async (_name, target) => {
    let stolen = false;
    const other = await serving((_request, response) => {
      stolen = true;
      response.end('stolen');
    });
    const port: number = await serving((_request, response) =>
      response.writeHead(307, { location: target(port, other) }).end(),
    );
    expect(await codeOf(local.send({ url: `http://127.0.0.1:${port}/` }))).toBe('OUTGOING_REDIRECT');
    expect(stolen).toBe(false);
  });

  it('within the host is followed a few times, without credentials', async () => {
    const seen: unknown[] = [];
    const port = await serving((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { authorization, cookie, 'x-kept': kept, 'content-type': type } = request.headers;
        seen.push({
          m: request.method,
          authorization,
          cookie,
          kept,
          type,
          body: Buffer.concat(chunks).toString(),
        });
        if (request.url === '/a') response.writeHead(307, { location: 'b' }).end();
        else if (request.url === '/b') response.writeHead(303, { location: '/c' }).end();
        else response.end('there');
      });
    });
    const { body } = await local.send({
      method: 'POST',
      url: `http://127.0.0.1:${port}/a`,
      headers: { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Kept': '1', 'Content-Type': 'text/plain' },
      body: 'payload',
    });
    expect(body.toString()).toBe('there');
    const bare = { authorization: undefined, cookie: undefined, kept: '1' };
    expect(seen).toEqual([
      { m: 'POST', authorization: 'Bearer x', cookie: 'a=b', kept: '1', type: 'text/plain', body: 'payload' },
      { ...bare, m: 'POST', type: 'text/plain', body: 'payload' },
      { ...bare, m: 'GET', type: undefined, body: '' },
    ]);
  });

  it('in a circle ends', async () => {
    let hits = 0;
    const port = await serving((_request, response) => {
      hits += 1;
      response.writeHead(302, { location: '/again' }).end();
    });
    expect(await codeOf(local.send({ url: `http://127.0.0.1:${port}/` }))).toBe('OUTGOING_REDIRECT');
    expect(hits).toBe(4);
  });

  it('is an answer to who follows none', async () => {
    const port = await serving((_request, response) => response.writeHead(302, { location: '/x' }).end());
    const answer = await local.send({ url: `http://127.0.0.1:${port}/`, limits: { maxRedirects: 0 } });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/x' } });
  });
});

describe('an answer', () => {
  it('that drips is given up', async () => {
    const port = await serving((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(drip);
      });
    });
    const request = { url: `http://127.0.0.1:${port}/`, limits: { totalMs: 300 } };
    expect(await codeOf(local.send(request))).toBe('OUTGOING_TIMEOUT');
  });

  it('whose head never comes is given up, also byte by byte', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 20);
      socket.on('close', () => {
        clearInterval(drip);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(() => {
            resolve();
          });
        }),
    );
    const { port } = server.address() as AddressInfo;
    const request = { url: `http://127.0.0.1:${port}/`, limits: { totalMs: 300 } };
    expect(await codeOf(local.send(request))).toBe('OUTGOING_TIMEOUT');
  });

  it('that never ends is cut off, whether it says its length or not', async () => {
    const port = await serving((request, response) => {
      if (request.url === '/says') response.writeHead(200, { 'content-length': '1000000000' });
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', write);
      write();
    });
    for (const path of ['/says', '/silent']) {
      const request = { url: `http://127.0.0.1:${port}${path}`, limits: { maxAnswerBytes: 1_000_000 } };
      expect(await codeOf(local.send(request))).toBe('OUTGOING_TOO_LARGE');
    }
  });

  it('that is compressed, which was not asked for, is not unpacked', async () => {
    let asked: unknown;
    const port = await serving((request, response) => {
      asked = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000)));
    });
    const request = { url: `http://127.0.0.1:${port}/`, headers: { 'Accept-Encoding': 'gzip' } };
    expect(await codeOf(local.send(request))).toBe('OUTGOING_UNREADABLE');
    expect(asked).toBe('identity');
  });

  it('that breaks off, or is no HTTP, is an error', async () => {
    const port = await serving((request, response) => {
      if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('some', () => response.destroy());
      } else request.socket.end('hello\r\n\r\n');
    });
    expect(await codeOf(local.send({ url: `http://127.0.0.1:${port}/cut` }))).toBe('OUTGOING_UNREACHABLE');
    expect(await codeOf(local.send({ url: `http://127.0.0.1:${port}/text` }))).toBe('OUTGOING_UNREACHABLE');
  });

  it('that nobody reads does not keep or end anything', async () => {
    const port = await serving((_request, response) => {
      response.writeHead(200);
      response.write('a');
    });
    const answer = await local.open({ url: `http://127.0.0.1:${port}/`, limits: { totalMs: 100 } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await codeOf(readAll(answer.body))).toBe('OUTGOING_TIMEOUT');
  });
});

async function readAll(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of body) size += chunk.length;
  return size;
}

describe('a request', () => {
  it('is given up when there is no address or connection in time, or when it is cancelled', async () => {
    const never = new OutgoingClient({
      allowed: () => LOOPBACK,
      resolve: () => new Promise<never>(() => undefined),
    });
    expect(await codeOf(never.send({ url: 'http://slow.example/', limits: { connectMs: 50 } }))).toBe(
      'OUTGOING_TIMEOUT',
    );
    const port = await serving(() => undefined);
    const url = `http://127.0.0.1:${port}/`;
    expect(await codeOf(local.send({ url, signal: AbortSignal.timeout(50) }))).toBe('OUTGOING_CANCELLED');
    expect(await codeOf(local.send({ url, signal: AbortSignal.abort() }))).toBe('OUTGOING_CANCELLED');
  });

  it('cannot smuggle a header, a second request or another host', async () => {
    const seen: unknown[] = [];
    const port = await serving((request, response) => {
      seen.push({ host: request.headers.host, transfer: request.headers['transfer-encoding'] });
      response.end();
    });
    const url = `http://127.0.0.1:${port}/`;
    expect(await codeOf(local.send({ url, headers: { 'x-a': 'b\r\nx-c: d' } }))).toBe('OUTGOING_INVALID');
    expect(await codeOf(local.send({ url, headers: { 'x a': 'b' } }))).toBe('OUTGOING_INVALID');
    expect(await codeOf(local.send({ url, method: 'GET / HTTP/1.1\r\nx: y' }))).toBe('OUTGOING_INVALID');
    expect(await codeOf(local.send({ url: `http://user:pass@127.0.0.1:${port}/` }))).toBe('OUTGOING_INVALID');
    const headers = { Host: 'other.example', 'Transfer-Encoding': 'chunked', Connection: 'upgrade' };
    expect(await codeOf(local.send({ url, headers }))).toBe('answered');
    expect(seen).toEqual([{ host: `127.0.0.1:${port}`, transfer: undefined }]);
  });

  it('says nothing of a path or query when it fails', async () => {
    const secret = 'T0000-secret';
    const failed = strict.send({ url: `http://127.0.0.1/services/${secret}?token=${secret}` });
    await expect(failed).rejects.toThrow('127.0.0.1 is not of the public internet');
    await expect(failed).rejects.not.toThrow(secret);
    const unreachable = local.send({ url: `http://127.0.0.1:9/${secret}` });
    await expect(unreachable).rejects.toMatchObject({ code: 'OUTGOING_UNREACHABLE' });
    await expect(unreachable).rejects.not.toThrow(secret);
    expect(OUTGOING_ERROR_CODES).toContain('OUTGOING_UNREACHABLE');
  });
});

describe('over TLS', () => {
  it('only a certificate that is valid for the host is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ophion-tls-'));
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      execFileSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
          ...[
            '-keyout',
            key,
            '-out',
            cert,
            '-subj',
            '/CN=hooks.example',
            '-addext',
            'subjectAltName=DNS:hooks.example',
          ],
        ],
        { stdio: 'ignore' },
      );
      const ca = readFileSync(cert, 'utf8');
      const secure = createSecureServer({ key: readFileSync(key), cert: ca }, (_request, response) =>
        response.end('safe'),
      );
      const port = await listening(secure);
      const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      const trusting = new OutgoingClient({ allowed: () => LOOPBACK, resolve, ca });
      expect((await trusting.send({ url: `https://hooks.example:${port}/` })).body.toString()).toBe('safe');
      expect(await codeOf(trusting.send({ url: `https://other.example:${port}/` }))).toBe(
        'OUTGOING_UNREACHABLE',
      );
      const others = new OutgoingClient({ allowed: () => LOOPBACK, resolve });
      expect(await codeOf(others.send({ url: `https://hooks.example:${port}/` }))).toBe(
        'OUTGOING_UNREACHABLE',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('as fetch', () => {
  it('sends text, bytes and forms, and answers as others do', async () => {
    const port = await serving((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/none') response.writeHead(204).end();
        else {
          response
            .writeHead(201, { 'x-type': request.headers['content-type'] ?? 'none' })
            .end(Buffer.concat(chunks));
        }
      });
    });
    const fetch = outgoingFetch(local);
    const url = `http://127.0.0.1:${port}/`;
    const form = await fetch(url, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
    expect([form.status, form.headers.get('x-type'), await form.text()]).toEqual([
      201,
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=b+c',
    ]);
    const bytes = await fetch(new URL(url), { method: 'PUT', body: Buffer.from('{"a":1}') });
    expect(await bytes.json()).toEqual({ a: 1 });
    expect((await fetch(`${url}none`)).status).toBe(204);
    expect(await codeOf(fetch(url, { method: 'POST', body: new Blob(['a']) }))).toBe('OUTGOING_INVALID');
  });
});
