import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CLIENT_HEADER } from '../../../proto/access/index.ts';
import { makeKey, makeUser, tokenOf } from '../access-people.ts';
import { adminCredentials, adminToken } from '../signed-in.ts';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

const CLIENT = { address: '127.0.0.1', userAgent: 'test' };
const PASSWORD = 'seven brave otters hum';
const FOREIGN = 'https://elsewhere.example';

let attacked: AttackedPlatform;
let admin: string;
let reader: string;
let firstPassword: string;
let queryKey: string;
/** That came once already. */
let refreshUsed: string;

beforeAll(async () => {
  attacked = await startAttackedPlatform({ OPHION_INGEST_RATE: '2' });
  const { platform } = attacked;
  const { access } = platform;
  admin = await adminToken(platform.ports.api);
  ({ token: reader } = await attacked.somebody('reader', {
    reader: { permissions: ['logs:read', 'users:write', 'sql:run'], services: undefined },
  }));
  firstPassword = await tokenOf(platform, await makeUser(platform, 'first-password', ['admin'], true));
  const careful = await makeUser(platform, 'careful', ['viewer']);
  const passwordHash = await access.hasher.hash(PASSWORD);
  await access.users.change((query) => access.users.update(query, careful, { passwordHash }));
  const carefulUser = access.users.get(careful);
  if (!carefulUser) throw new Error('there is nobody careful');
  await access.secondFactor.propose(carefulUser, '');
  await access.users.change((query) => access.users.update(query, careful, { totpConfirmed: true }));
  ({ secret: queryKey } = await makeKey(platform, access.users.byLogin('admin')?.id ?? '', ['query']));
  const begun = await access.signIn.begin(carefulUser, CLIENT);
  refreshUsed = begun?.refreshToken ?? '';
  await access.signIn.refresh(refreshUsed, CLIENT);
});
afterAll(() => attacked.stop());

type Headers = Readonly<Record<string, string>>;

const send = (method: string, path: string, headers: Headers = {}, body?: unknown): Promise<Response> =>
  fetch(`http://127.0.0.1:${attacked.platform.ports.api}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const signIn = (body: unknown, headers: Headers = {}): Promise<Response> =>
  send('POST', '/api/v1/session', { [CLIENT_HEADER]: '1', ...headers }, body);
const telemetry = (headers: Headers = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${attacked.platform.ports.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** Answers how the socket was refused. */
async function socket(headers: Headers): Promise<number> {
  const client = new WebSocket(`ws://127.0.0.1:${attacked.platform.ports.api}/live`, { headers });
  client.on('error', () => undefined);
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, { statusCode: number }];
  client.terminate();
  return response.statusCode;
}

async function topic(): Promise<string> {
  const client = new WebSocket(`ws://127.0.0.1:${attacked.platform.ports.api}/live`, {
    headers: bearer(reader),
  });
  await once(client, 'open');
  client.send(JSON.stringify({ type: 'subscribe', subscription: 1, topic: { kind: 'overview' } }));
  const [message] = (await once(client, 'message')) as [Buffer];
  client.close();
  return (JSON.parse(message.toString()) as { readonly type: string }).type;
}

async function many(times: number, ask: () => Promise<Response>, until?: number): Promise<Response> {
  let last = await ask();
  for (let i = 1; i < times && last.status !== until; i += 1) {
    await last.arrayBuffer();
    last = await ask();
  }
  return last;
}

const anonymously = { actor: 'anonymous', action: 'access.refuse' };
const signingIn = { actor: 'anonymous', action: 'sign-in' };

