export * from './duration-bucket.ts';
export * from './duration-sketch.ts';
export * from './segment-figures.ts';
export { readRequests, type SpanRequests } from './span-requests.ts';
export * from './words.ts';
