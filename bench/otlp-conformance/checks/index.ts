import type { Check } from '../check.ts';
import { BOMB_CHECKS } from './bombs.ts';
import { CORS_CHECKS } from './cors.ts';
import { HTTP_REPLY_CHECKS } from './http-replies.ts';
import { KEPT_FIELD_CHECKS } from './kept-fields.ts';
import { PRACTICE_CHECKS } from './practice.ts';
import { REPLY_CHECKS } from './replies.ts';
import { REQUEST_CHECKS } from './requests.ts';
import { SERVED_CHECKS } from './served.ts';
import { TRAP_CHECKS } from './traps.ts';
import { VALUE_CHECKS } from './values.ts';

const KINDS = 'RDTS';

/** All checks, in the order of the table of requirements. */
export const CHECKS: readonly Check[] = [
  ...REQUEST_CHECKS,
  ...BOMB_CHECKS,
  ...REPLY_CHECKS,
  ...HTTP_REPLY_CHECKS,
  ...VALUE_CHECKS,
  ...CORS_CHECKS,
  ...PRACTICE_CHECKS,
  ...KEPT_FIELD_CHECKS,
  ...TRAP_CHECKS,
  ...SERVED_CHECKS,
].sort((a, b) => placeOf(a.id) - placeOf(b.id));

function placeOf(id: string): number {
  return KINDS.indexOf(id.charAt(0)) * 1_000 + Number(id.slice(1));
}
