export * from './topology-actor.ts';
