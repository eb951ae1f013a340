import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, makeClientConstructor, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  BUILT_IN_ROLES,
  OTLP_PATH_NEEDS,
  PATH_NEEDS,
  RPC_NEEDS,
  type Requirement,
} from '../../proto/access/index.ts';
import { ENDPOINTS, type Endpoint } from '../../proto/api/index.ts';
import { TOPIC_NEEDS } from '../../proto/live/index.ts';
import { ROUTES } from '../api/routes.ts';
import type { Platform } from '../platform/index.ts';
import { ACCESS_TABLE } from './access-table.ts';
import { everybody, isAllowed, type Person } from './access-people.ts';
import { startTestPlatform } from './test-platform.ts';

let folder: string;
let platform: Platform;
let people: readonly Person[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-matrix-'));
  platform = await startTestPlatform(folder, {
    OPHION_SQL: 'on',
    OPHION_QUERY_RATE: '0',
    OPHION_INGEST_ANONYMOUS: 'never',
  });
  people = await everybody(platform);
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Knock {
  readonly status: number;
  readonly code: string;
}

async function knock(person: Person, method: string, target: string): Promise<Knock> {
  const credential = await person.credential();
  const response = await fetch(`http://127.0.0.1:${platform.ports.api}${target}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    },
    // Behind the door no body of these is as it should be: nothing is changed.
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{"no":"such field"}' }),
  });
  const text = await response.text();
  const body = text.startsWith('{') ? (JSON.parse(text) as { error?: { code?: string } | string }) : {};
  const code = typeof body.error === 'object' ? (body.error.code ?? '') : '';
  return { status: response.status, code };
}

/** What whoever may not is told. */
function refusalFor(needs: Requirement, { principal }: Person): Knock {
  if (!principal) return { status: 401, code: 'UNAUTHENTICATED' };
  const isFirst = principal.mustChangePassword && needs !== 'identified' && needs !== 'any-session';
  return { status: 403, code: isFirst ? 'PASSWORD_MUST_CHANGE' : 'FORBIDDEN' };
}

const REFUSALS: readonly number[] = [401, 403];

describe('what each role may do', () => {
  it('is as the roles say: an independent list of who holds what', () => {
    const held = Object.fromEntries(
      people.map(({ name, principal }) => [name, [...(principal?.grants.permissions ?? [])].sort()]),
    );
    const reads = [
      'insights:read',
      'logs:read',
      'metrics:read',
      'platform:read',
      'services:read',
      'traces:read',
    ];
    const acts = ['insights:judge', 'alerts:ack', 'copilot:use'];
    expect(held).toEqual({
      anonymous: [],
      'a made-up token': [],
      'nothing at all': [],
      viewer: reads,
      editor: [...reads, ...acts, 'settings:read'].sort(),
      operator: [...reads, ...acts, 'playbooks:approve', 'settings:read', 'sql:run', 'users:read'].sort(),
      admin: [...BUILT_IN_ROLES.admin].sort(),
      'first password': [...BUILT_IN_ROLES.admin].sort(),
      'key for ingest': ['ingest:write'],
      'key for query': [...reads, 'sql:run'].sort(),
      'key for admin': [...BUILT_IN_ROLES.admin].sort(),
    });
  });

  it('is asked of each door as an independent list says', () => {
    const rows = (kind: string, needs: Readonly<Record<string, unknown>>): [string, unknown][] =>
      Object.entries(needs).map(([name, needed]) => [`${kind} ${name}`, needed]);
    const asked = Object.fromEntries([
      ...ENDPOINTS.map(({ method, path, needs }): [string, unknown] => [`${method} ${path}`, needs]),
      ...rows('path', PATH_NEEDS),
      ...rows('otlp', OTLP_PATH_NEEDS),
      ...rows('rpc', RPC_NEEDS),
      ...rows('topic', TOPIC_NEEDS),
    ]);
    expect(asked).toEqual(ACCESS_TABLE);
  });

  it('has a row for every route that is answered', () => {
    expect(ROUTES.map(({ endpoint }) => endpoint)).toEqual([...ENDPOINTS]);
  });

  it.each(ENDPOINTS.map((endpoint: Endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    '%s',
    async (_name, { method, needs, example }) => {
      for (const person of people) {
        const got = await knock(person, method, example);
        const cell = { person: person.name, ...got };
        if (isAllowed(needs, person)) expect([cell, REFUSALS.includes(got.status)]).toEqual([cell, false]);
        else expect(cell).toEqual({ person: person.name, ...refusalFor(needs, person) });
      }
    },
  );

  it.each(Object.entries(PATH_NEEDS).filter(([path]) => path !== '/live'))(
    'path %s',
    async (pattern, needs) => {
      const paths: Readonly<Record<string, string>> = {
        '/prometheus/*': '/prometheus/api/v1/labels',
        '/api/*': '/api/v1/no-such-thing',
        '/*': '/traces',
      };
      for (const person of people) {
        const got = await knock(person, 'GET', paths[pattern] ?? pattern);
        const cell = { person: person.name, status: got.status };
        if (isAllowed(needs, person)) expect([cell, REFUSALS.includes(got.status)]).toEqual([cell, false]);
        else expect(cell).toEqual({ person: person.name, status: refusalFor(needs, person).status });
      }
    },
  );

  it('nobody gets anything but health, the way in, public keys and the web app', () => {
    const open = [
      ...ENDPOINTS.filter(({ needs }) => needs === 'nothing').map(({ method, path }) => `${method} ${path}`),
      ...Object.entries({ ...PATH_NEEDS, ...RPC_NEEDS })
        .filter(([, needs]) => needs === 'nothing')
        .map(([path]) => path),
    ];
    expect(open).toEqual([
      'POST /api/v1/session',
      'POST /api/v1/session/refresh',
      'POST /api/v1/password-links/redeem',
      'GET /api/v1/auth/options',
      'POST /api/v1/auth/oidc/start',
      'GET /api/v1/auth/oidc/callback',
      '/healthz',
      '/readyz',
      '/.well-known/jwks.json',
      '/*',
      'grpc.health.v1.Health/Check',
      'grpc.health.v1.Health/Watch',
      'grpc.health.v1.Health/List',
    ]);
  });

  it.each(Object.entries(TOPIC_NEEDS))('topic %s', async (kind, needs) => {
    for (const person of people) {
      const topic = kind === 'service' ? { kind, service: '~~cart' } : { kind };
      const answer = await subscribe(await person.credential(), topic);
      const expected = !isAllowed('signed-in', person)
        ? `refused with ${person.principal ? 403 : 401}`
        : isAllowed(needs, person)
          ? 'subscribed'
          : 'refused FORBIDDEN';
      expect([person.name, answer]).toEqual([person.name, expected]);
    }
  });

  it.each(Object.entries(OTLP_PATH_NEEDS))('OTLP over HTTP %s', async (path, needs) => {
    for (const person of people) {
      for (const header of ['authorization', 'x-ophion-key']) {
        const credential = await person.credential();
        const isKey = person.principal?.kind !== 'session';
        const value = header === 'authorization' ? `Bearer ${credential ?? ''}` : (credential ?? '');
        const response = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(credential !== undefined && { [header]: value }),
          },
          body: '{}',
        });
        await response.arrayBuffer();
        const expected = !isKey || !person.principal ? 401 : isAllowed(needs, person) ? 200 : 403;
        expect([person.name, header, response.status]).toEqual([person.name, header, expected]);
      }
    }
  });

  it.each(Object.entries(RPC_NEEDS))('RPC %s', async (rpc, needs) => {
    for (const person of people) {
      const code = await call(rpc, await person.credential());
      const isKey = person.principal?.kind === 'key';
      const expected =
        needs === 'nothing' || (isKey && isAllowed(needs, person))
          ? status.OK
          : isKey
            ? status.PERMISSION_DENIED
            : status.UNAUTHENTICATED;
      expect([person.name, code]).toEqual([person.name, expected]);
    }
  });
});

function subscribe(credential: string | undefined, topic: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
    const socket = new WebSocket(`ws://127.0.0.1:${platform.ports.api}/live`, { headers });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      resolve(`refused with ${response.statusCode ?? 0}`);
    });
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'subscribe', subscription: 1, topic }));
    });
    socket.once('message', (data: Buffer) => {
      const { type, code = '' } = JSON.parse(data.toString()) as { type: string; code?: string };
      socket.close();
      resolve(`${type} ${code}`.trim());
    });
  });
}

function call(rpc: string, credential: string | undefined): Promise<number> {
  const same = (bytes: Buffer): Buffer => bytes;
  const Raw = makeClientConstructor({}, 'raw');
  const client = new Raw(`127.0.0.1:${platform.ports.otlpGrpc}`, credentials.createInsecure());
  const metadata = new Metadata();
  if (credential !== undefined) metadata.set('x-ophion-key', credential);
  return new Promise((resolve) => {
    const done = (error: ServiceError | null): void => {
      client.close();
      resolve(error?.code ?? status.OK);
    };
    if (!rpc.endsWith('/Watch')) {
      client.makeUnaryRequest(`/${rpc}`, same, same, Buffer.alloc(0), metadata, done);
      return;
    }
    const watching = client.makeServerStreamRequest(`/${rpc}`, same, same, Buffer.alloc(0), metadata);
    watching.once('data', () => {
      done(null);
      watching.cancel();
    });
    watching.once('error', done);
  });
}
