export * from './control-database.ts';
export { mayChangeAuditLog } from './grant-rights.ts';
export * from './open-control-database.ts';
