export { compareTraces, type PathFigures } from './compare-traces.ts';
export { criticalPath } from './critical-path.ts';
export { selfTimes } from './self-times.ts';
