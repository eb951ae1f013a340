import type { Configuration, ConfiguredRole, ConfiguredUser } from '../../proto/settings/index.ts';
import type { Role, User } from '../auth/index.ts';
import type { ConfigurationContext } from './configuration-context.ts';

/** The whole configuration, always in the same order: what is the same gives the same text. */
export async function exportConfiguration({
  users,
  settings,
  secrets,
}: Pick<ConfigurationContext, 'users' | 'settings' | 'secrets'>): Promise<Configuration> {
  const { oidc, ...others } = settings.current;
  const groupRoles = Object.entries(oidc.groupRoles).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const states = await secrets.list();
  const of = (kind: User['kind']): ConfiguredUser[] =>
    users
      .all()
      .filter((user) => user.kind === kind)
      .map(({ login, name, roles, isDisabled }) => ({ login, name, roles: [...roles], isDisabled }));
  return {
    version: 1,
    settings: { ...others, oidc: { ...oidc, groupRoles: Object.fromEntries(groupRoles) } },
    secrets: Object.fromEntries(
      states.map(({ name, set }) => [name, set ? ('set' as const) : ('unset' as const)]),
    ),
    roles: users
      .roles()
      .filter(({ isBuiltIn }) => !isBuiltIn)
      .map(configuredRole),
    users: of('person'),
    serviceAccounts: of('service'),
  };
}

export function configuredRole({ name, permissions, services }: Role): ConfiguredRole {
  return {
    name,
    permissions: permissions.toSorted(),
    ...(services === undefined ? {} : { services: services.map((matcher) => ({ ...matcher })) }),
  };
}
