export { parseSearch } from './parse-search.ts';
export { RowSelection, timeWords } from './row-selection.ts';
