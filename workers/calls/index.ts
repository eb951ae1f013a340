export { collectCalls } from './collect-calls.ts';
export { findTips } from './find-tips.ts';
