export * from './read-settings.ts';
export * from './secret-store.ts';
export * from './settings-diff.ts';
export * from './settings-error.ts';
export * from './settings-store.ts';
