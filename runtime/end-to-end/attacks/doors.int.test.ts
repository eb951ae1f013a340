import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

let attacked: AttackedPlatform;

beforeAll(async () => {
  attacked = await startAttackedPlatform();
});
afterAll(() => attacked.stop());

interface RawReply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** As it is written here: `fetch` would make another path of it. */
function raw(port: number, method: string, path: string, headers: readonly string[] = []): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...rest] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') });
    });
    socket.end(
      [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', ...headers, '', ''].join(
        '\r\n',
      ),
    );
  });
}

const ports = () => [attacked.platform.ports.api, attacked.platform.ports.dashboard];

describe('nobody in particular', () => {
  /** Like `/api/v1/users`, to somebody who does not look closely. */
  const DISGUISED = [
    '//api/v1/users',
    '/api//v1/users',
    '/api/v1/users/',
    '/api/v1/users.',
    '/api/v1/%75sers',
    '/api%2fv1%2fusers',
    '/./api/v1/users',
    '/x/../api/v1/users',
    '/API/v1/users',
    '/api/v1/users;a=b',
    '/api/v1/users%00',
    '/api/v1/users%20',
    '/api/v1/users#x',
    '/api/v1/traces/..%2fusers',
    '/assets/../api/v1/users',
    '/healthz/../api/v1/users',
    '/healthz%2f..%2fapi/v1/users',
    '/prometheus/../api/v1/users',
    '/prometheus//api/v1/query?query=up',
    '//prometheus/api/v1/query?query=up',
    '/Prometheus/api/v1/labels',
    '/prometheus/api/v1/labels/',
    '/prometheus/api/v1/label/..%2flabels/values',
  ];

  it.each(DISGUISED)('is shown nothing at %s', async (path) => {
    for (const port of ports()) {
      for (const method of ['GET', 'POST']) {
        const { status, body } = await raw(port, method, path, ['Content-Length: 0']);
        const isWebApp = body.startsWith('<!doctype html>') || status === 405 || body === 'not found';
        expect([method, status, isWebApp || status === 401]).toEqual([method, status, true]);
        expect(body).not.toMatch(/"login"|"status":"success"/);
      }
    }
  });

  it.each(['HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PUT', 'PATCH', 'DELETE'])(
    'is let in by no method: %s',
    async (method) => {
      for (const port of ports()) {
        expect([method, (await raw(port, method, '/api/v1/users')).status]).toEqual([method, 401]);
      }
    },
  );

  it('is let in by no header that stands for something else', async () => {
    for (const header of [
      'X-HTTP-Method-Override: GET',
      'X-Original-URL: /healthz',
      'X-Rewrite-URL: /healthz',
      'X-Forwarded-User: admin',
      'X-Forwarded-For: 127.0.0.1',
      'Forwarded: for=127.0.0.1',
      'Authorization: Basic YWRtaW46YWRtaW4=',
      'Authorization: Bearer undefined',
      'Cookie: ophion-access=undefined; ophion-access=',
    ]) {
      expect([header, (await raw(ports()[0] ?? 0, 'GET', '/api/v1/users', [header])).status]).toEqual([
        header,
        401,
      ]);
    }
  });

  it('opens a socket nowhere', async () => {
    for (const port of ports()) {
      for (const path of [
        '/live',
        '/live?token=x',
        '/live/',
        '/LIVE',
        '/',
        '/api/v1/users',
        '/prometheus/',
      ]) {
        const outcome = await new Promise((resolve) => {
          const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
          socket.on('open', () => {
            socket.close();
            resolve('open');
          });
          socket.on('error', () => {
            resolve('refused');
          });
        });
        expect([path, outcome]).toEqual([path, 'refused']);
      }
    }
  });

  it('is not told what a path would have been, and is counted, before being asked who they are', async () => {
    for (const path of ['/api/v1/traces/%zz', '/api/v1/services/%e0%a4%a/operations', '/api/v1/users/%']) {
      const { status, body } = await raw(ports()[0] ?? 0, 'GET', path);
      expect([path, status, body]).toEqual([path, 401, expect.stringContaining('UNAUTHENTICATED')]);
    }
  });
});

describe('what browsers keep to', () => {
  it('is said with every refusal as well, of a socket too', async () => {
    const upgrade = [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    for (const port of ports()) {
      for (const [path, headers] of [
        ['/api/v1/users', []],
        ['/api/nothing', []],
        ['/assets/nothing', []],
        ['/prometheus/api/v1/query', []],
        ['/live', upgrade],
        ['/live', [...upgrade, 'Origin: https://elsewhere.example']],
      ] as const) {
        const { head } = await raw(port, 'GET', path, headers);
        for (const name of ['content-security-policy', 'x-content-type-options', 'x-frame-options']) {
          expect([path, head.toLowerCase()]).toEqual([path, expect.stringContaining(`${name}: `)]);
        }
      }
    }
  });
});
