export { type LoadSample, saturationCurve } from './saturation-curve.ts';
