export { collectCalls, joinTraces, type CollectedSpan, type CollectCallsInput } from './collect-calls.ts';
