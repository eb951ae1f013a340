export * from './compression.ts';
export { inflate } from './inflate.ts';
export type { InflateBounds, Inflated } from './inflated.ts';
