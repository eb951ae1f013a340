export * from './directory-in-use-error.ts';
export * from './directory-lock.ts';
export * from './directory-unusable-error.ts';
