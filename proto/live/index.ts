export * from './close.ts';
export * from './frames.ts';
export * from './topics.ts';
