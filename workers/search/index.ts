export { parseSearch } from './parse-search.ts';
export { RowSelection, timeWords } from './row-selection.ts';
export {
  findLogs,
  findSpansOf,
  findTraces,
  type FindTracesInput,
  type PlacedBatch,
  type RowPlaces,
  type TraceHits,
} from './find-rows.ts';
export { logSearch, spanSearch, type LogTerms, type SpanTerms } from './search-terms.ts';
export { syntaxMessage } from './syntax-message.ts';
