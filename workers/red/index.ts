export * from './duration-sketch.ts';
export * from './span-requests.ts';
export * from './words.ts';
