export { noRedSize, type RedKept, type RedSize } from './red-board.ts';
export type { RedSecond } from './red-series.ts';
export * from './service-actor.ts';
export type { Joined } from './window.ts';
