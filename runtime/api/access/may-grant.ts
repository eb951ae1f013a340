import { NEVER_NARROWED } from '../../../proto/access/index.ts';
import type { Access } from '../../control-plane/index.ts';
import { covers, sumGrants, type Grant, type Grants, type User } from '../../auth/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf } from './access-handler.ts';

type Request = Parameters<typeof askerOf>[0];

/** Nobody gives, changes or acts as what may do more than they may themselves. */
export function requireCovers(access: Access, request: Request, wanted: Grants, what: string): void {
  const { principal, actor, address } = askerOf(request);
  if (covers(principal.grants, wanted)) return;
  const reason = `${what} may do more than you may`;
  access.refusals.note({ actor, target: what, address, reason });
  throw new ApiError('FORBIDDEN', reason, 'ask somebody who may do all of it themselves');
}

export function requireCoversUser(access: Access, request: Request, user: User): void {
  requireCovers(access, request, user.grants, `user:${user.login}`);
}

/** Roles that are there, and that whoever asks may give to somebody who holds these. */
export function requireRoles(
  access: Access,
  request: Request,
  roles: readonly string[],
  held: readonly string[] = [],
): void {
  const unknown = roles.filter((name) => !access.users.role(name));
  if (unknown.length > 0) {
    throw new ApiError('BAD_REQUEST', `there is no role ${unknown.join(', ')}`, 'see /api/v1/roles');
  }
  requireEachRole(
    access,
    request,
    roles.filter((name) => !held.includes(name)),
  );
  requireCovers(access, request, access.users.grantsOf(roles), `role:${roles.join(', ')}`);
}

/** One by one: a role that narrows takes SQL away from those beside it, and may be taken away again itself. */
export function requireEachRole(access: Access, request: Request, roles: readonly string[]): void {
  for (const name of new Set(roles)) {
    requireCovers(access, request, access.users.grantsOf([name]), `role:${name}`);
  }
}

/** What a change of a role gives to those who have it, whoever makes it may do, too. */
export function requireGainsCovered(
  access: Access,
  request: Request,
  role: NonNullable<Supposed['role']>,
): void {
  for (const user of access.users.all().filter(({ roles }) => roles.includes(role.name))) {
    const { permissions, narrowed } = supposedGrants(access, user.roles, role);
    const gained = [...permissions].filter(
      (permission) => !covers(user.grants, { permissions: new Set([permission]), narrowed }),
    );
    requireCovers(access, request, { permissions: new Set(gained), narrowed }, `user:${user.login}`);
  }
}

export function requireNarrowable({ permissions, services }: Grant): void {
  if (services === undefined) return;
  const never: readonly string[] = NEVER_NARROWED;
  const wrong = permissions.filter((permission) => never.includes(permission));
  if (wrong.length === 0) return;
  throw new ApiError(
    'BAD_REQUEST',
    `${wrong.join(', ')} cannot be for some services alone`,
    'leave it out, or make the role for all services',
  );
}

/** What would be otherwise. */
export interface Supposed {
  readonly user?: { readonly id: string; readonly roles: readonly string[]; readonly isDisabled: boolean };
  /** Without a grant the role is gone. */
  readonly role?: { readonly name: string; readonly grant: Grant | undefined };
}

function supposedGrants({ users }: Access, names: readonly string[], role: Supposed['role']): Grants {
  return sumGrants(
    names.flatMap((name) => {
      const grant = name === role?.name ? role.grant : users.role(name);
      return grant ? [grant] : [];
    }),
  );
}

/** Somebody must be left who can manage users. Asked within the change: another may just have been made. */
export function requireAdminLeft(access: Access, { user: changed, role }: Supposed): void {
  const isLeft = access.users.all().some((user) => {
    const { roles, isDisabled } = user.id === changed?.id ? changed : user;
    if (user.kind !== 'person' || isDisabled) return false;
    return supposedGrants(access, roles, role).permissions.has('users:write');
  });
  if (isLeft) return;
  throw new ApiError(
    'CONFLICT',
    'nobody would be left who can manage users',
    'let somebody else do so first',
  );
}
