export { noRedSize, type RedKept, type RedSize } from './red-board.ts';
export type { RedSecond } from './red-series.ts';
export * from './service-actor.ts';
export { arrivedRows, type ArrivedRows, type Joined } from './window.ts';
