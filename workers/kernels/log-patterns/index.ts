export { absenceOf, noveltyOf, riseOf } from './pattern-change.ts';
export { PatternMiner, typedParameters, type PatternMerge, type PatternMinerState } from './pattern-miner.ts';
export { patternSearchTerm } from './pattern-search.ts';
export { PatternStatistics, type PatternActivity, type PatternActivityState } from './pattern-statistics.ts';
export { fingerprintStack } from './stack-fingerprint.ts';
