export * from './actor-system.ts';
