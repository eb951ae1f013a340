export { learnCeiling } from './learn-ceiling.ts';
export { type LoadSample, saturationCurve } from './saturation-curve.ts';
