export * from './archive-actor.ts';
