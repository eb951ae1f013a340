export { attributeText } from './attribute-text.ts';
export { BatchEncoder, emptyColumns, type SegmentKey } from './batch-encoder.ts';
export { EntryIds, entryId, type EntryTable } from './entry-ids.ts';
export { EntryEncoder, type EntryRowsOf } from './entry-encoder.ts';
