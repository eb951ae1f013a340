export type { RedSecond } from './red-series.ts';
export * from './service-actor.ts';
