export { collectCalls, type CollectedSpan, type CollectCallsInput } from './collect-calls.ts';
export { findTips } from './find-tips.ts';
