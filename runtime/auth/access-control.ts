import { KEY_SCOPES, type Permission, type Requirement } from '../../proto/access/index.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Principal } from './principal.ts';
import type { Sessions } from './sessions.ts';
import type { User, Users } from './users.ts';

export interface AccessControlOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly tokens: AccessTokens;
  readonly now?: () => number;
}

export type Decision = 'allowed' | 'unknown' | 'forbidden' | 'password-must-change';

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

  constructor(options: AccessControlOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /** By an access token or an API key; `undefined` when it is neither, or does not count any more. */
  async principalOf(credential: string): Promise<Principal | undefined> {
    return this.holderOf(credential) ?? (await this.signedInBy(credential));
  }

  /** As `principalOf`, for API keys alone and at once: telemetry does not wait. */
  holderOf(credential: string): Principal | undefined {
    const key = this.options.keys.find(credential);
    const user = key && this.activeUser(key.userId);
    if (!key || !user) return undefined;
    const scoped = new Set<Permission>(key.scopes.flatMap((scope) => KEY_SCOPES[scope]));
    return {
      kind: 'key',
      id: key.id,
      userId: user.id,
      login: user.login,
      permissions: new Set([...user.permissions].filter((permission) => scoped.has(permission))),
      mustChangePassword: false,
    };
  }

  private async signedInBy(token: string): Promise<Principal | undefined> {
    const claims = await this.claimsOf(token);
    if (!claims || !this.options.sessions.isLive(claims.sessionId)) return undefined;
    const user = this.activeUser(claims.userId);
    return (
      user && {
        kind: 'session',
        id: claims.sessionId,
        userId: user.id,
        login: user.login,
        permissions: user.permissions,
        mustChangePassword: user.mustChangePassword,
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
  if (requirement === 'identified') return 'allowed';
  const isSession = principal.kind === 'session';
  if (requirement === 'any-session') return isSession ? 'allowed' : 'forbidden';
  if (principal.mustChangePassword) return 'password-must-change';
  if (requirement === 'signed-in') return 'allowed';
  if (requirement === 'session') return isSession ? 'allowed' : 'forbidden';
  return principal.permissions.has(requirement) ? 'allowed' : 'forbidden';
}
