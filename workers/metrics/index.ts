export { findExemplars } from './find-exemplars.ts';
export { findPoints } from './find-points.ts';
export { newestExemplars } from './newest-exemplars.ts';
