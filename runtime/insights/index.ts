export * from './advice-store.ts';
export * from './change-store.ts';
export * from './insight-retention.ts';
export * from './insight-store.ts';
export * from './log-template-store.ts';
export * from './watch-state-file.ts';
