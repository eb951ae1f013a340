export { atATime } from './at-a-time.ts';
export * from './outlook-engine.ts';
export { rangeSeries, type RangeSeries, type StepGrid } from './range-series.ts';
export { PromqlRefusedError } from './promql-refused-error.ts';