/** How it is asked for, how that is answered, and what is then on record. In this order: what is counted comes last. */
const REFUSALS: readonly (readonly [
  what: string,
  ask: () => Promise<Response | number | string>,
  answer: number | string,
  entry: { readonly actor: string; readonly action: string; readonly reason: string },
])[] = [
  [
    'a wrong password',
    () => signIn({ login: 'careful', password: 'wrong' }),
    401,
    { ...signingIn, reason: 'wrong' },
  ],
  [
    'a right password without the code of the second factor',
    () => signIn({ login: 'careful', password: PASSWORD }),
    401,
    { ...signingIn, reason: 'code-needed' },
  ],
  [
    'a wrong code',
    () => signIn({ login: 'careful', password: PASSWORD, code: '000000' }),
    401,
    { ...signingIn, reason: 'code-wrong' },
  ],
  [
    'somebody who failed too often',
    () => many(20, () => signIn({ login: 'careful', password: 'wrong' }), 429),
    429,
    { ...signingIn, reason: 'too many failures' },
  ],
  [
    'a sign-in by a page from elsewhere',
    () => signIn({ login: 'careful', password: PASSWORD }, { 'sec-fetch-site': 'cross-site' }),
    403,
    { ...anonymously, reason: 'the request was made by a page of another origin' },
  ],
  ['nobody', () => send('GET', '/api/v1/users'), 401, { ...anonymously, reason: 'nobody is signed in' }],
  [
    'a token that nobody made',
    () => send('GET', '/api/v1/users', bearer('made-up')),
    401,
    { ...anonymously, reason: 'the credential counts no more, or never did' },
  ],
  [
    'somebody without the permission',
    () => send('GET', '/api/v1/traces', bearer(reader)),
    403,
    { actor: 'user:reader', action: 'access.refuse', reason: 'this needs the permission traces:read' },
  ],
  [
    'a key where people are asked for',
    () => send('GET', '/api/v1/me/keys', bearer(queryKey)),
    403,
    { actor: 'key:', action: 'access.refuse', reason: 'this is for people who are signed in, not for keys' },
  ],
  [
    'a change by cookies alone',
    () => send('DELETE', '/api/v1/me/sessions', { cookie: `ophion-access=${admin}` }),
    403,
    {
      actor: 'user:admin',
      action: 'access.refuse',
      reason: `a change with cookies needs the header ${CLIENT_HEADER}`,
    },
  ],
  [
    'a first password that was not changed',
    () => send('GET', '/api/v1/users', bearer(firstPassword)),
    403,
    { actor: 'user:first-password', action: 'access.refuse', reason: 'the password has to be changed first' },
  ],
  [
    'a wrong password of one’s own',
    async () =>
      send('PUT', '/api/v1/me/password', bearer(admin), {
        current: 'wrong',
        next: (await adminCredentials()).password,
      }),
    401,
    { actor: 'user:admin', action: 'access.refuse', reason: 'the password is wrong' },
  ],
  [
    'who gives more than they have',
    () => send('POST', '/api/v1/users', bearer(reader), { login: 'made', name: '', roles: ['admin'] }),
    403,
    { actor: 'user:reader', action: 'access.refuse', reason: 'role:admin may do more than you may' },
  ],
  [
    'SQL where it is switched off',
    () => send('POST', '/api/v1/sql', bearer(reader), { query: 'SELECT 1' }),
    403,
    { actor: 'user:reader', action: 'access.refuse', reason: 'SQL is switched off' },
  ],
  [
    'a password link that nobody made',
    () => send('POST', '/api/v1/password-links/redeem', {}, { token: 'made-up', password: PASSWORD }),
    401,
    { actor: 'anonymous', action: 'password.reset', reason: 'the link counts no more, or never did' },
  ],
  [
    'a refresh token that nobody made',
    () => send('POST', '/api/v1/session/refresh', {}, { refreshToken: 'made-up' }),
    401,
    { ...anonymously, reason: 'the refresh token counts no more' },
  ],
  [
    'a refresh by cookies alone',
    () => send('POST', '/api/v1/session/refresh', { cookie: 'ophion-refresh=x' }, {}),
    403,
    { ...anonymously, reason: `a change with cookies needs the header ${CLIENT_HEADER}` },
  ],
  [
    'a refresh token that comes twice',
    () => send('POST', '/api/v1/session/refresh', {}, { refreshToken: refreshUsed }),
    401,
    { actor: 'user:careful', action: 'session.reuse', reason: 'a refresh token came a second time' },
  ],
  [
    'a socket of a page from elsewhere',
    () => socket({ origin: FOREIGN, ...bearer(admin) }),
    403,
    { ...anonymously, reason: 'the page comes from another origin' },
  ],
  ['a socket of nobody', () => socket({}), 401, { ...anonymously, reason: 'nobody is signed in' }],
  [
    'a live topic without the permission',
    topic,
    'refused',
    {
      actor: 'user:reader',
      action: 'access.refuse',
      reason: 'this topic needs the permission',
    },
  ],
  [
    'telemetry of a page from elsewhere',
    () => telemetry({ origin: FOREIGN }),
    401,
    { ...anonymously, reason: 'a page that OPHION_OTLP_CORS_ORIGINS does not name' },
  ],
  [
    'telemetry with a key that nobody made',
    () => telemetry({ 'x-ophion-key': 'ophion_made-up' }),
    401,
    { ...anonymously, reason: 'no key that counts' },
  ],
  [
    'telemetry with a key for something else',
    () => telemetry({ 'x-ophion-key': queryKey }),
    403,
    { actor: 'key:', action: 'access.refuse', reason: 'the key is not for sending telemetry' },
  ],
  [
    'more telemetry than is let in',
    () => many(500, telemetry, 429),
    429,
    { ...anonymously, reason: 'more than OPHION_INGEST_RATE' },
  ],
  [
    'a sign-in elsewhere that is not offered',
    () => send('POST', '/api/v1/auth/oidc/start', { [CLIENT_HEADER]: '1' }, {}),
    200,
    { ...signingIn, reason: 'off' },
  ],
  [
    'somebody back from elsewhere who did not go there',
    () => send('GET', '/api/v1/auth/oidc/callback?code=x'),
    303,
    { ...signingIn, reason: 'off' },
  ],
  [
    'too many attempts from one address',
    () => many(70, () => signIn({ login: 'nobody', password: 'wrong' })),
    429,
    { ...signingIn, reason: 'too many attempts' },
  ],
  [
    'too many who want to sign in elsewhere',
    () => send('POST', '/api/v1/auth/oidc/start', { [CLIENT_HEADER]: '1' }, {}),
    200,
    { ...signingIn, reason: 'too many attempts' },
  ],
  [
    'too many who come back from there',
    () => send('GET', '/api/v1/auth/oidc/callback?code=x'),
    303,
    { ...signingIn, reason: 'too many attempts' },
  ],
];

