export { nothingWatched, type CausesAnswer, type CausesQuery } from './causes-on-request.ts';
export { NOTHING_EXPECTED, type ExpectedFigures, type ExpectedQuery } from './expected-history.ts';
export { insightSaver } from './insight-saver.ts';
export { CROWDED_REASONS, MISS_REASONS } from './insight-counters.ts';
export {
  spawnInsightsActor,
  type InsightsMessage,
  type InsightsRef,
  type InsightsStatus,
} from './insights-actor.ts';
export type { PatternList, PatternListQuery } from './pattern-list.ts';
