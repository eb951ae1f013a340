export * from './ingest.ts';
export { Ledger } from './ledger.ts';
export { KnownRequests } from './known-requests.ts';
export { MemoryGate } from './memory-gate.ts';
export * from './outcome.ts';
export type { RefusalReason } from './refusals.ts';
export { recogniseRepeats, type RequestJournal } from './repeated-requests.ts';
export { RetryDelay } from './retry-delay.ts';
export { journalSegments } from './journal-segments.ts';
