export { createServiceFeed, createTailFeed, LiveProvider, useLive } from './create-live.tsx';
export type { Live, RedFeed, TailFeed } from './create-live.tsx';
export type { LiveState } from './connection.ts';
export { slotOf, type RedSeries, type RedStore } from './red-store.ts';
export { figuresOver, ingestOver, p95Deviation, type RedFigures } from './red-figures.ts';
export type { LogTailRow, SpanTailRow, TailRow } from './tail-rows.ts';
