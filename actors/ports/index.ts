export * from './insight-store.ts';
export * from './log-template-store.ts';
export * from './query-run.ts';
export * from './segment-source.ts';
export * from './storage-unavailable-error.ts';
export * from './telemetry-archive.ts';
export * from './telemetry-history.ts';
export * from './watch-state-store.ts';
