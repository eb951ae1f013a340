export * from './ingest.ts';
export { Ledger, type RefusalReason } from './ledger.ts';
export * from './outcome.ts';
