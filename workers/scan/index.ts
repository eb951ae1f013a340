export * from './time-range.ts';
export * from './trace-id-set.ts';
