export { spawnAdviceActor, type AdviceMessage, type AdviceOptions, type AdviceRef } from './advice-actor.ts';
