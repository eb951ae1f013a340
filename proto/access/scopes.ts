import { ALL_PERMISSIONS, BUILT_IN_ROLES, type Permission } from './permissions.ts';

/** What an API key may be for. A key never allows more than the roles of whom it belongs to. */
export const KEY_SCOPES = {
  ingest: ['ingest:write'],
  query: [...BUILT_IN_ROLES.viewer, 'sql:run'],
  admin: ALL_PERMISSIONS,
} as const satisfies Readonly<Record<string, readonly Permission[]>>;

export type KeyScope = keyof typeof KEY_SCOPES;
