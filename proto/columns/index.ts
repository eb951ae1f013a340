export * from './batch.ts';
export * from './dictionary.ts';
export * from './layout.ts';
export * from './signals.ts';
export * from './duration.ts';
export * from './service-id.ts';
