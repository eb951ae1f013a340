import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { SESSION_ENDPOINTS } from './session-endpoints.ts';
import { USER_ENDPOINTS } from './user-endpoints.ts';

/** Who may do what, and who did. */
export const ACCESS_ENDPOINTS = [
  ...SESSION_ENDPOINTS,
  ...USER_ENDPOINTS,
  ...ACCOUNT_ENDPOINTS,
] as const satisfies readonly Endpoint[];
