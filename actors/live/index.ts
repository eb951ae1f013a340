export * from './live-actor.ts';
export * from './live-client.ts';
