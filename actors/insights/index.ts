export type { InsightsOptions } from './engine-options.ts';
export { InsightSaver } from './insight-saver.ts';
export { MISS_REASONS, type InsightCounters, type MissReason } from './insight-counters.ts';
export {
  spawnInsightsActor,
  type InsightsMessage,
  type InsightsRef,
  type InsightsStatus,
} from './insights-actor.ts';
