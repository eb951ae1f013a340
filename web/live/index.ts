export {
  createInsightFeed,
  createServiceFeed,
  createTailFeed,
  LiveProvider,
  useLive,
} from './create-live.tsx';
export { isAboutMetric } from './about-metric.ts';
export { affects } from './insight-store.ts';
export type { InsightFeed, RedFeed } from './create-live.tsx';
export { slotOf, type RedSeries, type RedStore } from './red-store.ts';
export { figuresOver, ingestOver, p95Deviation, type RedFigures } from './red-figures.ts';
export type { LogTailRow, SpanTailRow, TailRow } from './tail-rows.ts';
