import type { AuditLog } from '../audit/index.ts';
import type { Sessions, Users } from '../auth/index.ts';
import type { SecretStore, SettingsStore } from '../settings/index.ts';

/** Where all that is configured is kept. */
export interface ConfigurationContext {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
  readonly audit: AuditLog;
}
