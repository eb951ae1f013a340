import type { AuditLog } from '../audit/index.ts';
import { UserDirectory, type Sessions, type Users } from '../auth/index.ts';
import type { SecretStore, SettingsStore } from '../settings/index.ts';
import type { RunQuery } from '../storage/postgres/index.ts';

/** Where all that is configured is kept. */
export interface ConfigurationContext {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
  readonly audit: AuditLog;
}

/** All that is configured, as a file is compared with it. */
export interface ConfigurationState {
  readonly users: Pick<UserDirectory, 'roles' | 'byLogin'>;
  readonly settings: Pick<SettingsStore, 'current' | 'version'>;
  readonly secrets: Pick<SecretStore, 'list' | 'reveal'>;
}

/**
 * All that is configured, read within the transaction of `query`. Until that ends nobody else changes users, roles and secrets, of
 * this process or another: whoever wants to, waits. Two versions of settings cannot have one number.
 */
export async function storedConfiguration(
  { settings, secrets }: ConfigurationContext,
  query: RunQuery,
): Promise<ConfigurationState> {
  await query('LOCK TABLE users, user_roles, roles, secrets IN SHARE ROW EXCLUSIVE MODE');
  return {
    users: await UserDirectory.read(query),
    settings: await settings.stored(query),
    secrets: {
      list: () => secrets.list(query),
      reveal: (name) => secrets.reveal(name, query),
    },
  };
}
