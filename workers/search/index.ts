export { attributeOf } from './field-conditions.ts';
export { parseSearch } from './parse-search.ts';
export { AttributeMatcher, numberIn } from './attribute-matcher.ts';
export { attributeKeys } from './attribute-keys.ts';
export { hasRepeatedKeys } from './repeated-keys.ts';
export { RowSelection, timeWords } from './row-selection.ts';
export { findLogs, findSpansOf, findTraces, type FindLogsInput, type FindTracesInput } from './find-rows.ts';
export { logSearch, spanSearch, type LogTerms, type SpanTerms } from './search-terms.ts';
export { syntaxMessage } from './syntax-message.ts';
