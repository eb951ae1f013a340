import { NEVER_NARROWED } from '../../../proto/access/index.ts';
import type { Access } from '../../access.ts';
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

/** Roles that are there, and that whoever asks may give. */
export function requireRoles(access: Access, request: Request, roles: readonly string[]): void {
  const unknown = roles.filter((name) => !access.users.role(name));
  if (unknown.length > 0) {
    throw new ApiError('BAD_REQUEST', `there is no role ${unknown.join(', ')}`, 'see /api/v1/roles');
  }
  requireCovers(access, request, access.users.grantsOf(roles), `role:${roles.join(', ')}`);
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

/** Somebody must be left who can manage users. */
export function requireAdminLeft({ users }: Access, { user: changed, role }: Supposed): void {
  const grantsOf = (names: readonly string[]): Grants =>
    sumGrants(
      names.flatMap((name) => {
        const grant = name === role?.name ? role.grant : users.role(name);
        return grant ? [grant] : [];
      }),
    );
  const isLeft = users.all().some((user) => {
    const { roles, isDisabled } = user.id === changed?.id ? changed : user;
    return user.kind === 'person' && !isDisabled && grantsOf(roles).permissions.has('users:write');
  });
  if (isLeft) return;
  throw new ApiError(
    'CONFLICT',
    'nobody would be left who can manage users',
    'let somebody else do so first',
  );
}
