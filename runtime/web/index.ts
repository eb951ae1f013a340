export * from './static-files.ts';
