import { isDeepStrictEqual } from 'node:util';
import type {
  Configuration,
  ConfiguredRole,
  ConfiguredUser,
  SecretName,
  Settings,
} from '../../proto/settings/index.ts';
import type { Json } from '../audit/index.ts';
import { loginOf, type User } from '../auth/index.ts';
import {
  patchSettings,
  settingsDiff,
  SettingsInvalidError,
  type SecretState,
  type SettingProblem,
} from '../settings/index.ts';
import type { ConfigurationState } from './configuration-context.ts';
import { configuredRole } from './export-configuration.ts';

/** Secrets that whoever applies a file has read for it. */
export type SecretValues = Readonly<Partial<Record<SecretName, string>>>;

/** One thing that applying a file would do. */
export type ConfigurationStep =
  | { readonly type: 'change-setting'; readonly path: string; readonly before: Json; readonly after: Json }
  | {
      readonly type: 'set-secret' | 'clear-secret';
      readonly name: SecretName;
      /** When it was set, and by whom: what it was is told to nobody. */
      readonly before: SecretState['set'];
    }
  | { readonly type: 'put-role'; readonly before: ConfiguredRole | undefined; readonly after: ConfiguredRole }
  | { readonly type: 'remove-role'; readonly before: ConfiguredRole }
  | {
      readonly type: 'put-user';
      readonly kind: User['kind'];
      readonly before: WholeUser | undefined;
      readonly after: WholeUser;
    };

/** With what the file leaves out. */
type WholeUser = { readonly [Field in keyof ConfiguredUser]-?: NonNullable<ConfiguredUser[Field]> };

export interface ConfigurationPlan {
  readonly steps: readonly ConfigurationStep[];
  readonly settings: Settings;
  /** That the plan was made on. */
  readonly settingsVersion: number;
}

/** What has to be done for everything to be as the file says. Rejects with `SettingsInvalidError`. */
export async function planConfiguration(
  state: ConfigurationState,
  file: Configuration,
  secretValues: SecretValues,
): Promise<ConfigurationPlan> {
  const settings = patchSettings(state.settings.current, file.settings);
  const roles = roleSteps(state, file);
  const users = [
    ...userSteps(state, 'person', file.users),
    ...userSteps(state, 'service', file.serviceAccounts),
  ];
  const { steps: secrets, problems } = await secretSteps(state, file, secretValues);
  problems.push(...problemsOf(state, file, settings));
  if (problems.length > 0) throw new SettingsInvalidError(problems);
  const changed = settingsDiff(state.settings.current, settings).map(
    (difference) => ({ type: 'change-setting', ...difference }) as const,
  );
  return {
    steps: [...roles, ...users, ...changed, ...secrets],
    settings,
    settingsVersion: state.settings.version,
  };
}

function roleSteps({ users }: Pick<ConfigurationState, 'users'>, file: Configuration): ConfigurationStep[] {
  if (!file.roles) return [];
  const custom = users.roles().filter(({ isBuiltIn }) => !isBuiltIn);
  const known = new Map(custom.map((role) => [role.name, configuredRole(role)]));
  const put = file.roles.flatMap((role): ConfigurationStep[] => {
    const after = { ...role, permissions: [...new Set(role.permissions)].toSorted() };
    const before = known.get(role.name);
    return isDeepStrictEqual(before, after) ? [] : [{ type: 'put-role', before, after }];
  });
  const named = new Set(file.roles.map(({ name }) => name));
  const gone = [...known.values()].filter(({ name }) => !named.has(name));
  return [...put, ...gone.map((before) => ({ type: 'remove-role', before }) as const)];
}

function userSteps(
  { users }: Pick<ConfigurationState, 'users'>,
  kind: User['kind'],
  wanted: readonly ConfiguredUser[],
): ConfigurationStep[] {
  return wanted.flatMap((user): ConfigurationStep[] => {
    const found = users.byLogin(user.login);
    const after = {
      login: loginOf(user.login),
      name: user.name ?? found?.name ?? '',
      roles: [...new Set(user.roles)].toSorted(),
      isDisabled: user.isDisabled ?? found?.isDisabled ?? false,
    };
    const before = found && {
      login: found.login,
      name: found.name,
      roles: found.roles.toSorted(),
      isDisabled: found.isDisabled,
    };
    return isDeepStrictEqual(before, after) ? [] : [{ type: 'put-user', kind, before, after }];
  });
}

async function secretSteps(
  { secrets }: Pick<ConfigurationState, 'secrets'>,
  file: Configuration,
  values: SecretValues,
): Promise<{ readonly steps: readonly ConfigurationStep[]; readonly problems: SettingProblem[] }> {
  const steps: ConfigurationStep[] = [];
  const problems: SettingProblem[] = [];
  for (const { name, set } of await secrets.list()) {
    const wanted = file.secrets[name];
    if (wanted === undefined) continue;
    if (wanted === 'unset') {
      if (set) steps.push({ type: 'clear-secret', name, before: set });
    } else if (wanted === 'set') {
      if (!set) {
        problems.push({
          path: `secrets.${name}`,
          message: 'is not set here: say fromFile or fromEnvironment',
        });
      }
    } else if (values[name] === undefined) {
      problems.push({ path: `secrets.${name}`, message: 'has no value' });
    } else if (!set || (await secrets.reveal(name)) !== values[name]) {
      steps.push({ type: 'set-secret', name, before: set });
    }
  }
  return { steps, problems };
}

function problemsOf(
  { users }: Pick<ConfigurationState, 'users'>,
  file: Configuration,
  settings: Settings,
): readonly SettingProblem[] {
  const builtIn = users.roles().filter((role) => role.isBuiltIn);
  const custom = file.roles ?? users.roles().filter((role) => !role.isBuiltIn);
  const names = new Set([...builtIn, ...custom].map(({ name }) => name));
  const unknownRoles = (path: string, roles: readonly string[]): SettingProblem[] =>
    roles.filter((role) => !names.has(role)).map((role) => ({ path, message: `there is no role ${role}` }));
  const logins = [...file.users, ...file.serviceAccounts].map(({ login }) => loginOf(login));
  const kinds = [...file.users.map(withKind('person')), ...file.serviceAccounts.map(withKind('service'))];
  return [
    ...repeated(logins).map((login) => ({ path: `users.${login}`, message: 'is named twice' })),
    ...repeated((file.roles ?? []).map(({ name }) => name)).map((name) => ({
      path: `roles.${name}`,
      message: 'is named twice',
    })),
    ...(file.roles ?? [])
      .filter(({ name }) => builtIn.some((role) => role.name === name))
      .map(({ name }) => ({ path: `roles.${name}`, message: 'is a role that every installation has' })),
    ...kinds
      .filter(({ login, kind }) => (users.byLogin(login)?.kind ?? kind) !== kind)
      .map(({ login }) => ({
        path: `users.${login}`,
        message: 'is a person here and a service account there',
      })),
    ...kinds.flatMap(({ login, roles }) => unknownRoles(`users.${login}.roles`, roles)),
    ...Object.entries(settings.oidc.groupRoles).flatMap(([group, roles]) =>
      unknownRoles(`settings.oidc.groupRoles.${group}`, roles),
    ),
  ];
}

function withKind(
  kind: User['kind'],
): (user: ConfiguredUser) => ConfiguredUser & { readonly kind: User['kind'] } {
  return (user) => ({ ...user, kind });
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
