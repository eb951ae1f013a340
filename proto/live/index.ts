export * from './close.ts';
export * from './frames.ts';
export * from './tail-gap.ts';
export * from './topics.ts';
