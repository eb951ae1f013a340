export * from './control-database.ts';
export * from './open-control-database.ts';
