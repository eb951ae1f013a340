export * from './ingest.ts';
export * from './outcome.ts';
