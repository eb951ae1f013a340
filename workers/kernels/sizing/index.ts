export { judgeSize } from './judge-size.ts';
export { NO_USAGE, observeUsage } from './observe-usage.ts';
export * from './sizing-input.ts';
