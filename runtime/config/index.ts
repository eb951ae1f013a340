export * from './read-config.ts';
export type { Config } from './settings.ts';
