import type { RoleJson } from '../../../proto/api/index.ts';
import type { CheckOption } from '../../ui/form.tsx';

const ABOUT_BUILT_IN: Readonly<Record<string, string>> = {
  viewer: 'sees telemetry',
  editor: 'sees telemetry and settings',
  operator: 'asks in SQL and sees users, too',
  admin: 'may do everything',
};

/** Roles to choose from. */
export function roleOptions(roles: readonly RoleJson[]): readonly CheckOption[] {
  return roles.map(({ name, permissions, services, isBuiltIn }) => ({
    value: name,
    label: name,
    about:
      (isBuiltIn ? ABOUT_BUILT_IN[name] : undefined) ??
      `${permissions.length} permissions${services === null ? '' : ', for some services'}`,
  }));
}
