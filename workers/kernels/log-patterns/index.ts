export { absenceOf, noveltyOf, riseOf, type PatternCells, type PatternChange } from './pattern-change.ts';
export { PatternMiner, typedParameters, type PatternMerge, type PatternMinerState } from './pattern-miner.ts';
export { patternSearchTerm } from './pattern-search.ts';
export {
  PatternStatistics,
  type PatternActivity,
  type PatternActivityState,
  type PatternTrend,
} from './pattern-statistics.ts';
export { fingerprintStack } from './stack-fingerprint.ts';
