export * from './frames.ts';
export * from './topics.ts';
