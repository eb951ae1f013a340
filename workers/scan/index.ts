export * from './time-range.ts';
export * from './trace-id-set.ts';
export { isOfSample, traceHash, traceWords } from './trace-sample.ts';
