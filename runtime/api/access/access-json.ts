import type {
  ApiKeyJson,
  AuditEntryJson,
  MeJson,
  RoleJson,
  ServiceAccountJson,
  SessionJson,
  UserJson,
} from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import type { AuditEntry } from '../../audit/index.ts';
import type { ApiKey, Grants, Principal, Role, Session, User } from '../../auth/index.ts';

const ms = (date: Date): number => date.getTime();
const msOrNull = (date: Date | undefined): number | null => date?.getTime() ?? null;

export function sessionJson(session: Session, current: string | undefined): SessionJson {
  return {
    id: session.id,
    createdAtUnixMs: ms(session.createdAt),
    seenAtUnixMs: ms(session.seenAt),
    expiresAtUnixMs: ms(session.expiresAt),
    address: session.address,
    userAgent: session.userAgent,
    isCurrent: session.id === current,
  };
}

export function meJson({ sessions }: Pick<Access, 'sessions'>, user: User, principal: MeOf): MeJson {
  const { permissions, narrowed } = principal.grants;
  const session = sessions.ofUser(user.id).find(({ id }) => id === principal.id);
  return {
    userId: user.id,
    login: user.login,
    name: user.name,
    roles: user.roles,
    permissions: [...permissions],
    restrictions: restrictionsOf({ permissions, narrowed }),
    by: principal.kind,
    session: session ? sessionJson(session, session.id) : null,
    mustChangePassword: principal.mustChangePassword,
    mustSetUpSecondFactor: principal.mustSetUpSecondFactor,
    hasPassword: user.passwordHash !== undefined,
    hasSecondFactor: user.hasTotp,
  };
}

export type MeOf = Pick<Principal, 'kind' | 'id' | 'grants' | 'mustChangePassword' | 'mustSetUpSecondFactor'>;

function restrictionsOf({ permissions, narrowed }: Grants): MeJson['restrictions'] {
  return [...narrowed]
    .filter(([permission]) => permissions.has(permission))
    .map(([permission, services]) => ({ permission, services }));
}

export function userJson(user: User): UserJson {
  return {
    id: user.id,
    login: user.login,
    name: user.name,
    roles: user.roles,
    isDisabled: user.isDisabled,
    hasPassword: user.passwordHash !== undefined,
    hasSecondFactor: user.hasTotp,
    mustChangePassword: user.mustChangePassword,
    createdAtUnixMs: ms(user.createdAt),
    signedInAtUnixMs: msOrNull(user.signedInAt),
  };
}

export function accountJson(user: User): ServiceAccountJson {
  const { id, login, name, roles, isDisabled, createdAt } = user;
  return { id, login, name, roles, isDisabled, createdAtUnixMs: ms(createdAt) };
}

export function roleJson({ name, permissions, services, isBuiltIn }: Role): RoleJson {
  return { name, permissions, services: services ?? null, isBuiltIn };
}

export function keyJson({ users }: Pick<Access, 'users'>, key: ApiKey): ApiKeyJson {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    userId: key.userId,
    login: users.get(key.userId)?.login ?? '',
    scopes: key.scopes,
    createdBy: key.createdBy,
    createdAtUnixMs: ms(key.createdAt),
    expiresAtUnixMs: msOrNull(key.expiresAt),
    usedAtUnixMs: msOrNull(key.usedAt),
    revokedAtUnixMs: msOrNull(key.revokedAt),
  };
}

export function auditJson(entry: AuditEntry): AuditEntryJson {
  const { sequence, at, actor, action, target, outcome, address, detail, previous, hash } = entry;
  return {
    ...{ sequence, atUnixMs: ms(at), actor, action, target, outcome, address, detail },
    previous: Buffer.from(previous).toString('hex'),
    hash: Buffer.from(hash).toString('hex'),
  };
}
