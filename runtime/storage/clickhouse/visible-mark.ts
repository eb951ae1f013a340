import type { QueryRun } from '../../../actors/ports/index.ts';

/** Stands before the condition that leaves out what whoever asks may not see. */
export const VISIBLE_MARK = '/* visible */';

/** Tables whose rows belong to services. */
const OF_SERVICES =
  /\b(?:FROM|JOIN)\s+(?:spans|logs|metric_points|metric_(?:days|hours|slots)|(?:service_)?red_\w+)\b/gi;

/** A bug: a statement would have shown rows of all services to somebody who may see some. */
export class VisibilityForgottenError extends Error {
  constructor(sql: string) {
    super(`a statement reads services without asking which may be seen: ${sql.slice(0, 200)}`);
    this.name = 'VisibilityForgottenError';
  }
}

/** Throws unless each of the statement's tables of services has the condition. */
export function requireVisibility(sql: string, { visible }: Pick<QueryRun, 'visible'>): void {
  if (visible === 'all') return;
  const tables = sql.match(OF_SERVICES)?.length ?? 0;
  if (sql.split(VISIBLE_MARK).length - 1 < tables) throw new VisibilityForgottenError(sql);
}