describe('every way to be refused is on record', () => {
  it.each(REFUSALS)('%s', async (_what, ask, answer, { actor, action, reason }) => {
    const { audit, refusals } = attacked.platform.access;
    await refusals.flush();
    const before = await audit.head();
    const reply = await ask();
    expect(reply instanceof Response ? reply.status : reply).toBe(answer);
    // What is alike is counted; the first is written at once.
    await refusals.flush();
    const entries = (await audit.list({}, 100)).filter(({ sequence }) => sequence > before);
    const found = entries.find((entry) => JSON.stringify(entry.detail['reason']).startsWith(`"${reason}`));
    expect(entries.length === 0 ? 'nothing is on record' : found).toMatchObject({
      action,
      outcome: 'refused',
    });
    expect(found?.actor.startsWith(actor)).toBe(true);
    expect(found?.address).toBe('127.0.0.1');
  });
});

describe('a sign-out', () => {
  it('is on record, with whose it was', async () => {
    const { access } = attacked.platform;
    const { id, token } = await attacked.somebody('leaver', {});
    const [session] = access.sessions.ofUser(id);
    expect((await send('DELETE', '/api/v1/session', bearer(token))).status).toBe(200);
    expect(await access.audit.list({ action: 'sign-out' }, 10)).toMatchObject([
      { actor: 'user:leaver', target: `session:${session?.id ?? ''}`, outcome: 'done', address: '127.0.0.1' },
    ]);
  });
});
