export {
  type LogPattern,
  PatternMiner,
  type PatternMinerOptions,
  type PatternMinerState,
  type PatternParameter,
} from './pattern-miner.ts';
export { type ParameterType, parameterValues, withSingleBlanks } from './parameters.ts';
export {
  type PatternActivity,
  PatternStatistics,
  type PatternStatisticsOptions,
  type PatternTrend,
} from './pattern-statistics.ts';
export { fingerprintStack, type StackFingerprint, type StackLanguage } from './stack-fingerprint.ts';
