export { PatternMiner, type PatternMinerState } from './pattern-miner.ts';
export { PatternStatistics } from './pattern-statistics.ts';
export { fingerprintStack } from './stack-fingerprint.ts';
