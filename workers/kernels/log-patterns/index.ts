export {
  type LogPattern,
  PatternMiner,
  type PatternMinerOptions,
  type PatternMinerState,
  type PatternParameter,
} from './pattern-miner.ts';
export { type ParameterType, parameterValues, withSingleBlanks } from './parameters.ts';
