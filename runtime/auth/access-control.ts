import { ADMINISTERS, KEY_SCOPES, type Permission, type Requirement } from '../../proto/access/index.ts';
import type { SecondFactorRule } from '../../proto/settings/index.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { ApiKey, ApiKeys } from './api-keys.ts';
import type { Principal } from './principal.ts';
import type { Sessions } from './sessions.ts';
import type { User } from './user-directory.ts';
import type { Users } from './users.ts';

export interface AccessControlOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly tokens: AccessTokens;
  readonly now?: () => number;
}

export type Decision =
  'allowed' | 'unknown' | 'forbidden' | 'password-must-change' | 'second-factor-must-be-set-up';

interface CheckedToken {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

/** Checking a signature takes 0.1 ms, looking a checked token up nothing. */
const KEPT_TOKENS = 10_000;

/** Says who asks, and whether they may. */
export class AccessControl {
  private readonly options: AccessControlOptions;
  private readonly now: () => number;
  private readonly checked = new Map<string, CheckedToken>();
  private secondFactorFor: SecondFactorRule = 'nobody';

  constructor(options: AccessControlOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /** Counts at once, also for those who are signed in. */
  requireSecondFactor(of: SecondFactorRule): void {
    this.secondFactorFor = of;
  }

  /** Who signs in elsewhere is asked for a second factor there. */
  mustHaveSecondFactor({ passwordHash, grants }: User): boolean {
    if (passwordHash === undefined || this.secondFactorFor === 'nobody') return false;
    return this.secondFactorFor === 'everybody' || ADMINISTERS.some((one) => grants.permissions.has(one));
  }

  mustSetUpSecondFactor(user: User): boolean {
    return !user.hasTotp && this.mustHaveSecondFactor(user);
  }

  /** By an access token or an API key; `undefined` when it is neither, or does not count any more. */
  async principalOf(credential: string): Promise<Principal | undefined> {
    return this.holderOf(credential) ?? (await this.signedInBy(credential));
  }

  /** As `principalOf`, for API keys alone and at once: telemetry does not wait. */
  holderOf(credential: string): Principal | undefined {
    const key = this.options.keys.find(credential);
    return key && this.byKey(key);
  }

  /** Of an owner who may do nothing any more, also because a sign-in provider says so, it counts for nothing. */
  private byKey(key: ApiKey): Principal | undefined {
    const user = this.activeUser(key.userId);
    if (!user || user.grants.permissions.size === 0) return undefined;
    const scoped = new Set<Permission>(key.scopes.flatMap((scope) => KEY_SCOPES[scope]));
    return {
      kind: 'key',
      id: key.id,
      userId: user.id,
      login: user.login,
      grants: {
        permissions: new Set([...user.grants.permissions].filter((permission) => scoped.has(permission))),
        narrowed: user.grants.narrowed,
      },
      mustChangePassword: false,
      mustSetUpSecondFactor: false,
    };
  }

  /** Somebody who was let in before, as they are now; `undefined` when their session or key counts no more. */
  renewed({ kind, id, userId }: Principal): Principal | undefined {
    if (kind === 'session') return this.inSession(id, userId);
    const key = this.options.keys.isLive(id) ? this.options.keys.get(id) : undefined;
    return key && this.byKey(key);
  }

  private async signedInBy(token: string): Promise<Principal | undefined> {
    const claims = await this.claimsOf(token);
    return claims && this.inSession(claims.sessionId, claims.userId);
  }

  private inSession(sessionId: string, userId: string): Principal | undefined {
    const { sessions } = this.options;
    if (!sessions.isLive(sessionId)) return undefined;
    const user = this.activeUser(userId);
    if (user) sessions.touch(sessionId);
    return (
      user && {
        kind: 'session',
        id: sessionId,
        userId: user.id,
        login: user.login,
        grants: user.grants,
        mustChangePassword: user.mustChangePassword,
        mustSetUpSecondFactor: this.mustSetUpSecondFactor(user),
      }
    );
  }

  private activeUser(id: string): User | undefined {
    const user = this.options.users.get(id);
    return user?.isDisabled === false ? user : undefined;
  }

  private async claimsOf(token: string): Promise<CheckedToken | undefined> {
    const known = this.checked.get(token);
    if (known) {
      if (known.expiresAtMs > this.now()) return known;
      this.checked.delete(token);
      return undefined;
    }
    const claims = await this.options.tokens.verify(token);
    if (!claims) return undefined;
    if (this.checked.size >= KEPT_TOKENS) {
      const [oldest = ''] = this.checked.keys();
      this.checked.delete(oldest);
    }
    this.checked.set(token, claims);
    return claims;
  }
}

/** What somebody with these rights is told who asks for this. */
export function decide(requirement: Requirement, principal: Principal | undefined): Decision {
  if (requirement === 'nothing') return 'allowed';
  if (!principal) return 'unknown';
  return (
    toBeDoneFirst(requirement, principal) ?? (isAllowed(requirement, principal) ? 'allowed' : 'forbidden')
  );
}

function isAllowed(requirement: Requirement, { kind, grants }: Principal): boolean {
  switch (requirement) {
    case 'nothing':
    case 'identified':
    case 'signed-in':
      return true;
    case 'any-session':
    case 'enrolling-session':
    case 'session':
      return kind === 'session';
    default:
      return grants.permissions.has(requirement);
  }
}

/** A password of one's own, then the second factor where it is required; what these need is allowed without. */
function toBeDoneFirst(
  requirement: Requirement,
  { mustChangePassword, mustSetUpSecondFactor }: Principal,
): Decision | undefined {
  if (requirement === 'identified' || requirement === 'any-session') return undefined;
  if (mustChangePassword) return 'password-must-change';
  if (requirement === 'enrolling-session') return undefined;
  return mustSetUpSecondFactor ? 'second-factor-must-be-set-up' : undefined;
}
