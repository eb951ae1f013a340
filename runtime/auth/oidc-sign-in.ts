import type { AuditLog } from '../audit/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { QueryRefusedError, type ControlDatabase, type RunQuery } from '../storage/postgres/index.ts';
import type { Claims, OidcProvider, OidcProviderOptions } from './oidc-provider.ts';
import { OIDC_TICKET_SECONDS, openTicket, ownPath, sealTicket } from './oidc-ticket.ts';
import type { Client, Sessions } from './sessions.ts';
import type { SignedIn, SignIn } from './sign-in.ts';
import { loginOf, type User } from './user-directory.ts';
import type { Users } from './users.ts';

/** What the settings say of sign-in through a provider. */
export interface OidcSignInSettings extends OidcProviderOptions {
  readonly loginClaim: string;
  readonly groupRoles: Readonly<Record<string, readonly string[]>>;
}

export interface OidcSignInOptions {
  readonly database: ControlDatabase;
  readonly provider: OidcProvider;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly audit: AuditLog;
  readonly sealer: Sealer;
  /** As they are now; `undefined`: it is not offered. */
  readonly settings: () => Promise<OidcSignInSettings | undefined>;
  /** Told when the provider would have left nobody who can manage users. */
  readonly onAdminKept?: (login: string) => void;
  readonly now?: () => number;
}

/** Why somebody whom the provider sent is not let in. */
export type OidcRefusalReason =
  /** It is not offered. */
  | 'off'
  /** It did not begin in this browser, or too long ago. */
  | 'not-begun'
  /** The provider says no, or what it says cannot be trusted. */
  | 'not-vouched-for'
  | 'no-login'
  /** Somebody else here has that login, and not from this provider. */
  | 'login-taken'
  | 'no-role'
  | 'disabled';

export type OidcOutcome =
  | (SignedIn & { readonly returnTo: string })
  | { readonly type: 'refused'; readonly reason: OidcRefusalReason };

const LOGIN = /^[^\s\p{C}/:]{1,200}$/u;
const UNIQUE_VIOLATION = '23505';
const MOST_NAME = 200;

/** Sign-in through an OpenID Connect provider: users are made when they first come, roles follow their groups. */
export class OidcSignIn {
  private readonly options: OidcSignInOptions;
  private readonly now: () => number;

