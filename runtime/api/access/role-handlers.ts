import { KEY_SCOPES, PERMISSIONS, type KeyScope, type Permission } from '../../../proto/access/index.ts';
import type { RoleJson, USER_ENDPOINTS } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import type { AuditAction, Json } from '../../audit/index.ts';
import { sumGrants, type Grant, type Role } from '../../auth/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, DONE, foundOr, type AccessHandlers } from './access-handler.ts';
import { roleJson } from './access-json.ts';
import { requireAdminLeft, requireCovers, requireGainsCovered, requireNarrowable } from './may-grant.ts';

type Request = Parameters<typeof askerOf>[0];
type Handlers = Pick<
  AccessHandlers<typeof USER_ENDPOINTS>,
  | 'GET /api/v1/permissions'
  | 'GET /api/v1/roles'
  | 'POST /api/v1/roles'
  | 'PUT /api/v1/roles/:role'
  | 'DELETE /api/v1/roles/:role'
>;

const entries = <Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(record) as [Key, Value][];

export const ROLE_HANDLERS: Handlers = {
  'GET /api/v1/permissions': () =>
    Promise.resolve({
      permissions: entries<Permission, string>(PERMISSIONS).map(([name, description]) => ({
        name,
        description,
      })),
      scopes: entries<KeyScope, readonly Permission[]>(KEY_SCOPES).map(([name, permissions]) => ({
        name,
        permissions,
      })),
    }),

  'GET /api/v1/roles': ({ users }) => Promise.resolve({ roles: users.roles().map(roleJson) }),

  'POST /api/v1/roles': async (access, request) => {
    const { name, permissions, services } = request.body;
    const grant = grantOf(permissions, services);
    return put(access, request, 'role.create', name, grant, () => {
      if (access.users.role(name)) throw new ApiError('CONFLICT', `there is a role ${name} already`);
      requireGrantable(access, request, name, grant);
      return undefined;
    });
  },

  'PUT /api/v1/roles/:role': async (access, request) => {
    const { name } = customRole(access, request.path.role);
    const grant = grantOf(request.body.permissions, request.body.services);
    return put(access, request, 'role.change', name, grant, () => {
      const before = customRole(access, name);
      requireCovers(access, request, sumGrants([before]), `role:${name}`);
      requireGrantable(access, request, name, grant);
      requireGainsCovered(access, request, { name, grant });
      requireAdminLeft(access, { role: { name, grant } });
      return before;
    });
  },

  'DELETE /api/v1/roles/:role': async (access, request) => {
    const { actor, address } = askerOf(request);
    await access.users.change(async (query) => {
      const before = customRole(access, request.path.role);
      requireCovers(access, request, sumGrants([before]), `role:${before.name}`);
      const role = { name: before.name, grant: undefined };
      requireGainsCovered(access, request, role);
      requireAdminLeft(access, { role });
      await access.users.removeRole(query, before.name);
      await access.audit.append(
        {
          ...{ actor, action: 'role.remove', target: `role:${before.name}`, outcome: 'done', address },
          detail: { before: detailOf(before) },
        },
        query,
      );
    });
    return DONE;
  },
};

function grantOf(permissions: readonly Permission[], services: RoleJson['services']): Grant {
  return { permissions: [...new Set(permissions)], services: services ?? undefined };
}

function customRole({ users }: Access, name: string): Role {
  const role = foundOr(users.role(name), 'role');
  if (!role.isBuiltIn) return role;
  throw new ApiError('CONFLICT', `${name} is the same everywhere`, 'make a role of your own');
}

function requireGrantable(access: Access, request: Request, name: string, grant: Grant): void {
  requireNarrowable(grant);
  requireCovers(access, request, sumGrants([grant]), `role:${name}`);
}

/** `beforeOf` is asked when the change's turn has come, and throws when it may not be made. */
async function put(
  access: Access,
  request: Request,
  action: AuditAction,
  name: string,
  grant: Grant,
  beforeOf: () => Role | undefined,
): Promise<RoleJson> {
  const { actor, address } = askerOf(request);
  await access.users.change(async (query) => {
    const before = beforeOf();
    await access.users.putRole(query, name, grant);
    await access.audit.append(
      {
        ...{ actor, action, target: `role:${name}`, outcome: 'done', address },
        detail: { ...(before && { before: detailOf(before) }), after: detailOf(grant) },
      },
      query,
    );
  });
  return roleJson(foundOr(access.users.role(name), 'role'));
}

function detailOf({ permissions, services }: Grant): { readonly [key: string]: Json } {
  return { permissions, services: services?.map((matcher) => ({ ...matcher })) ?? null };
}
