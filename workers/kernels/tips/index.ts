export { findTraceTips, LARGE_PAYLOAD_BYTES, SLOW_STATEMENT_MS } from './find-trace-tips.ts';
export { plainStatement } from './statement.ts';
export type { Call, CallSystem, Tip, TipCategory, TipSpan, TipTrace } from './tip-input.ts';
export { TIP_CATEGORIES } from './tip-input.ts';
