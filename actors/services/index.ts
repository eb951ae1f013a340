export * from './services-actor.ts';
export * from './window-budget.ts';
