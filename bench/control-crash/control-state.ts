import type { Permission } from '../../proto/access/index.ts';
import type { SecretName } from '../../proto/settings/index.ts';

export interface UserState {
  readonly roles: readonly string[];
  readonly isDisabled: boolean;
  readonly password: string | null;
  readonly secondFactor: 'off' | 'begun' | 'on';
  /** That have not ended. */
  readonly sessions: number;
  /** One that would still set a password. */
  readonly hasLink: boolean;
}

/** What the control plane holds, without ids and times, and without its first administrator: two that say the same are the same. */
export interface ControlState {
  readonly users: Readonly<Record<string, UserState>>;
  readonly roles: Readonly<Record<string, readonly Permission[]>>;
  readonly keys: Readonly<Record<string, { readonly login: string; readonly isRevoked: boolean }>>;
  readonly notice: string;
  readonly settingsVersion: number;
  readonly secrets: Readonly<Partial<Record<SecretName, string>>>;
  readonly auditEntries: number;
}
