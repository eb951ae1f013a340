export { ControlDatabaseError } from './control-database-error.ts';
export type { ControlDatabase, ControlQueries } from './control-database.ts';
export { openControlDatabase, type ControlDatabaseTarget, type OpenControlDatabaseOptions } from './open.ts';
