import type { Config } from '../config/index.ts';
import { actorOf, type Admitted, type Refusal, type RefusalLog } from '../doors/index.ts';
import { ApiError } from './api-error.ts';

/** What a caller may be allowed to do beyond reading. */
export type Right = 'sql:run';

export interface Rights {
  /** What this installation allows to those who have the permission. */
  readonly granted: ReadonlySet<Right>;
  readonly noteRefusal: (refusal: Refusal) => void;
}

export function openRights({ sql }: Pick<Config, 'sql'>, refusals: Pick<RefusalLog, 'note'>): Rights {
  return {
    granted: new Set(sql === 'on' ? (['sql:run'] as const) : []),
    noteRefusal: (refusal) => {
      refusals.note(refusal);
    },
  };
}

/** The one place where a right is asked for. Whoever asks has the permission already. */
export function requireRight(
  { granted, noteRefusal }: Rights,
  right: Right,
  { principal, address }: Pick<Admitted, 'principal' | 'address'>,
): void {
  if (granted.has(right)) return;
  const reason = 'SQL is switched off';
  noteRefusal({ actor: principal ? actorOf(principal) : 'anonymous', target: right, address, reason });
  throw new ApiError(
    'FORBIDDEN',
    reason,
    'set OPHION_SQL=on to allow it to those with the permission sql:run',
  );
}
