export { findExemplars } from './find-exemplars.ts';
export { newestExemplars } from './newest-exemplars.ts';
export { seriesRows } from './series-rows.ts';
