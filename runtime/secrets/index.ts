export * from './master-key.ts';
export * from './sealer.ts';
