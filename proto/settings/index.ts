export * from './configuration.ts';
export * from './secrets.ts';
export * from './settings.ts';
