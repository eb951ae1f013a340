import type { ACCESS_ENDPOINTS } from '../../../proto/api/index.ts';
import { ACCOUNT_HANDLERS } from './account-handlers.ts';
import type { AccessHandlers } from './access-handler.ts';
import { ME_HANDLERS } from './me-handlers.ts';
import { ROLE_HANDLERS } from './role-handlers.ts';
import { SIGN_IN_HANDLERS } from './session-handlers.ts';
import { USER_HANDLERS } from './user-handlers.ts';

export { AnswerWithCookies, askerOf, clientOf, DONE, foundOr } from './access-handler.ts';
export { auditJson } from './access-json.ts';
export { requireCovers, requireEachRole } from './may-grant.ts';

export const ACCESS_HANDLERS: AccessHandlers<typeof ACCESS_ENDPOINTS> = {
  ...SIGN_IN_HANDLERS,
  ...ME_HANDLERS,
  ...USER_HANDLERS,
  ...ROLE_HANDLERS,
  ...ACCOUNT_HANDLERS,
};
