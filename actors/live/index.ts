export { spawnLiveActor } from './live-actor.ts';
export * from './live-client.ts';
export type { LiveRef } from './live-state.ts';
