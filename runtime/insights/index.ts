export * from './insight-retention.ts';
export * from './insight-store.ts';
