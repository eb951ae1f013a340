import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../audit/index.ts';
import { OutgoingClient, parseAllowList } from '../outgoing/index.ts';
import { Sealer } from '../secrets/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import {
  AccessControl,
  AccessTokens,
  ApiKeys,
  OIDC_TICKET_SECONDS,
  OidcProvider,
  OidcSignIn,
  PasswordHasher,
  SecondFactor,
  Sessions,
  SignIn,
  SignInThrottle,
  Users,
  type OidcOutcome,
  type OidcSignInSettings,
  type SignedIn,
} from './index.ts';
import { startTestProvider, type TestProvider } from './fixtures/oidc-test-provider.ts';

const REDIRECT_URI = 'https://ophion.example/api/v1/auth/oidc/callback';
const HERE = { address: '192.0.2.1', userAgent: 'test' };

describe.each(CONTROL_ENGINES)('signing in at a provider, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let idp: TestProvider;
  let audit: AuditLog;
  let users: Users;
  let sessions: Sessions;
  let allowed = parseAllowList(['127.0.0.1']);
  let settings: OidcSignInSettings | undefined;
  let usual: OidcSignInSettings;
  let nowMs = Date.now();
  let oidc: OidcSignIn;
  let keys: ApiKeys;
  let access: AccessControl;
  let signIn: SignIn;
  const keptAdmins: string[] = [];

  beforeAll(async () => {
    engine = await start();
    idp = await startTestProvider(REDIRECT_URI);
    const { database } = engine;
    audit = new AuditLog(database);
    users = await Users.open(database);
    sessions = await Sessions.open(database, { lifetimeMs: 86_400_000 });
    const sealer = new Sealer(Buffer.alloc(32, 5));
    const tokens = await AccessTokens.open(database, sealer);
    keys = await ApiKeys.open(database);
    access = new AccessControl({ users, sessions, keys, tokens });
    signIn = new SignIn({
      users,
      sessions,
      tokens,
      hasher: new PasswordHasher(),
      secondFactor: new SecondFactor({ users, sealer, audit }),
      throttle: new SignInThrottle(database),
      audit,
    });
    usual = {
      issuer: idp.issuer,
      clientId: idp.clientId,
      clientSecret: idp.clientSecret,
      redirectUri: REDIRECT_URI,
      scopes: ['openid', 'profile'],
      loginClaim: 'preferred_username',
      groupsClaim: 'groups',
      groupRoles: { sre: ['operator'], dev: ['viewer', 'editor'], ghosts: ['no-such-role'] },
    };
    const now = (): number => nowMs;
    const provider = new OidcProvider(new OutgoingClient({ allowed: () => allowed }), now);
    oidc = new OidcSignIn({
      database,
      provider,
      users,
      sessions,
      signIn,
      audit,
      sealer,
      settings: () => Promise.resolve(settings),
      onAdminKept: (login) => keptAdmins.push(login),
      now,
    });
  });
  beforeEach(() => {
    settings = usual;
    allowed = parseAllowList(['127.0.0.1']);
  });
  afterAll(async () => {
    await idp.stop();
    await engine.end();
  });

  interface Begun {
    readonly back: URL;
    readonly ticket: string;
  }
  async function begin(id: string, claims: Record<string, unknown>, returnTo?: string): Promise<Begun> {
    idp.account = { id, claims: { preferred_username: id, name: `Name of ${id}`, ...claims } };
    const begun = await oidc.start(returnTo);
    if (!begun) throw new Error('it is not offered');
    return { back: await idp.visit(begun.url), ticket: begun.ticket };
  }
  const finish = ({ back, ticket }: Begun): Promise<OidcOutcome> =>
    oidc.finish(back.search.slice(1), ticket, HERE);
  const comeIn = async (id: string, claims: Record<string, unknown>): Promise<OidcOutcome> =>
    finish(await begin(id, claims));
  const refused = (reason: string) => ({ type: 'refused', reason });

  it('makes a user at the first time, with the roles of their groups, and no password', async () => {
    const outcome = await finish(await begin('ada', { groups: ['dev', 'sre', 'unknown'] }, '/traces?x=1'));
    expect(outcome).toMatchObject({ type: 'signed-in', returnTo: '/traces?x=1' });
    const user = users.byLogin('ada');
    expect(user).toMatchObject({
      kind: 'person',
      name: 'Name of ada',
      roles: ['editor', 'operator', 'viewer'],
      passwordHash: undefined,
    });
    expect(sessions.ofUser(user?.id ?? '')).toHaveLength(1);
    const entries = await audit.list({ text: 'ada' }, 10);
    expect(entries.map(({ action, outcome: how }) => [action, how])).toEqual([
      ['sign-in', 'done'],
      ['user.create', 'done'],
    ]);
  });

  it('knows the user again, also by another login, and takes roles and name anew', async () => {
    const id = users.byLogin('ada')?.id ?? '';
    await comeIn('ada', { groups: 'sre', preferred_username: 'ada.l', name: 'Ada L' });
    expect(users.get(id)).toMatchObject({ login: 'ada', name: 'Ada L', roles: ['operator'] });
    const [change] = await audit.list({ action: 'user.change' }, 1);
    expect(change?.detail).toMatchObject({
      before: { roles: ['editor', 'operator', 'viewer'] },
      after: { roles: ['operator'] },
    });
    expect(users.all()).toHaveLength(1);
  });

  it('takes the roles of who is in no group any more', async () => {
    expect(await comeIn('ada', { groups: [] })).toEqual(refused('no-role'));
    expect(users.byLogin('ada')?.roles).toEqual([]);
    expect(await comeIn('ada', { groups: ['dev'] })).toMatchObject({ type: 'signed-in' });
  });

  it.each([
    ['an unknown group', ['strangers']],
    ['no groups', undefined],
    ['groups that are none', [1, null, { dev: true }]],
    ['a group whose role is not there', ['ghosts']],
    ['what every object has', ['constructor', '__proto__', 'toString']],
  ])('lets nobody in with %s', async (_what, groups) => {
    expect(await comeIn('eve', { groups })).toEqual(refused('no-role'));
    expect(users.byLogin('eve')).toBeUndefined();
  });

  it('lets nobody in whom an administrator has disabled', async () => {
    const user = users.byLogin('ada');
    await users.change((query) => users.update(query, user?.id ?? '', { isDisabled: true }));
    expect(await comeIn('ada', { groups: ['sre'] })).toEqual(refused('disabled'));
    expect(users.byLogin('ada')?.roles).toEqual(['editor', 'viewer']);
    await users.change((query) => users.update(query, user?.id ?? '', { isDisabled: false }));
  });

  it('signs whoever is in no group any more out of everything, and their keys count for nothing', async () => {
    await comeIn('ada', { groups: ['sre'] });
    const id = users.byLogin('ada')?.id ?? '';
    const { secret } = await keys.change((query) =>
      keys.create(query, {
        name: 'k',
        userId: id,
        scopes: ['query'],
        createdBy: 'test',
        expiresAt: undefined,
      }),
    );
    const opened = (await comeIn('ada', { groups: ['sre'] })) as SignedIn;
    const permissions = async () => (await access.principalOf(opened.accessToken))?.grants.permissions;
    expect((await permissions())?.has('users:read')).toBe(true);
    expect(access.holderOf(secret)?.grants.permissions.has('sql:run')).toBe(true);
    // Fewer groups: what is open already may do no more than they say, from this moment on.
    await comeIn('ada', { groups: ['dev'] });
    expect((await permissions())?.has('users:read')).toBe(false);
    expect(access.holderOf(secret)?.grants.permissions.has('sql:run')).toBe(false);
    expect(await comeIn('ada', { groups: [] })).toEqual(refused('no-role'));
    expect(await permissions()).toBeUndefined();
    expect(sessions.ofUser(id)).toEqual([]);
    expect(access.holderOf(secret)).toBeUndefined();
    const [ended] = await audit.list({ action: 'session.end' }, 1);
    expect(ended).toMatchObject({ actor: 'system', detail: { of: 'user:ada' } });
    expect(await comeIn('ada', { groups: ['dev'] })).toMatchObject({ type: 'signed-in' });
  });

  it('never takes the roles of the last administrator, and says so on record', async () => {
    settings = { ...usual, groupRoles: { ...usual.groupRoles, chiefs: ['admin'] } };
    await comeIn('chief', { groups: ['chiefs'] });
    const id = users.byLogin('chief')?.id ?? '';
    expect(users.isLastAdmin(id)).toBe(true);
    for (const groups of [['dev'], []]) {
      expect(await comeIn('chief', { groups, name: 'Chief' })).toMatchObject({ type: 'signed-in' });
      expect(users.get(id)).toMatchObject({ name: 'Chief', roles: ['admin'] });
      const [entry] = await audit.list({ action: 'user.change', outcome: 'refused' }, 1);
      expect(entry).toMatchObject({
        target: 'user:chief',
        detail: {
          before: { roles: ['admin'] },
          reason: expect.stringContaining('last administrator') as string,
        },
      });
    }
    expect(keptAdmins).toEqual(['chief', 'chief']);
    // With another one beside them the provider is heeded again.
    await comeIn('deputy', { groups: ['chiefs'] });
    await comeIn('chief', { groups: ['dev'] });
    expect(users.get(id)?.roles).toEqual(['editor', 'viewer']);
  });

  it('ends the session that the browser had when it began', async () => {
    const id = users.byLogin('ada')?.id ?? '';
    const user = users.get(id);
    const before = user && (await signIn.begin(user, HERE));
    if (!before) throw new Error('ada cannot sign in');
    idp.account = { id: 'ada', claims: { groups: ['dev'] } };
    const begun = await oidc.start('/', before.refreshToken);
    if (!begun) throw new Error('it is not offered');
    expect(sessions.isLive(before.session.id)).toBe(true);
    await finish({ back: await idp.visit(begun.url), ticket: begun.ticket });
    expect(sessions.isLive(before.session.id)).toBe(false);
  });

  it('gives nobody the account of somebody else with that login', async () => {
    await users.change((query) =>
      users.create(query, {
        login: 'root',
        kind: 'person',
        name: '',
        roles: ['admin'],
        mustChangePassword: false,
      }),
    );
    expect(await comeIn('impostor', { preferred_username: 'Root', groups: ['dev'] })).toEqual(
      refused('login-taken'),
    );
    expect(users.byLogin('root')?.roles).toEqual(['admin']);
  });

  it.each(['', 'a b', 'a/b', 'a:b', '\u0000', 'x'.repeat(201), 7])('takes %j for no login', async (login) => {
    const claims = { preferred_username: login, groups: ['dev'] };
    expect(await comeIn('odd', claims)).toEqual(refused('no-login'));
  });

  it('lets nobody in with another state, another nonce, or no ticket', async () => {
    const mine = await begin('ada', { groups: ['dev'] });
    const theirs = await begin('ada', { groups: ['dev'] });
    expect(await finish({ back: mine.back, ticket: theirs.ticket })).toEqual(refused('not-vouched-for'));
    const { state: wanted } = Object.fromEntries(theirs.back.searchParams);
    const forged = new URL(mine.back);
    forged.searchParams.set('state', wanted ?? '');
    // The state is the other one's now; code verifier and nonce are not.
    expect(await finish({ back: forged, ticket: theirs.ticket })).toEqual(refused('not-vouched-for'));
    expect(await oidc.finish(mine.back.search.slice(1), undefined, HERE)).toEqual(refused('not-begun'));
    expect(await oidc.finish(mine.back.search.slice(1), 'AAAA', HERE)).toEqual(refused('not-begun'));
    expect(await oidc.finish('', mine.ticket, HERE)).toEqual(refused('not-vouched-for'));
    expect(await finish(mine)).toMatchObject({ type: 'signed-in' });
  });

  it('lets nobody in with an ID token for another nonce', async () => {
    const provider = new OidcProvider(new OutgoingClient({ allowed: () => allowed }));
    idp.account = { id: 'ada', claims: { groups: ['dev'] } };
    const { url, checks } = await provider.begin(usual);
    const other = new URL(url);
    other.searchParams.set('nonce', 'somebody-else-s-nonce');
    const back = await idp.visit(other.href);
    const failed = provider.complete(usual, back.search.slice(1), checks);
    await expect(failed).rejects.toMatchObject({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' });
  });

  it('takes a code once, and a ticket for ten minutes', async () => {
    const once = await begin('ada', { groups: ['dev'] });
    expect(await finish(once)).toMatchObject({ type: 'signed-in' });
    expect(await finish(once)).toEqual(refused('not-vouched-for'));
    const [entry] = await audit.list({ action: 'sign-in', outcome: 'refused' }, 1);
    expect(entry?.detail).toMatchObject({
      reason: 'not-vouched-for',
      because: expect.stringContaining('invalid_grant') as string,
    });
    const late = await begin('ada', { groups: ['dev'] });
    nowMs += OIDC_TICKET_SECONDS * 1_000;
    expect(await finish(late)).toEqual(refused('not-begun'));
  });

  it('lets nobody in when the provider says no', async () => {
    const { back, ticket } = await begin('ada', { groups: ['dev'] });
    const state = back.searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state, iss: idp.issuer }).toString();
    expect(await oidc.finish(query, ticket, HERE)).toEqual(refused('not-vouched-for'));
    const [entry] = await audit.list({ action: 'sign-in', outcome: 'refused' }, 1);
    expect(entry?.detail).toMatchObject({ because: expect.stringContaining('access_denied') as string });
  });

  it('takes no code with another client secret', async () => {
    const begun = await begin('ada', { groups: ['dev'] });
    settings = { ...usual, clientSecret: 'another-secret-of-the-client-entirely' };
    expect(await finish(begun)).toEqual(refused('not-vouched-for'));
  });

  it('is not offered when it is off, and a ticket for another provider is none', async () => {
    const begun = await begin('ada', { groups: ['dev'] });
    settings = { ...usual, issuer: 'https://elsewhere.example' };
    expect(await finish(begun)).toEqual(refused('not-begun'));
    settings = undefined;
    expect(await oidc.start()).toBeUndefined();
    expect(await finish(begun)).toEqual(refused('off'));
  });

  it('asks nothing of a provider that may not be reached', async () => {
    allowed = parseAllowList([]);
    settings = { ...usual, clientId: 'another' };
    await expect(oidc.start()).rejects.toMatchObject({ cause: { code: 'OUTGOING_FORBIDDEN' } });
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/a\nb',
    undefined,
  ])('sends nobody to %j afterwards', async (returnTo) => {
    const outcome = await finish(await begin('ada', { groups: ['dev'] }, returnTo));
    expect(outcome).toMatchObject({ returnTo: '/' });
  });

  it('makes one user when two windows come at a time', async () => {
    const [one, two] = [await begin('twin', { groups: ['dev'] }), await begin('twin', { groups: ['dev'] })];
    const outcomes = await Promise.all([finish(one), finish(two)]);
    expect(outcomes).toMatchObject([{ type: 'signed-in' }, { type: 'signed-in' }]);
    expect(users.all().filter(({ login }) => login === 'twin')).toHaveLength(1);
    expect(await audit.verify()).toMatchObject({ intact: true });
  });
});
