import { createHmac } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../audit/index.ts';
import { Sealer } from '../secrets/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import {
  AccessControl,
  AccessTokens,
  ApiKeys,
  createFirstAdmin,
  decide,
  PasswordHasher,
  Passwords,
  SAME_TOKEN_MS,
  SecondFactor,
  Sessions,
  SignIn,
  SignInThrottle,
  Users,
  type SessionLimits,
  type SignedIn,
  type User,
} from './index.ts';

const DAY_MS = 86_400_000;
const HOME = { address: '192.0.2.1', userAgent: 'test' };
const ELSEWHERE = { address: '198.51.100.7', userAgent: 'another' };
const PASSWORD = 'seven brave otters hum';
const OTHER_PASSWORD = 'nine quiet lanterns drift';

describe.each(CONTROL_ENGINES)('signing in, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let nowMs = Date.UTC(2026, 0, 2);
  const now = (): number => nowMs;
  const after = (ms: number): void => {
    nowMs += ms;
  };
  let audit: AuditLog;
  let users: Users;
  let sessions: Sessions;
  let tokens: AccessTokens;
  let keys: ApiKeys;
  let passwords: Passwords;
  let limits: SessionLimits = { lifetimeMs: 86_400_000 };
  let secondFactor: SecondFactor;
  let throttle: SignInThrottle;
  let signIn: SignIn;
  let access: AccessControl;
  const hasher = new PasswordHasher();
  const sealer = new Sealer(Buffer.alloc(32, 7));

  async function reopen(): Promise<void> {
    const { database } = engine;
    audit = new AuditLog(database, () => new Date(nowMs));
    users = await Users.open(database);
    sessions = await Sessions.open(database, { ...limits, now });
    tokens = await AccessTokens.open(database, sealer, now);
    keys = await ApiKeys.open(database, now);
    throttle = new SignInThrottle(database, now);
    secondFactor = new SecondFactor({ users, sealer, audit, now });
    passwords = new Passwords({ database, users, sessions, keys, hasher, audit, now });
    signIn = new SignIn({ users, sessions, tokens, hasher, secondFactor, throttle, audit, now });
    access = new AccessControl({ users, sessions, keys, tokens, now });
  }

  let serial = 0;
  async function newUser(roles: readonly string[] = ['viewer']): Promise<User> {
    const login = `person-${(serial += 1)}`;
    const passwordHash = await hasher.hash(PASSWORD);
    const id = await users.change((query) =>
      users.create(query, {
        login,
        kind: 'person',
        name: '',
        roles,
        passwordHash,
        mustChangePassword: false,
      }),
    );
    return user(id);
  }

  function user(id: string): User {
    const found = users.get(id);
    if (!found) throw new Error(`there is no user ${id}`);
    return found;
  }

  async function signedIn(login: string, code?: string): Promise<SignedIn> {
    const attempt = { login, password: PASSWORD, ...(code === undefined ? {} : { code }) };
    const outcome = await signIn.attempt(attempt, HOME);
    if (outcome.type !== 'signed-in') throw new Error(`not signed in: ${outcome.type}`);
    return outcome;
  }

  beforeAll(async () => {
    engine = await start();
    await reopen();
  });
  beforeEach(() => {
    after(3_600_000);
  });
  afterAll(async () => {
    await engine.end();
  });

  it('makes one administrator, whose printed password has to be changed', async () => {
    const password = await createFirstAdmin({ users, hasher, audit });
    expect(password).toMatch(/^[\w-]{24}$/);
    expect(await createFirstAdmin({ users, hasher, audit })).toBeUndefined();
    const outcome = await signIn.attempt({ login: ' Admin ', password: password ?? '' }, HOME);
    expect(outcome).toMatchObject({ type: 'signed-in' });
    const principal = await access.principalOf((outcome as SignedIn).accessToken);
    expect(decide('users:write', principal)).toBe('password-must-change');
    expect(decide('signed-in', principal)).toBe('password-must-change');
    expect(decide('session', principal)).toBe('password-must-change');
    expect(decide('identified', principal)).toBe('allowed');
    expect(decide('any-session', principal)).toBe('allowed');
    const admin = (outcome as SignedIn).user;
    const asker = { actor: 'user:admin', address: '' };
    expect(
      await passwords.change(admin, { current: password ?? '', next: 'password1234' }, asker),
    ).toMatchObject({
      type: 'not-good-enough',
    });
    expect(await passwords.change(admin, { current: password ?? '', next: PASSWORD }, asker)).toEqual({
      type: 'changed',
    });
    expect(users.get(admin.id)).toMatchObject({ mustChangePassword: false });
    expect(users.isLastAdmin(admin.id)).toBe(true);
  });

  it('does not say whether the login or the password is wrong', async () => {
    const { login } = await newUser();
    expect(await signIn.attempt({ login, password: 'wrong' }, HOME)).toEqual({ type: 'wrong' });
    expect(await signIn.attempt({ login: 'nobody', password: 'wrong' }, HOME)).toEqual({ type: 'wrong' });
  });

  it('lets wait longer after each failure, also after a start, and not for ever', async () => {
    const { login } = await newUser();
    const wrong = { login, password: 'wrong' };
    for (let failure = 0; failure < 3; failure += 1) {
      expect(await signIn.attempt(wrong, HOME)).toEqual({ type: 'wrong' });
    }
    await reopen();
    const waits: number[] = [];
    for (let failure = 0; failure < 12; failure += 1) {
      const outcome = await signIn.attempt({ login, password: PASSWORD }, ELSEWHERE);
      if (outcome.type !== 'wait') throw new Error(`let in after ${failure} more failures`);
      waits.push(outcome.retryAfterMs);
      after(outcome.retryAfterMs);
      expect(await signIn.attempt(wrong, ELSEWHERE)).toEqual({ type: 'wrong' });
    }
    expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(waits.at(-1)).toBe(900_000);
    after(900_000);
    expect(await signIn.attempt({ login, password: PASSWORD }, HOME)).toMatchObject({ type: 'signed-in' });
    expect(await signIn.attempt(wrong, HOME)).toEqual({ type: 'wrong' });
  });

  it('counts attempts at the same time, and those from one address on many accounts', async () => {
    const { login } = await newUser();
    const many = await Promise.all(
      Array.from({ length: 8 }, () => signIn.attempt({ login, password: 'wrong' }, HOME)),
    );
    expect(many.filter(({ type }) => type === 'wrong')).toHaveLength(3);
    const from = { address: '203.0.113.99', userAgent: '' };
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 24; attempt += 1) {
      const outcome = await signIn.attempt({ login: `guess-${attempt}`, password: 'wrong' }, from);
      outcomes.push(outcome.type);
    }
    expect(outcomes.indexOf('wait')).toBe(20);
  });

  it('signs out at once', async () => {
    const { accessToken, session } = await signedIn((await newUser()).login);
    expect(await access.principalOf(accessToken)).toMatchObject({ kind: 'session', id: session.id });
    const ended: string[] = [];
    const stop = sessions.onEnded((id) => ended.push(id));
    await sessions.end([session.id], 'signed-out');
    stop();
    expect(ended).toEqual([session.id]);
    expect(await access.principalOf(accessToken)).toBeUndefined();
    await reopen();
    expect(await access.principalOf(accessToken)).toBeUndefined();
  });

  it('gives two tabs that refresh at a time the same next token, and nobody else', async () => {
    const first = await signedIn((await newUser()).login);
    const [one, two] = await Promise.all([
      signIn.refresh(first.refreshToken, HOME),
      signIn.refresh(first.refreshToken, HOME),
    ]);
    expect(one?.refreshToken).toBeDefined();
    expect(two?.refreshToken).toBe(one?.refreshToken);
    after(SAME_TOKEN_MS - 1);
    expect((await signIn.refresh(first.refreshToken, HOME))?.refreshToken).toBe(one?.refreshToken);
    expect(await audit.list({ action: 'session.reuse', text: first.session.id }, 10)).toEqual([]);
    // The token that all of them have goes on, once.
    expect((await signIn.refresh(one?.refreshToken ?? '', HOME))?.session.id).toBe(first.session.id);
  });

  it.each([
    ['later', SAME_TOKEN_MS, HOME],
    ['from another address', 0, { ...HOME, address: ELSEWHERE.address }],
    ['by another program', 0, { ...HOME, userAgent: ELSEWHERE.userAgent }],
  ])('ends the session of a token that comes twice %s', async (_how, waitMs, client) => {
    const first = await signedIn((await newUser()).login);
    expect(await signIn.refresh(first.refreshToken, HOME)).toBeDefined();
    after(waitMs);
    expect(await signIn.refresh(first.refreshToken, client)).toBeUndefined();
    expect(sessions.isLive(first.session.id)).toBe(false);
  });

  it('ends the session of a token that comes twice once its next one was used, however soon', async () => {
    const first = await signedIn((await newUser()).login);
    const second = await signIn.refresh(first.refreshToken, HOME);
    expect(await signIn.refresh(second?.refreshToken ?? '', HOME)).toBeDefined();
    expect(await signIn.refresh(first.refreshToken, HOME)).toBeUndefined();
    expect(sessions.isLive(first.session.id)).toBe(false);
  });

  it('ends a session that nobody uses, and none that somebody does', async () => {
    const idleMs = 1_800_000;
    limits = { lifetimeMs: 86_400_000, idleMs };
    sessions.setLimits(limits);
    const { login } = await newUser();
    const used = await signedIn(login);
    const listening = await signedIn(login);
    const left = await signedIn(login);
    const principal = await access.principalOf(listening.accessToken);
    for (let quarter = 0; quarter < 2; quarter += 1) {
      after(idleMs / 2 - 1);
      await signIn.refresh(used.refreshToken, HOME).then((next) => {
        if (next) Object.assign(used, next);
      });
      // As an open page that shows live data does.
      expect(principal && access.renewed(principal)).toBeDefined();
      await sessions.saveUses();
      await signIn.endIdle();
    }
    expect(sessions.ofUser(left.user.id)).toHaveLength(3);
    after(2);
    expect(sessions.isLive(left.session.id)).toBe(false);
    expect(await access.principalOf(left.accessToken)).toBeUndefined();
    expect(await signIn.refresh(left.refreshToken, HOME)).toBeUndefined();
    expect(sessions.isLive(used.session.id)).toBe(true);
    expect(sessions.isLive(listening.session.id)).toBe(true);
    // For good, and over a start: longer limits do not bring it back.
    await signIn.endIdle();
    limits = { lifetimeMs: 86_400_000 };
    await reopen();
    expect([used, listening, left].map(({ session }) => sessions.isLive(session.id))).toEqual([
      true,
      true,
      false,
    ]);
    const rows = await engine.database.query('SELECT ended_why FROM sessions WHERE id = $1', [
      left.session.id,
    ]);
    expect(rows).toEqual([{ ended_why: 'idle' }]);
    const onRecord = await audit.list({ action: 'session.end', text: left.session.id }, 10);
    expect(onRecord.map(({ actor, detail }) => [actor, detail])).toEqual([
      ['system', { of: `user:${login}`, reason: 'nobody used it' }],
    ]);
  });

  it('ends the session that the browser had when it signs in anew, whose ever it was', async () => {
    const before = await signedIn((await newUser()).login);
    const { login } = await newUser();
    const wrong = { login, password: 'wrong' };
    expect(await signIn.attempt(wrong, HOME, before.refreshToken)).toEqual({ type: 'wrong' });
    expect(sessions.isLive(before.session.id)).toBe(true);
    const now = await signIn.attempt({ login, password: PASSWORD }, HOME, before.refreshToken);
    expect(now.type).toBe('signed-in');
    expect(sessions.isLive(before.session.id)).toBe(false);
    expect(sessions.isLive((now as SignedIn).session.id)).toBe(true);
    expect(await audit.list({ text: `session:${before.session.id}` }, 1)).toMatchObject([
      { action: 'session.end', detail: { reason: 'the browser signed in anew' } },
    ]);
    const strange = await signIn.attempt({ login, password: PASSWORD }, HOME, 'made-up');
    expect(strange.type).toBe('signed-in');
  });

  it('lets nobody do anything before a second factor where it is required', async () => {
    const admin = await newUser(['admin']);
    const viewer = await newUser(['viewer']);
    const tokenOf = async ({ login }: User): Promise<string> => (await signedIn(login)).accessToken;
    const asAdmin = await tokenOf(admin);
    const asViewer = await tokenOf(viewer);
    const may = async (needs: Parameters<typeof decide>[0], token: string) =>
      decide(needs, await access.principalOf(token));
    access.requireSecondFactor('admins');
    for (const needs of ['signed-in', 'session', 'users:write', 'traces:read'] as const) {
      expect([needs, await may(needs, asAdmin)]).toEqual([needs, 'second-factor-must-be-set-up']);
    }
    for (const needs of ['identified', 'any-session', 'enrolling-session'] as const) {
      expect([needs, await may(needs, asAdmin)]).toEqual([needs, 'allowed']);
    }
    expect(await may('traces:read', asViewer)).toBe('allowed');
    access.requireSecondFactor('everybody');
    expect(await may('traces:read', asViewer)).toBe('second-factor-must-be-set-up');
    const totp = new TOTP({
      secret: Secret.fromBase32((await secondFactor.propose(user(viewer.id), '')).secret),
    });
    expect(await may('traces:read', asViewer)).toBe('second-factor-must-be-set-up');
    const code = totp.generate({ timestamp: nowMs });
    expect(await secondFactor.confirm(user(viewer.id), code, '')).toBe(true);
    expect(await may('traces:read', asViewer)).toBe('allowed');
    // A password of one's own comes first; who signs in elsewhere is asked there; keys have none.
    await users.change((query) => users.update(query, admin.id, { mustChangePassword: true }));
    expect(await may('enrolling-session', asAdmin)).toBe('password-must-change');
    const id = await users.change((query) =>
      users.create(query, {
        login: 'elsewhere',
        kind: 'person',
        name: '',
        roles: ['admin'],
        mustChangePassword: false,
      }),
    );
    const elsewhere = await signIn.begin(user(id), HOME);
    expect(await may('users:write', elsewhere?.accessToken ?? '')).toBe('allowed');
    access.requireSecondFactor('nobody');
  });

  it('lets API keys live and die with their owner, and never beyond what they may do', async () => {
    const owner = await newUser(['admin']);
    const newKey = () =>
      keys.change((query) =>
        keys.create(query, {
          name: 'k',
          userId: owner.id,
          scopes: ['admin'],
          createdBy: 'test',
          expiresAt: undefined,
        }),
      );
    const asker = { actor: `user:${owner.login}`, address: '' };
    const { secret } = await newKey();
    const set = (change: Parameters<Users['update']>[2]) =>
      users.change((query) => users.update(query, owner.id, change));
    expect(access.holderOf(secret)?.grants.permissions.has('users:write')).toBe(true);
    await set({ roles: ['viewer'] });
    expect(access.holderOf(secret)?.grants.permissions.has('users:write')).toBe(false);
    expect(access.holderOf(secret)?.grants.permissions.has('traces:read')).toBe(true);
    await set({ roles: [] });
    expect(access.holderOf(secret)).toBeUndefined();
    await set({ roles: ['viewer'], isDisabled: true });
    expect(access.holderOf(secret)).toBeUndefined();
    await set({ isDisabled: false });
    expect(access.holderOf(secret)).toBeDefined();
    // Who knows the password keeps them, or says otherwise.
    const kept = await passwords.change(user(owner.id), { current: PASSWORD, next: OTHER_PASSWORD }, asker);
    expect(kept).toEqual({ type: 'changed' });
    expect(access.holderOf(secret)).toBeDefined();
    await passwords.change(
      user(owner.id),
      { current: OTHER_PASSWORD, next: PASSWORD, keys: 'revoked' },
      asker,
    );
    expect(access.holderOf(secret)).toBeUndefined();
    // Who had to ask for a link does not know who has had the old one.
    const after1 = await newKey();
    const link = await passwords.createLink(user(owner.id), asker);
    expect(access.holderOf(after1.secret)).toBeDefined();
    expect(await passwords.reset(link, OTHER_PASSWORD, '')).toEqual({ type: 'changed' });
    expect(access.holderOf(after1.secret)).toBeUndefined();
    const [entry] = await audit.list({ action: 'key.revoke', text: after1.id }, 1);
    expect(entry).toMatchObject({ target: `key:${after1.id}`, detail: { reason: 'a new password was set' } });
    const after2 = await newKey();
    const another = await passwords.createLink(user(owner.id), asker);
    await passwords.reset(another, PASSWORD, '', 'kept');
    expect(access.holderOf(after2.secret)).toBeDefined();
  });

  it('rotates refresh tokens, and ends the session of one that comes twice', async () => {
    const first = await signedIn((await newUser()).login);
    const second = await signIn.refresh(first.refreshToken, HOME);
    expect(second?.session.id).toBe(first.session.id);
    expect(second?.refreshToken).not.toBe(first.refreshToken);
    expect(await signIn.refresh(first.refreshToken, ELSEWHERE)).toBeUndefined();
    expect(sessions.isLive(first.session.id)).toBe(false);
    expect(await signIn.refresh(second?.refreshToken ?? '', HOME)).toBeUndefined();
    expect(await access.principalOf(second?.accessToken ?? '')).toBeUndefined();
    const [entry] = await audit.list({ action: 'session.reuse' }, 1);
    expect(entry).toMatchObject({ target: `session:${first.session.id}`, address: ELSEWHERE.address });
  });

  it('keeps sessions over a start, and ends them when they are over', async () => {
    const { accessToken, session, refreshToken } = await signedIn((await newUser()).login);
    await reopen();
    expect(await access.principalOf(accessToken)).toMatchObject({ id: session.id });
    after(601_000);
    expect(await access.principalOf(accessToken)).toBeUndefined();
    expect(await signIn.refresh(refreshToken, HOME)).toMatchObject({ type: 'signed-in' });
    after(86_400_000);
    expect(sessions.isLive(session.id)).toBe(false);
    await sessions.sweep();
    expect(sessions.ofUser(session.userId)).toEqual([]);
  });

  it('takes no token that it did not sign itself, by its own algorithm and key', async () => {
    const { accessToken, session, user: owner } = await signedIn((await newUser()).login);
    const [, payload = '', signature = ''] = accessToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const head = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [publicJwk] = tokens.jwks().keys;
    const kid = publicJwk?.kid ?? '';
    const foreign = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const hmac = (text: string): string =>
      createHmac('sha256', JSON.stringify(publicJwk)).update(text).digest('base64url');
    const symmetric = `${head({ alg: 'HS256', kid, typ: 'at+jwt' })}.${payload}`;
    const forged = [
      '',
      'a.b.c',
      `${accessToken}x`,
      new UnsecuredJWT(claims).encode(),
      `${head({ alg: 'none', kid, typ: 'at+jwt' })}.${payload}.`,
      `${symmetric}.${hmac(symmetric)}`,
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
        .sign(foreign.privateKey),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', kid: 'unknown', typ: 'at+jwt' })
        .sign(foreign.privateKey),
      await new SignJWT(claims)
        .setProtectedHeader({
          alg: 'EdDSA',
          typ: 'at+jwt',
          jwk: await exportJWK(foreign.publicKey),
        })
        .sign(foreign.privateKey),
      `${head({ alg: 'EdDSA', kid, typ: 'JWT' })}.${payload}.${signature}`,
      `${head({ alg: 'EdDSA', kid, typ: 'at+jwt' })}.${head({ ...claims, sub: 'someone else' })}.${signature}`,
    ];
    expect(await Promise.all(forged.map((token) => access.principalOf(token)))).toEqual(
      forged.map(() => undefined),
    );
    expect(await access.principalOf(accessToken)).toMatchObject({ id: session.id, userId: owner.id });
  });

  it('signs with a new key after thirty days, and forgets the old one once its tokens are gone', async () => {
    await engine.database.query('DELETE FROM signing_keys');
    const own = await AccessTokens.open(engine.database, sealer, now);
    const sign = (): Promise<string> => own.sign({ userId: 'somebody', sessionId: 'somewhere' });
    const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? '';
    const shown = (): readonly unknown[] => own.jwks().keys.map(({ kid }) => kid);
    /** As somebody else checks it, by what we show. */
    const checkedElsewhere = async (token: string): Promise<unknown> => {
      const currentDate = new Date(nowMs);
      return (await jwtVerify(token, createLocalJWKSet({ keys: [...own.jwks().keys] }), { currentDate }))
        .payload.sub;
    };

    const first = kidOf(await sign());
    after(30 * DAY_MS - 1);
    await own.rotate();
    expect(shown()).toEqual([first]);
    after(1);
    const lastOfOld = await sign();
    await own.rotate();
    const firstOfNew = await sign();
    const second = kidOf(firstOfNew);
    expect(second).not.toBe(first);
    expect([kidOf(lastOfOld), ...shown()]).toEqual([first, second, first]);
    expect(JSON.stringify(own.jwks())).not.toContain('"d"');
    for (const token of [lastOfOld, firstOfNew]) {
      expect(await own.verify(token)).toMatchObject({ userId: 'somebody', sessionId: 'somewhere' });
      expect(await checkedElsewhere(token)).toBe('somebody');
    }

    after(599_000);
    await own.rotate();
    expect(await own.verify(lastOfOld)).toBeDefined();
    after(2_000);
    expect(await own.verify(lastOfOld)).toBeUndefined();
    after(2 * 3_600_000);
    await own.rotate();
    expect(shown()).toEqual([second]);
    expect(kidOf(await sign())).toBe(second);
    // Not the clock alone: nothing that the old key signed counts any more.
    nowMs -= 2 * 3_600_000 + 2_000;
    expect(await own.verify(lastOfOld)).toBeUndefined();
    expect(await own.verify(firstOfNew)).toBeDefined();
    await expect(checkedElsewhere(lastOfOld)).rejects.toThrow('no applicable key');
    // A platform that was off for long has one key as well.
    after(90 * DAY_MS);
    const later = await AccessTokens.open(engine.database, sealer, now);
    expect(later.jwks().keys).toHaveLength(2);
    after(3 * 3_600_000);
    await later.rotate();
    expect(later.jwks().keys).toHaveLength(1);
    const rows = await engine.database.query<{ private_jwk: Uint8Array }>(
      'SELECT private_jwk FROM signing_keys',
    );
    expect(rows).toHaveLength(1);
    for (const row of rows) expect(Buffer.from(row.private_jwk).toString('latin1')).not.toContain('Ed25519');
    await reopen();
  });

  it('asks for a second factor, and takes each code once', async () => {
    const { id, login } = await newUser();
    const { secret, uri } = await secondFactor.propose(user(id), '');
    expect(uri).toContain('issuer=OPHION');
    const codeAt = (ms: number): string =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: ms });
    // Not confirmed yet: nothing has changed.
    expect(await signIn.attempt({ login, password: PASSWORD }, HOME)).toMatchObject({ type: 'signed-in' });
    expect(await secondFactor.confirm(user(id), '000000', HOME.address)).toBe(false);
    expect(await secondFactor.confirm(user(id), codeAt(nowMs), HOME.address)).toBe(true);
    expect(await signIn.attempt({ login, password: PASSWORD }, HOME)).toEqual({ type: 'code-needed' });
    // The code by which it was confirmed is used up.
    expect(await signIn.attempt({ login, password: PASSWORD, code: codeAt(nowMs) }, HOME)).toEqual({
      type: 'code-wrong',
    });
    after(30_000);
    const code = codeAt(nowMs);
    await signedIn(login, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(await signIn.attempt({ login, password: PASSWORD, code }, HOME)).toEqual({ type: 'code-wrong' });
    await secondFactor.remove(user(id), `user:${login}`, HOME.address);
    after(60_000);
    await signedIn(login);
    const rows = await engine.database.query<{ totp_secret: Uint8Array | null }>(
      'SELECT totp_secret FROM users WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ totp_secret: null }]);
  });

  it('gives a link that sets a password once, and ends all sessions with it', async () => {
    const { id, login } = await newUser();
    const { session } = await signedIn(login);
    const asker = { actor: 'user:admin', address: '' };
    const stale = await passwords.createLink(user(id), asker);
    const link = await passwords.createLink(user(id), asker);
    expect(await passwords.reset(stale, OTHER_PASSWORD, '')).toEqual({ type: 'unknown-link' });
    expect(await passwords.reset(link, 'too short', '')).toMatchObject({ type: 'not-good-enough' });
    const both = await Promise.all([
      passwords.reset(link, OTHER_PASSWORD, ''),
      passwords.reset(link, PASSWORD, ''),
    ]);
    expect(both.map(({ type }) => type).sort()).toEqual(['changed', 'unknown-link']);
    expect(sessions.isLive(session.id)).toBe(false);
    const late = await passwords.createLink(user(id), asker);
    after(25 * 3_600_000);
    expect(await passwords.reset(late, OTHER_PASSWORD, '')).toEqual({ type: 'unknown-link' });
  });

  it('allows a key what both its scope and its owner’s roles allow, until it is revoked or over', async () => {
    const owner = await newUser(['operator']);
    const expiresAt = new Date(nowMs + 60_000);
    const make = (
      scopes: readonly ('ingest' | 'query' | 'admin')[],
    ): Promise<{ id: string; secret: string }> =>
      keys.change((query) =>
        keys.create(query, { name: 'k', userId: owner.id, scopes, createdBy: 'user:admin', expiresAt }),
      );
    const query = await make(['query']);
    const admin = await make(['admin']);
    const principal = access.holderOf(query.secret);
    expect(decide('sql:run', principal)).toBe('allowed');
    expect(decide('users:read', principal)).toBe('forbidden');
    expect(
      ['identified', 'signed-in', 'session', 'any-session'].map((need) => decide(need as never, principal)),
    ).toEqual(['allowed', 'allowed', 'forbidden', 'forbidden']);
    expect(decide('users:read', access.holderOf(admin.secret))).toBe('allowed');
    expect(decide('users:write', access.holderOf(admin.secret))).toBe('forbidden');
    expect(await access.principalOf(admin.secret)).toMatchObject({ kind: 'key', id: admin.id });
    expect(access.holderOf(`${query.secret}x`)).toBeUndefined();
    const stored = await engine.database.query('SELECT * FROM api_keys');
    expect(JSON.stringify(stored)).not.toContain(query.secret);
    await keys.saveUses();
    expect(keys.get(query.id)?.usedAt).toEqual(new Date(nowMs));
    await keys.change((run) => keys.revoke(run, query.id));
    expect(access.holderOf(query.secret)).toBeUndefined();
    after(61_000);
    expect(access.holderOf(admin.secret)).toBeUndefined();
  });

  it('knows a change of roles, and a disabled user, from that moment on', async () => {
    const { id, login } = await newUser(['viewer']);
    const { accessToken } = await signedIn(login);
    expect(decide('sql:run', await access.principalOf(accessToken))).toBe('forbidden');
    await users.change((query) =>
      users.putRole(query, 'analyst', { permissions: ['sql:run'], services: undefined }),
    );
    await users.change((query) => users.update(query, id, { roles: ['viewer', 'analyst'] }));
    expect(decide('sql:run', await access.principalOf(accessToken))).toBe('allowed');
    await users.change((query) => users.removeRole(query, 'analyst'));
    expect(decide('sql:run', await access.principalOf(accessToken))).toBe('forbidden');
    await users.change((query) => users.update(query, id, { isDisabled: true }));
    expect(await access.principalOf(accessToken)).toBeUndefined();
    expect(await signIn.attempt({ login, password: PASSWORD }, HOME)).toEqual({ type: 'wrong' });
  });

  it('has put everything on record, in a chain that shows any change', async () => {
    expect(await audit.verify()).toMatchObject({ intact: true });
    const entries = await audit.list({}, 10_000);
    expect(new Set(entries.map(({ action }) => action))).toEqual(
      new Set([
        'sign-in',
        'key.revoke',
        'session.end',
        'session.reuse',
        'password.change',
        'password.link',
        'password.reset',
        'totp.begin',
        'totp.enable',
        'totp.disable',
        'user.create',
      ]),
    );
    expect(JSON.stringify(entries)).not.toContain(PASSWORD);
    const { query } = engine.database;
    await expect(query(`UPDATE audit_log SET actor = 'user:innocent' WHERE sequence = 3`)).rejects.toThrow(
      'never changed',
    );
    await expect(query('DELETE FROM audit_log')).rejects.toThrow('never removed');
    // Whoever owns the database can take the guard away; the chain shows what was done.
    await query('ALTER TABLE audit_log DISABLE TRIGGER USER');
    await query(`UPDATE audit_log SET actor = 'user:innocent' WHERE sequence = 3`);
    expect(await audit.verify()).toEqual({ intact: false, sequence: 3, reason: 'it was changed' });
    await query('DELETE FROM audit_log WHERE sequence = 3');
    expect(await audit.verify()).toEqual({ intact: false, sequence: 3, reason: 'it is missing' });
    await query('DELETE FROM audit_log WHERE sequence >= 2');
    expect(await audit.verify()).toEqual({
      intact: false,
      sequence: 2,
      reason: 'it was removed from the end',
    });
  });
});