  constructor(options: OidcSignInOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /**
   * Where to send the browser, with a ticket for it to keep. `replaced`: the refresh token that it has; its session ends when a
   * new one begins. Rejects with `OutgoingError` and the provider's errors.
   */
  async start(
    returnTo?: string,
    replaced?: string,
  ): Promise<{ readonly url: string; readonly ticket: string } | undefined> {
    const { settings, provider, sealer } = this.options;
    const options = await settings();
    if (!options) return undefined;
    const { url, checks } = await provider.begin(options);
    const expiresAtMs = this.now() + OIDC_TICKET_SECONDS * 1_000;
    // The cookie with it is not sent when the browser is sent back from elsewhere.
    const replaces = replaced === undefined ? undefined : await this.options.sessions.idOfToken(replaced);
    const { issuer } = options;
    const ticket = { ...checks, issuer, returnTo: ownPath(returnTo), replaces, expiresAtMs };
    return { url, ticket: sealTicket(sealer, ticket) };
  }

  /** `query`: what the provider sent back in the address. */
  async finish(query: string, ticketText: string | undefined, client: Client): Promise<OidcOutcome> {
    const { settings, provider, sealer, signIn } = this.options;
    const options = await settings();
    if (!options) return this.refuse('off', client);
    const ticket = ticketText === undefined ? undefined : openTicket(sealer, ticketText, this.now());
    if (ticket?.issuer !== options.issuer) return this.refuse('not-begun', client);
    let claims: Claims;
    try {
      claims = await provider.complete(options, query, ticket);
    } catch (error) {
      return this.refuse('not-vouched-for', client, { because: becauseOf(error) });
    }
    const found = await this.userOf(claims, options, client);
    if (typeof found === 'string') {
      return this.refuse(found, client, { subject: String(claims['sub']).slice(0, MOST_NAME) });
    }
    const signedIn = await signIn.begin(found, client, ticket.replaces);
    if (!signedIn) return this.refuse('disabled', client);
    return { ...signedIn, returnTo: ticket.returnTo };
  }

  private async userOf(
    claims: Claims,
    options: OidcSignInSettings,
    client: Client,
  ): Promise<User | OidcRefusalReason> {
    const known = await this.known(options.issuer, String(claims['sub']));
    if (known) return this.refresh(known, claims, options, client);
    const roles = this.rolesOf(claims, options);
    if (roles.length === 0) return 'no-role';
    const login = loginOf(textOf(claims[options.loginClaim]) ?? '');
    if (!LOGIN.test(login)) return 'no-login';
    if (this.options.users.byLogin(login)) return 'login-taken';
    return this.create(login, roles, claims, options, client);
  }

  private async known(issuer: string, subject: string): Promise<User | undefined> {
    const [row] = await this.options.database.query<{ user_id: string }>(
      'SELECT user_id FROM user_identities WHERE issuer = $1 AND subject = $2',
      [issuer, subject],
    );
    return row && this.options.users.get(row.user_id);
  }

  private async create(
    login: string,
    roles: readonly string[],
    claims: Claims,
    { issuer }: OidcSignInSettings,
    client: Client,
  ): Promise<User | OidcRefusalReason> {
    const { users } = this.options;
    const subject = String(claims['sub']);
    const name = nameOf(claims);
    try {
      const id = await users.change(async (query) => {
        const made = await users.create(query, {
          login,
          kind: 'person',
          name,
          roles,
          mustChangePassword: false,
        });
        await query('INSERT INTO user_identities (issuer, subject, user_id) VALUES ($1, $2, $3)', [
          issuer,
          subject,
          made,
        ]);
        await this.record(query, 'user.create', login, client, { after: { name, roles, issuer, subject } });
        return made;
      });
      return users.get(id) ?? 'disabled';
    } catch (error) {
      const isTaken = error instanceof QueryRefusedError && error.sqlState === UNIQUE_VIOLATION;
      if (!isTaken) throw error;
      // Two windows at a time: the other one was first.
      return (await this.known(issuer, subject)) ?? 'login-taken';
    }
  }

  /**
   * Name and roles are the provider's to say, at each sign-in; also when it takes them away, from sessions and keys too. Only the
   * last administrator keeps their roles: nobody could manage users without them, whatever becomes of groups elsewhere.
   */
  private async refresh(
    user: User,
    claims: Claims,
    options: OidcSignInSettings,
    client: Client,
  ): Promise<User | OidcRefusalReason> {
    if (user.isDisabled) return 'disabled';
    const { users } = this.options;
    const name = nameOf(claims);
    await users.change(async (query) => {
      // As they are now: another change may have come first.
      const held = users.get(user.id) ?? user;
      const before = { name: held.name, roles: held.roles };
      const wanted = this.rolesOf(claims, options);
      const isKept = users.isLastAdmin(user.id) && !users.grantsOf(wanted).permissions.has('users:write');
      const after = { name, roles: isKept ? held.roles : wanted };
      if (isKept) await this.recordKept(query, held, wanted, client);
      if (after.roles.length === 0) await this.endAll(query, held, client);
      if (JSON.stringify(before) === JSON.stringify(after)) return;
      await users.update(query, user.id, after);
      await this.record(query, 'user.change', user.login, client, { before, after });
    });
    const now = users.get(user.id);
    if (!now || now.isDisabled) return 'disabled';
    return now.roles.length > 0 ? now : 'no-role';
  }

  /** Whom the provider does not let in any more is signed in nowhere. Their keys count for nothing: they have no role. */
  private async endAll(query: RunQuery, { id: userId, login }: User, { address }: Client): Promise<void> {
    const { sessions, audit } = this.options;
    for (const id of await sessions.endOf(userId, 'roles-lost', query)) {
      const detail = {
        of: `user:${login}`,
        reason: 'the sign-in provider names no group that may sign in',
      };
      const [action, target, outcome] = ['session.end', `session:${id}`, 'done'] as const;
      await audit.append({ actor: 'system', action, target, outcome, address, detail }, query);
    }
  }

  private recordKept(
    query: RunQuery,
    { login, roles }: User,
    wanted: readonly string[],
    { address }: Client,
  ): Promise<void> {
    this.options.onAdminKept?.(login);
    return this.options.audit.append(
      {
        actor: 'system',
        action: 'user.change',
        target: `user:${login}`,
        outcome: 'refused',
        address,
        detail: {
          reason: 'the sign-in provider takes the roles of the last administrator; they are kept',
          before: { roles },
          after: { roles: wanted },
        },
      },
      query,
    );
  }

  private rolesOf(claims: Claims, { groupsClaim, groupRoles }: OidcSignInSettings): readonly string[] {
    const value = claims[groupsClaim];
    const groups = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(textOf);
    const roles = groups.flatMap((group) =>
      group !== undefined && Object.hasOwn(groupRoles, group) ? (groupRoles[group] ?? []) : [],
    );
    return [...new Set(roles)].filter((role) => this.options.users.role(role) !== undefined).sort();
  }

  private async refuse(
    reason: OidcRefusalReason,
    client: Client,
    more: Readonly<Record<string, string>> = {},
  ): Promise<OidcOutcome> {
    await this.options.audit.append({
      actor: 'anonymous',
      action: 'sign-in',
      target: 'oidc',
      outcome: 'refused',
      address: client.address,
      detail: { reason, ...more, userAgent: client.userAgent.slice(0, 256) },
    });
    return { type: 'refused', reason };
  }

  private record(
    query: RunQuery,
    action: 'user.create' | 'user.change',
    login: string,
    { address }: Client,
    detail: Parameters<AuditLog['append']>[0]['detail'],
  ): Promise<void> {
    return this.options.audit.append(
      { actor: 'system', action, target: `user:${login}`, outcome: 'done', address, detail },
      query,
    );
  }
}

function nameOf(claims: Claims): string {
  return (textOf(claims['name']) ?? '').slice(0, MOST_NAME);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A code of the provider or of the library; never what was sent. */
function becauseOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code, error: oauth } = error as Error & { readonly code?: unknown; readonly error?: unknown };
  const cause = error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
  return [oauth, code, cause]
    .map(textOf)
    .filter((text) => text !== undefined)
    .join(' ')
    .slice(0, 200);
}
