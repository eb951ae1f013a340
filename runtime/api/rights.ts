import { ApiError } from './api-error.ts';

/** What a caller may be allowed to do beyond reading. */
export type Right = 'sql:run';

export interface Rights {
  readonly granted: ReadonlySet<Right>;
}

/** The one place where a right is asked for. Until there are users, everybody who reaches the API has the same. */
export function requireRight({ granted }: Rights, right: Right): void {
  if (granted.has(right)) return;
  throw new ApiError(
    'FORBIDDEN',
    'SQL is switched off',
    'set OPHION_SQL=on to allow it to whoever reaches the API',
  );
}
